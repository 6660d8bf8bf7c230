import { userId } from '../../kernel/ids.ts';
import { HomeserverClient, type MatrixRequest } from '../../matrix/index.ts';
import type { Config } from '../config/index.ts';
import { readRegistration } from '../registration.ts';

export interface DeviceFinding {
  readonly code: 'no-device' | 'not-seen' | 'not-asked';
  readonly person: string;
  readonly what: string;
}

const DAY_MS = 24 * 3_600_000;
const TIMEOUT_MS = 10_000;

interface Keys {
  readonly device_keys?: Record<
    string,
    Record<string, { readonly signatures?: Record<string, Record<string, string>> }>
  >;
  readonly self_signing_keys?: Record<string, { readonly keys?: Record<string, string> }>;
}

/**
 * Which of these people could read no page: no device that gets keys (`crypto.devices`), or none seen by the homeserver for so many
 * days (null: that is not asked). Last seen times need the admin API; without it only devices are looked at. People of other homeservers have no last seen time.
 */
export async function deviceFindings(
  config: Config,
  people: ReadonlyMap<string, string>,
  now: number,
  unseenDays: number | null,
): Promise<readonly DeviceFinding[]> {
  const server = config.homeserver.server_name;
  const client = new HomeserverClient({
    url: config.homeserver.url,
    asToken: readRegistration(config.appservice.registration_file).as,
  });
  const ask = client.requestAs(userId(`@wardroom:${server}`));
  try {
    const users = [...people.values()];
    const answer = await ask('POST', '/_matrix/client/v3/keys/query', {
      body: { device_keys: Object.fromEntries(users.map((user) => [user, []])) },
      timeoutMs: TIMEOUT_MS,
    }).catch(() => null);
    if (answer?.status !== 200)
      return [{ code: 'not-asked', person: '', what: 'devices were not looked at: the homeserver did not answer' }];
    const findings: DeviceFinding[] = [];
    for (const [person, user] of people) {
      if (usableDevices(answer.body as Keys, user, config.crypto.devices === 'all') === 0) {
        findings.push({ code: 'no-device', person, what: `${person} (${user}) has no device that can be sent keys` });
        continue;
      }
      const seen = unseenDays !== null && user.endsWith(`:${server}`) ? await lastSeen(ask, user) : null;
      if (seen !== null && unseenDays !== null && now - seen > unseenDays * DAY_MS)
        findings.push({
          code: 'not-seen',
          person,
          what: `${person} (${user}) was last seen ${Math.floor((now - seen) / DAY_MS)} days ago`,
        });
    }
    return findings;
  } finally {
    client.close();
  }
}

/** Their signatures are checked by the crypto engine before a key is sent; here it is enough that there are any. */
function usableDevices(keys: Keys, user: string, all: boolean): number {
  const devices = Object.values(keys.device_keys?.[user] ?? {});
  if (all) return devices.length;
  const signing = Object.keys(keys.self_signing_keys?.[user]?.keys ?? {});
  return devices.filter((device) => signing.some((id) => device.signatures?.[user]?.[id] !== undefined)).length;
}

async function lastSeen(ask: MatrixRequest, user: string): Promise<number | null> {
  const path = `/_synapse/admin/v2/users/${encodeURIComponent(user)}/devices`;
  const answer = await ask('GET', path, { timeoutMs: TIMEOUT_MS }).catch(() => null);
  if (answer?.status !== 200) return null;
  const { devices } = answer.body as { devices?: readonly { readonly last_seen_ts?: number | null }[] };
  const times = (devices ?? []).flatMap(({ last_seen_ts: at }) => (typeof at === 'number' ? [at] : []));
  return times.length > 0 ? Math.max(...times) : null;
}
