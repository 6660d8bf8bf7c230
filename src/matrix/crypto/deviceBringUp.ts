import { randomInt } from 'node:crypto';
import type { CryptoLease, StoredVoice } from '../../flows/cryptoPort.ts';
import { type DeviceId, deviceId, type UserId } from '../../kernel/ids.ts';
import type { MatrixRequest } from '../matrixRequest.ts';
import { Courier, DeviceUnusable } from './courier.ts';
import { Engine, EngineFailed, type EngineListener } from './engine.ts';
import { bringUpIdentity } from './identityBringUp.ts';
import { RequestRefused } from './requestRefused.ts';
import { StoreDigest } from './storeDigest.ts';
import type { CryptoCode } from './types.ts';
import { seal, unseal, type VoiceKeys } from './voiceKeys.ts';
import { epochAtHomeserver, Witness } from './witness.ts';

/** The store or the sealed identity was made with another passphrase. Not a lost store: nothing is thrown away. */
export class WrongPassphrase extends Error {
  constructor() {
    super('crypto passphrase does not fit the store');
  }
}

export interface BringUpOptions {
  readonly user: UserId;
  readonly lease: CryptoLease;
  readonly request: MatrixRequest;
  readonly keys: VoiceKeys;
  readonly listener: EngineListener;
  readonly onCode: (code: CryptoCode) => void;
  /** The stored device turned out unusable: leave it and make another. */
  readonly replaceDevice: boolean;
}

export interface BroughtUp {
  readonly engine: Engine;
  readonly courier: Courier;
  readonly device: DeviceId;
  readonly since: string | null;
}

/**
 * The voice's device from its store, or a new one (MSC4190, matrix.md 4.4). A device whose records are lost, damaged, set back or of
 * another device is never used again (matrix.md 3.3): a new one takes its place, signed by the same identity, and the old one is
 * deleted.
 */
export async function bringUpDevice(options: BringUpOptions): Promise<BroughtUp> {
  const { user, lease, request, keys, onCode } = options;
  let stored = await lease.load();
  const kept = inspect(keys, user, stored);
  const told = await epochAtHomeserver(request, user);
  const reason = options.replaceDevice ? null : await whyNew(options, stored, kept, told);
  if (stored.deviceId === null || options.replaceDevice || reason !== null) {
    if (reason !== null) onCode(reason);
    await lease.startDevice(newDeviceId(), Math.max(stored.epoch, told));
    stored = await lease.load();
    onCode('crypto.device_created');
  }
  const device = stored.deviceId;
  if (device === null) throw new Error('no device was stored');

  const engine = new Engine(lease, options.listener, new StoreDigest(keys.digest, stored.databases), stored.epoch);
  try {
    await open(engine, user, device, keys, stored, kept);
    if (stored.ready) await isOurDevice(engine, request, user, device);
    const courier = new Courier(engine, request, device, new Witness(request, user, () => engine.epoch, told));
    const keep = (plain: string): Promise<void> => lease.saveSealedIdentity(seal(keys.seal, user, plain));
    if (stored.sealedIdentity !== null && kept.identity === null) await resealIdentity(engine, keep, onCode);
    // Somebody may have replaced the voice's identity at the homeserver: nobody would be given keys then.
    const signed = stored.ready && (await engine.call('ownIdentity')) === 'signs-us';
    if (!signed) {
      await announce(request, device);
      await courier.drain();
      await bringUpIdentity({ user, engine, courier, onCode, kept: kept.identity, keep });
      await deleteOthers(request, device);
      await lease.markReady();
    }
    return { engine, courier, device, since: stored.syncToken };
  } catch (error) {
    await engine.terminate();
    throw error;
  }
}

interface Kept {
  /** The private cross-signing keys; null when there are none, or they cannot be unsealed. */
  readonly identity: string | null;
  /** Whether the records are those that were written; null when nobody can say. */
  readonly whole: boolean | null;
  /** Whether something here was made with this passphrase; null when nobody can say. */
  readonly opens: boolean | null;
}

/** What the passphrase says of what is stored. Throws WrongPassphrase when it fits nothing of it. */
function inspect(keys: VoiceKeys, user: UserId, stored: StoredVoice): Kept {
  const identity = stored.sealedIdentity === null ? null : unseal(keys.seal, user, stored.sealedIdentity);
  const whole =
    stored.digest === null
      ? null
      : Buffer.from(stored.digest).equals(new StoreDigest(keys.digest, stored.databases).value());
  if (identity !== null || whole === true) return { identity, whole, opens: true };
  if (stored.sealedIdentity !== null && stored.digest !== null) throw new WrongPassphrase();
  return { identity, whole, opens: null };
}

