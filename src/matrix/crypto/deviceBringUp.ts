import { randomInt } from 'node:crypto';
import type { CryptoLease } from '../../flows/cryptoPort.ts';
import { type DeviceId, deviceId, type UserId } from '../../kernel/ids.ts';
import type { MatrixRequest } from '../matrixRequest.ts';
import { Courier, RequestRefused } from './courier.ts';
import { Engine, EngineFailed, type EngineListener } from './engine.ts';
import { bringUpIdentity } from './identityBringUp.ts';
import type { CryptoCode } from './types.ts';
import { seal, unseal, type VoiceKeys } from './voiceKeys.ts';

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
 * The voice's device from its store, or a new one (MSC4190, matrix.md 4.4). A device whose records are lost is never used again
 * (matrix.md 3.3): a new one takes its place, signed by the same identity, and the old one is deleted.
 */
export async function bringUpDevice(options: BringUpOptions): Promise<BroughtUp> {
  const { user, lease, request, keys, onCode } = options;
  let stored = await lease.load();
  const reason = options.replaceDevice ? null : await whyNew(options, stored);
  if (stored.deviceId === null || options.replaceDevice || reason !== null) {
    if (reason !== null) onCode(reason);
    await lease.startDevice(newDeviceId());
    stored = await lease.load();
    onCode('crypto.device_created');
  }
  const device = stored.deviceId;
  if (device === null) throw new Error('no device was stored');
  const identity = stored.sealedIdentity === null ? null : unseal(keys.seal, user, stored.sealedIdentity);
  if (stored.sealedIdentity !== null && identity === null) throw new WrongPassphrase();

  const engine = new Engine(lease, options.listener);
  try {
    await open(engine, user, device, keys, stored.databases);
    const courier = new Courier(engine, request, device);
    // Somebody may have replaced the voice's identity at the homeserver: nobody would be given keys then.
    const signed = stored.ready && (await engine.call('ownIdentity')) === 'signs-us';
    if (!signed) {
      await announce(request, device);
      await courier.drain();
      await bringUpIdentity({
        user,
        engine,
        courier,
        onCode,
        kept: identity,
        keep: (plain) => lease.saveSealedIdentity(seal(keys.seal, user, plain)),
      });
      await deleteOthers(request, device);
      await lease.markReady();
    }
    return { engine, courier, device, since: stored.syncToken };
  } catch (error) {
    await engine.terminate();
    throw error;
  }
}

async function open(
  engine: Engine,
  user: UserId,
  device: DeviceId,
  keys: VoiceKeys,
  databases: Awaited<ReturnType<CryptoLease['load']>>['databases'],
): Promise<void> {
  try {
    await engine.call('open', { user, device, key: keys.store, databases });
  } catch (error) {
    if (error instanceof EngineFailed && error.code === 'wrong-key') throw new WrongPassphrase();
    throw error;
  }
}

/** Why the stored device cannot be used; null when it can, or when there is none. */
async function whyNew(
  { request }: BringUpOptions,
  stored: Awaited<ReturnType<CryptoLease['load']>>,
): Promise<CryptoCode | null> {
  const empty = stored.databases.every(({ records }) => records.length === 0);
  if (stored.deviceId === null) {
    const known = (await devicesOf(request)).length > 0;
    return known ? 'crypto.store_lost' : null;
  }
  // A device that was never announced has no keys anywhere: its bring-up goes on where it stopped.
  if (!stored.ready) return null;
  if (empty) return 'crypto.store_lost';
  const { status } = await request('GET', devicePath(stored.deviceId));
  if (status === 404) return 'crypto.device_gone';
  if (status !== 200) throw new RequestRefused();
  return null;
}

const devicePath = (device: string): string => `/_matrix/client/v3/devices/${encodeURIComponent(device)}`;

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
