import { userId } from '../../kernel/ids.ts';
import { HomeserverClient, type MatrixRequest } from '../../matrix/index.ts';
import { adminTokenOf } from '../adminToken.ts';
import type { Config } from '../config/index.ts';
import { readRegistration } from '../registration.ts';

export interface DeviceFinding {
  /** `not-asked`: of this person, or where it is empty of nobody, could be learnt whether there is a device. */
  readonly code: 'no-device' | 'not-seen' | 'not-asked';
  readonly person: string;
  readonly what: string;
}

export interface DeviceFindings {
  readonly findings: readonly DeviceFinding[];
  /** False: the homeserver told nobody's last seen times, because the bot is no server admin there. */
  readonly seenKnown: boolean;
}

const DAY_MS = 24 * 3_600_000;
const TIMEOUT_MS = 10_000;

interface Device {
  readonly signatures?: Record<string, Record<string, string>>;
  /** MSC3814: keys that wait at the homeserver for a device that nobody has yet. */
  readonly dehydrated?: boolean;
}

interface Keys {
  readonly device_keys?: Record<string, Record<string, Device>>;
  readonly self_signing_keys?: Record<string, { readonly keys?: Record<string, string> }>;
  /** Other homeservers that did not answer. */
  readonly failures?: Record<string, unknown>;
}

/**
 * Which of these people could read no page: no device that gets keys (`crypto.devices`), or none of those seen by the homeserver for
 * so long (null: that is not asked). Last seen times need the admin API; without it only devices are looked at. People of other
 * homeservers have no last seen time. `now` is the machine's time, as the homeserver's times are.
 */
export async function deviceFindings(
  config: Config,
  people: ReadonlyMap<string, string>,
  now: number,
  unseenMs: number | null,
): Promise<DeviceFindings> {
  const server = config.homeserver.server_name;
  const client = new HomeserverClient({
    url: config.homeserver.url,
    asToken: readRegistration(config.appservice.registration_file).as,
    adminToken: adminTokenOf(config),
  });
  const ask = client.requestAs(userId(`@wardroom:${server}`));
  try {
    const answer = await ask('POST', '/_matrix/client/v3/keys/query', {
      body: { device_keys: Object.fromEntries([...people.values()].map((user) => [user, []])) },
      timeoutMs: TIMEOUT_MS,
    }).catch(() => null);
    if (answer?.status !== 200) {
      const what = 'devices were not looked at: the homeserver did not answer';
      return { findings: [{ code: 'not-asked', person: '', what }], seenKnown: true };
    }
    const keys = answer.body as Keys;
    const findings: DeviceFinding[] = [];
    let seenKnown = true;
    for (const [person, user] of people) {
      const found = (code: DeviceFinding['code'], what: string) =>
        findings.push({ code, person, what: `${person} (${user}) ${what}` });
      const home = user.slice(user.indexOf(':') + 1);
      const usable = usableDevices(keys, user, config.crypto.devices === 'all');
      if (usable.length === 0 && Object.hasOwn(keys.failures ?? {}, home))
        found('not-asked', `was not looked at: ${home} did not answer`);
      else if (usable.length === 0) found('no-device', 'has no device that can be sent keys');
      else if (unseenMs !== null && home === server) {
        const seen = await lastSeen(ask, user, usable);
        if (seen === 'not-told') seenKnown = false;
        else if (seen !== null && now - seen > unseenMs)
          found('not-seen', `was last seen ${Math.floor((now - seen) / DAY_MS)} days ago`);
      }
    }
    return { findings, seenKnown };
  } finally {
    client.close();
  }
}

/** Their signatures are checked by the crypto engine before a key is sent; here it is enough that there are any. */
function usableDevices(keys: Keys, user: string, all: boolean): readonly string[] {
  const signing = Object.keys(keys.self_signing_keys?.[user]?.keys ?? {});
  return Object.entries(keys.device_keys?.[user] ?? {})
    .filter(([, { dehydrated, signatures }]) => {
      const isSigned = signing.some((id) => signatures?.[user]?.[id] !== undefined);
      return dehydrated !== true && (all || isSigned);
    })
    .map(([id]) => id);
}

/** When the homeserver last heard of one of these devices; null when it does not say. */
async function lastSeen(
  ask: MatrixRequest,
  user: string,
  usable: readonly string[],
): Promise<number | 'not-told' | null> {
  const path = `/_synapse/admin/v2/users/${encodeURIComponent(user)}/devices`;
  const answer = await ask('GET', path, { timeoutMs: TIMEOUT_MS }).catch(() => null);
  if (answer?.status === 403) return 'not-told';
  if (answer?.status !== 200) return null;
  const { devices = [] } = answer.body as {
    devices?: readonly { readonly device_id: string; readonly last_seen_ts?: number | null }[];
  };
  const times = devices.flatMap(({ device_id: id, last_seen_ts: at }) =>
    usable.includes(id) && typeof at === 'number' ? [at] : [],
  );
  return times.length > 0 ? Math.max(...times) : null;
}
