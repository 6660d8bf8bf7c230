import type { RoomId, UserId } from '../../kernel/ids.ts';
import { findRooms, type MatrixRequest, purposeKey } from '../../matrix/index.ts';
import { type Check, type Finding, fault, type Patient, warning, well } from './finding.ts';

const TIMEOUT_MS = 10_000;

/** The rooms that `report` and `digest` steps name: whether there is one, which the bot can write into, encrypted. */
export const reportRooms: Check = async (patient) => {
  const { config, asUser, botUser, place } = patient;
  if (asUser === null) return [];
  const steps = new Map<string, string>();
  for (const [name, { steps: all }] of Object.entries(config.dispatch.protocols))
    for (const { do: action, to } of all)
      if ((action === 'report' || action === 'digest') && to?.startsWith('#') && !steps.has(to))
        steps.set(to, place(`protocols.${name}`));
  const ask = asUser(botUser);
  // Looked for once, and only when it matters.
  let own: ReturnType<typeof findRooms> | undefined;
  const made = async (alias: string) => {
    own ??= findRooms(botUser, ask);
    const rooms = await own;
    return rooms.ok ? rooms.value.get(purposeKey({ purpose: 'report', alias })) : undefined;
  };
  const looks = [...steps].map(([alias, step]) => roomOf(alias, step, patient, ask, made));
  const found = (await Promise.all(looks)).flat();
  return steps.size > 0 && found.length === 0
    ? [well('report-rooms', `every room that reports go to is there (${steps.size})`)]
    : found;
};

async function roomOf(
  alias: string,
  step: string,
  { config, botUser }: Patient,
  ask: MatrixRequest,
  made: (alias: string) => Promise<RoomId | undefined>,
): Promise<readonly Finding[]> {
  const get = (path: string) => ask('GET', path, { timeoutMs: TIMEOUT_MS }).catch(() => null);
  const listed = await get(`/_matrix/client/v3/directory/room/${encodeURIComponent(alias)}`);
  // Others say that the homeserver does not answer.
  if (listed === null || listed.status === 401) return [];
  const room = (listed.body as { room_id?: unknown } | null)?.room_id;
  if (listed.status !== 200 || typeof room !== 'string') {
    const isOwn = alias.endsWith(`:${config.homeserver.server_name}`);
    return [isOwn ? unnamed(alias, step, botUser, await made(alias)) : elsewhere(alias, step, botUser)];
  }
  const encryption = await get(`/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/m.room.encryption`);
  if (encryption?.status === 403)
    return [
      warning(
        'report-rooms',
        `${botUser} is not in ${alias}: it joins when the first report is due, if it is invited by then`,
        `invite ${botUser} to it: ${step}`,
      ),
    ];
  if (encryption?.status !== 404) return [];
  return [
    fault('report-rooms', `${alias} is not encrypted: no report goes into it`, `turn its encryption on: ${step}`),
  ];
}

/** An application service may give no alias outside its namespace, a server admin's neither (M_EXCLUSIVE): people have to. */
function unnamed(alias: string, step: string, botUser: UserId, made: RoomId | undefined): Finding {
  if (made !== undefined)
    return warning(
      'report-rooms',
      `the room that Wardroom made for ${alias} (${made}) has no alias: Wardroom may give it none`,
      `one of its readers gives it: PUT /_matrix/client/v3/directory/room/${encodeURIComponent(alias)} {"room_id": "${made}"}`,
    );
  return warning(
    'report-rooms',
    `no room has the alias ${alias}: Wardroom will make one for report_readers, without the alias, which it may not give`,
    `make an encrypted room with this alias and invite ${botUser}, to choose its readers yourself: ${step}`,
  );
}

const elsewhere = (alias: string, step: string, botUser: UserId): Finding =>
  warning(
    'report-rooms',
    `${alias} cannot be found, and Wardroom makes no room on another homeserver: its reports wait`,
    `have it made there, encrypted, and ${botUser} invited, or name a room of this homeserver: ${step}`,
  );