async function open(
  engine: Engine,
  user: UserId,
  device: DeviceId,
  keys: VoiceKeys,
  { databases }: StoredVoice,
  kept: Kept,
): Promise<void> {
  try {
    await engine.call('open', { user, device, key: keys.store, databases });
  } catch (error) {
    if (!(error instanceof EngineFailed)) throw error;
    // With the right passphrase, and everything as it was written, what does not fit is the device.
    if (kept.opens) throw new DeviceUnusable(kept.whole ? 'foreign' : 'damaged');
    if (error.code === 'wrong-key') throw new WrongPassphrase();
    throw error;
  }
}

/** The homeserver shows people the keys of the device that this store is of. */
async function isOurDevice(engine: Engine, request: MatrixRequest, user: UserId, device: DeviceId): Promise<void> {
  const published = await publishedKey(request, user, device);
  if (published === null) throw new DeviceUnusable('gone');
  if (published !== (await engine.call('ownKeys')).ed25519) throw new DeviceUnusable('foreign');
}

/** The identity as the engine has it takes the place of what cannot be unsealed any more. */
async function resealIdentity(
  engine: Engine,
  keep: (plain: string) => Promise<void>,
  onCode: (code: CryptoCode) => void,
): Promise<void> {
  const identity = await engine.call('exportIdentity');
  if (identity === null) return;
  await keep(JSON.stringify(identity));
  onCode('crypto.identity_resealed');
}

/** Why the stored device cannot be used; null when it can, or when there is none. */
async function whyNew(
  { request, user }: BringUpOptions,
  stored: StoredVoice,
  { whole }: Kept,
  told: number,
): Promise<CryptoCode | null> {
  if (stored.deviceId === null) {
    if ((await devicesOf(request)).length === 0) return null;
    // An identity without a device: `wardroom restore` leaves the device out, because it must not be used again.
    return stored.sealedIdentity === null && stored.epoch === 0 ? 'crypto.store_lost' : 'crypto.store_stale';
  }
  if (told > stored.epoch) return 'crypto.store_stale';
  const empty = stored.databases.every(({ records }) => records.length === 0);
  // A device that was never announced has no keys anywhere: its bring-up goes on where it stopped.
  if (stored.ready && empty) return 'crypto.store_lost';
  if (whole === false) return 'crypto.store_damaged';
  if (!stored.ready) return null;
  return (await publishedKey(request, user, stored.deviceId)) === null ? 'crypto.device_gone' : null;
}

const devicePath = (device: string): string => `/_matrix/client/v3/devices/${encodeURIComponent(device)}`;

/** The device's Ed25519 key as people get it; null when the homeserver has none. */
async function publishedKey(request: MatrixRequest, user: UserId, device: DeviceId): Promise<string | null> {
  const { status, body } = await request('POST', '/_matrix/client/v3/keys/query', {
    body: { device_keys: { [user]: [device] } },
  });
  if (status !== 200) throw new RequestRefused();
  const { device_keys: found } = body as { device_keys?: Keys };
  return found?.[user]?.[device]?.keys?.[`ed25519:${device}`] ?? null;
}

type Keys = Record<string, Record<string, { readonly keys?: Record<string, string> }>>;

async function announce(request: MatrixRequest, device: DeviceId): Promise<void> {
  const { status } = await request('PUT', devicePath(device), { body: { display_name: 'Wardroom' } });
  if (status !== 200 && status !== 201) throw new RequestRefused();
}

/** A voice has one device. Others are what lost stores left behind; people would go on encrypting for them. */
async function deleteOthers(request: MatrixRequest, device: DeviceId): Promise<void> {
  for (const other of await devicesOf(request)) {
    if (other === device) continue;
    const { status } = await request('DELETE', devicePath(other), { body: {} });
    if (status !== 200 && status !== 404) throw new RequestRefused();
  }
}

async function devicesOf(request: MatrixRequest): Promise<string[]> {
  const { status, body } = await request('GET', '/_matrix/client/v3/devices');
  if (status !== 200) throw new RequestRefused();
  const { devices } = body as { devices?: readonly { device_id?: unknown }[] };
  return (devices ?? []).map(({ device_id }) => device_id).filter((id) => typeof id === 'string');
}

function newDeviceId(): DeviceId {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return deviceId(Array.from({ length: 12 }, () => letters[randomInt(letters.length)]).join(''));
}
