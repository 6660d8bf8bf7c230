import { setTimeout as pause } from 'node:timers/promises';
import type { CryptoLease } from '../../flows/cryptoPort.ts';
import type { DeviceId } from '../../kernel/ids.ts';
import { type Courier, DeviceUnusable } from './courier.ts';
import { bringUpDevice, WrongPassphrase } from './deviceBringUp.ts';
import { type Engine, EngineDied, type EngineListener } from './engine.ts';
import { RoomDecryptor } from './roomDecryptor.ts';
import { RoomEncryptor } from './roomEncryptor.ts';
import type { SyncBell } from './syncBell.ts';
import { syncLoop } from './syncLoop.ts';
import type { CryptoCode, VoiceCryptoOptions } from './types.ts';
import { deriveVoiceKeys, type VoiceKeys } from './voiceKeys.ts';

/** One run of the engine and what works with it; all of it is dropped when the engine dies. */
export interface Running {
  readonly engine: Engine;
  readonly courier: Courier;
  readonly device: DeviceId;
  readonly encryptor: RoomEncryptor;
  readonly decryptor: RoomDecryptor;
}

export interface SupervisorEvents extends EngineListener {
  /** An engine is up, or (null) there is none for now. `soon`: one is being started and nothing stands in its way. */
  running(now: Running | null, soon: boolean): void;
  synced(): void;
  readonly bell: SyncBell;
}

/**
 * Keeps one engine running for a voice until `signal` aborts: takes the lease, brings the device up, syncs, starts again from the
 * store when the engine died, and takes the lease again when it was lost. Rejects with WrongPassphrase only.
 */
export async function superviseEngine(
  options: VoiceCryptoOptions,
  events: SupervisorEvents,
  signal: AbortSignal,
): Promise<void> {
  const keys = await deriveVoiceKeys(options.passphrase, options.user);
  for (let failures = 0; !signal.aborted; ) {
    const lease = await takeLease(options, signal);
    if (lease === null) {
      failures += 1;
      await backOff(failures, signal);
      continue;
    }
    failures = 0;
    let lost = false;
    void lease.lost.then(() => {
      lost = true;
    });
    try {
      await runUnderLease({ options, events, signal, lease, keys, isLost: () => lost });
    } finally {
      events.running(null, false);
      await lease.release();
    }
    if (!signal.aborted) options.onCode('crypto.lease_lost');
  }
}

async function takeLease(
  { store, user, onCode }: VoiceCryptoOptions,
  signal: AbortSignal,
): Promise<CryptoLease | null> {
  let lease = await store.acquire(user, { signal });
  if (!lease.ok && lease.error === 'held') {
    onCode('crypto.lease_held');
    lease = await store.acquire(user, { wait: true, signal });
  }
  if (lease.ok) return lease.value;
  if (!signal.aborted) onCode('crypto.store_unavailable');
  return null;
}

interface UnderLease {
  readonly options: VoiceCryptoOptions;
  readonly events: SupervisorEvents;
  readonly signal: AbortSignal;
  readonly lease: CryptoLease;
  readonly keys: VoiceKeys;
  readonly isLost: () => boolean;
}

const codeOf = {
  gone: 'crypto.device_gone',
  conflict: 'crypto.device_conflict',
  foreign: 'crypto.store_foreign',
  damaged: 'crypto.store_damaged',
} as const satisfies Record<DeviceUnusable['why'], CryptoCode>;

/** One engine after the other, until the lease is lost or the voice stops. */
async function runUnderLease(under: UnderLease): Promise<void> {
  const { options, events, signal, isLost } = under;
  let replaceDevice = false;
  for (let failures = 0; !signal.aborted && !isLost(); ) {
    try {
      const died = await runEngine(under, replaceDevice, () => {
        replaceDevice = false;
        failures = 0;
      });
      if (died && !signal.aborted && !isLost()) options.onCode('crypto.engine_died');
    } catch (error) {
      if (error instanceof WrongPassphrase) throw error;
      if (error instanceof DeviceUnusable) {
        replaceDevice = true;
        options.onCode(codeOf[error.why]);
      } else if (!signal.aborted && !isLost()) {
        options.onCode('crypto.start_failed');
      }
    }
    if (signal.aborted || isLost()) return;
    failures += 1;
    events.running(null, failures === 1);
    if (failures > 1) await backOff(failures, signal);
  }
}

/** Returns true when the engine died, false when it was stopped. */
async function runEngine(under: UnderLease, replaceDevice: boolean, onSynced: () => void): Promise<boolean> {
  const { options, events, signal, lease, keys } = under;
  const { user, request, onCode, settings } = options;
  const up = await bringUpDevice({ user, lease, request, keys, listener: events, onCode, replaceDevice });
  const { engine, courier, device, since } = up;
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  try {
    const encryptor = new RoomEncryptor(engine, courier, { user, device }, settings);
    const syncing = syncLoop({
      engine,
      courier,
      request,
      device,
      since,
      bell: events.bell,
      signal: stop,
      onCode,
      onChanged: (users) => encryptor.devicesChanged(users),
      onSynced: () => {
        onSynced();
        events.synced();
      },
    });
    events.running({ engine, courier, device, encryptor, decryptor: new RoomDecryptor(engine, courier, lease) }, true);
    await Promise.race([syncing, engine.died]);
    return !signal.aborted;
  } catch (error) {
    if (error instanceof EngineDied) return true;
    throw error;
  } finally {
    ended.abort();
    await engine.terminate();
  }
}

async function backOff(failures: number, signal: AbortSignal): Promise<void> {
  await pause(Math.min(250 * 2 ** failures, 5_000), undefined, { signal }).catch(() => undefined);
}
