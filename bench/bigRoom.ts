import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeviceId, initAsync, OlmMachine, RequestType, UserId } from '@matrix-org/matrix-sdk-crypto-wasm';
import { registerAccount, request } from '../src/dev/admin.ts';
import type { HospitalInfo } from '../src/dev/hospitalInfo.ts';
import { withHospital } from '../src/dev/temporaryHospital.ts';
import { atOnce, plainMessages, ticketPosts } from './load.ts';
import { quantile, type Ratio, round } from './ratios.ts';
import { asToken, control } from './ward.ts';

const ROUNDS = 5;
/** As many as one session has by default: every block has the cost of one new session. */
const COUNT = 100;
/** As many as Wardroom sends at once: the homeserver stores what comes together in one go, for either side. */
const AT_ONCE = 16;
const MEMBERS = { small: 5, big: 500 } as const;
type Size = keyof typeof MEMBERS;

/**
 * (cost of an encrypted message / of a plain one, at 500 members) / (the same at 5 members), in alternating blocks of one run. Every
 * member has a device with keys; the plain rooms have the same members as the encrypted ones. `devices: all`, because signing 500
 * identities would take longer than all the measuring; what a message costs does not depend on it.
 */
export async function bigRoom(say: (line: string) => void): Promise<Ratio> {
  const data = fileURLToPath(new URL('./bigRoom.yaml', import.meta.url));
  const prepare = async (dir: string) => {
    const file = join(dir, 'devices.yaml');
    writeFileSync(file, 'crypto: {devices: all}\n');
    return [file];
  };
  return withHospital({ name: 'bench', data, prepare, say }, (hospital) => measure(hospital, say));
}

async function measure(hospital: HospitalInfo, say: (line: string) => void): Promise<Ratio> {
  const people = await makePeople(hospital, MEMBERS.big, say);
  const rooms: Record<Size, { readonly account: string; readonly plain: string }> = {
    small: { account: 'SMALL', plain: await fill(hospital, 'SMALL', people, MEMBERS.small) },
    big: { account: 'BIG', plain: await fill(hospital, 'BIG', people, MEMBERS.big) },
  };
  const ward = { hospital, token: hospital.services[0]?.token ?? '' };
  const sender = people[0]!;
  const plain = (size: Size) =>
    plainMessages(
      (transaction, body) =>
        request(
          'PUT',
          `${hospital.homeserver_url}/_matrix/client/v3/rooms/${encodeURIComponent(rooms[size].plain)}/send/m.room.message/${transaction}`,
          {
            token: sender.accessToken,
            body: { msgtype: 'm.text', body },
          },
        ),
      COUNT,
      AT_ONCE,
    );
  const encrypted = (size: Size) => ticketPosts(ward, COUNT, AT_ONCE, rooms[size].account);
  await control(hospital, 'look');
  say('  the first messages give every device its key');
  const costs: Record<Size, number[]> = { small: [], big: [] };
  const parts: Record<string, number> = {};
  const all: Record<string, number[]> = {};
  for (let index = -1; index < ROUNDS; index += 1) {
    for (const size of ['small', 'big'] as const) {
      const [plainMs, encryptedMs] = [((await plain(size)) / COUNT) * 1000, ((await encrypted(size)) / COUNT) * 1000];
      say(
        `  ${MEMBERS[size]} members, round ${index + 1}: plain ${round(plainMs, 1)} ms, encrypted ${round(encryptedMs, 1)} ms`,
      );
      if (index < 0) continue;
      costs[size].push(encryptedMs / plainMs);
      all[`plain_ms_${MEMBERS[size]}`] = [...(all[`plain_ms_${MEMBERS[size]}`] ?? []), plainMs];
      all[`encrypted_ms_${MEMBERS[size]}`] = [...(all[`encrypted_ms_${MEMBERS[size]}`] ?? []), encryptedMs];
    }
  }
  for (const [name, values] of Object.entries(all)) parts[name] = round(quantile(values, 0.5), 1);
  for (const size of ['small', 'big'] as const)
    parts[`encrypted_per_plain_${MEMBERS[size]}`] = round(quantile(costs[size], 0.5));
  return { value: round(quantile(costs.big, 0.5) / quantile(costs.small, 0.5)), parts };
}

interface Somebody {
  readonly userId: string;
  readonly accessToken: string;
}

/** People with one device each, whose keys are public. */
async function makePeople(
  hospital: HospitalInfo,
  count: number,
  say: (line: string) => void,
): Promise<readonly Somebody[]> {
  await initAsync();
  const people: Somebody[] = [];
  let next = 0;
  await atOnce(count, 4, async () => {
    next += 1;
    const localpart = `member${next}`;
    const account = await registerAccount(hospital.homeserver_url, hospital.registration_shared_secret, {
      localpart,
      password: randomBytes(16).toString('hex'),
      admin: false,
    });
    const machine = await OlmMachine.initialize(new UserId(account.userId), new DeviceId(account.deviceId));
    for (const outgoing of await machine.outgoingRequests())
      if (outgoing.type === RequestType.KeysUpload)
        await request('POST', `${hospital.homeserver_url}/_matrix/client/v3/keys/upload`, {
          token: account.accessToken,
          body: JSON.parse((outgoing as { body: string }).body) as unknown,
        });
    machine.close();
    people.push(account);
    if (people.length % 100 === 0) say(`  ${people.length} of ${count} people`);
  });
  return people;
}

/** Brings people into the account's room, and makes a plain room with the same members; returns the plain one. */
async function fill(
  hospital: HospitalInfo,
  account: string,
  people: readonly Somebody[],
  members: number,
): Promise<string> {
  const entry = hospital.services[0]?.accounts.find(({ id }) => id === account);
  if (!entry?.room_id) throw new Error(`no room of ${account}`);
  const as = (path: string, body: unknown, user = hospital.bot_user_id) =>
    request<{ room_id: string }>(
      'POST',
      `${hospital.homeserver_url}${path}?user_id=${encodeURIComponent(user ?? '')}`,
      {
        token: asToken(hospital),
        body,
      },
    );
  const { room_id: plain } = await as('/_matrix/client/v3/createRoom', { preset: 'private_chat', room_version: '12' });
  const inRoom = async (room: string) =>
    Object.keys(
      (
        await request<{ joined: Record<string, unknown> }>(
          'GET',
          `${hospital.homeserver_url}/_matrix/client/v3/rooms/${encodeURIComponent(room)}/joined_members?user_id=${encodeURIComponent(hospital.bot_user_id ?? '')}`,
          { token: asToken(hospital) },
        )
      ).joined,
    );
  const already = await inRoom(entry.room_id);
  await as(`/_matrix/client/v3/rooms/${encodeURIComponent(plain)}/invite`, { user_id: entry.voice_user_id });
  await as(`/_matrix/client/v3/rooms/${encodeURIComponent(plain)}/join`, {}, entry.voice_user_id ?? '');
  const others = already.filter((user) => user !== hospital.bot_user_id && user !== entry.voice_user_id);
  for (const user of others) await as(`/_synapse/admin/v1/join/${encodeURIComponent(plain)}`, { user_id: user });
  for (const { userId } of people.slice(0, members - already.length))
    for (const room of [entry.room_id, plain])
      await as(`/_synapse/admin/v1/join/${encodeURIComponent(room)}`, { user_id: userId });
  return plain;
}
