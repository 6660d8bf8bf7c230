import type { DeviceTrust } from '../flows/incidentsPort.ts';
import type { UserId } from '../kernel/ids.ts';
import type { MatrixRequest } from './matrixRequest.ts';

const TIMEOUT_MS = 10_000;

interface Keys {
  readonly device_keys?: Record<string, Record<string, Device>>;
  readonly self_signing_keys?: Record<string, { readonly keys?: Record<string, string> }>;
}

interface Device {
  readonly signatures?: Record<string, Record<string, string>>;
  /** MSC3814: keys that wait at the homeserver for a device that nobody has yet. */
  readonly dehydrated?: boolean;
}

/**
 * Every device of these people that can encrypt, and whether it is signed by its owner's identity, as the homeserver shows them. Signatures are checked
 * by the crypto engine before a key is sent; here it is enough whether there are any. Null: no answer.
 */
export async function deviceTrust(
  request: MatrixRequest,
  users: readonly UserId[],
): Promise<readonly DeviceTrust[] | null> {
  const answer = await request('POST', '/_matrix/client/v3/keys/query', {
    body: { device_keys: Object.fromEntries(users.map((user) => [user, []])) },
    timeoutMs: TIMEOUT_MS,
  }).catch(() => null);
  if (answer?.status !== 200) return null;
  const { device_keys: devices = {}, self_signing_keys: signing = {} } = answer.body as Keys;
  return users.flatMap((user) => {
    const keys = Object.keys(signing[user]?.keys ?? {});
    return Object.entries(devices[user] ?? {})
      .filter(([, { dehydrated }]) => dehydrated !== true)
      .map(([device, { signatures }]) => ({
        user,
        device,
        isSigned: keys.some((key) => signatures?.[user]?.[key] !== undefined),
      }));
  });
}
