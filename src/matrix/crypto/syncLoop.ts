import { setTimeout as pause } from 'node:timers/promises';
import type { DeviceId } from '../../kernel/ids.ts';
import type { MatrixRequest, MatrixResponse } from '../matrixRequest.ts';
import { type Courier, DeviceUnusable, errcode } from './courier.ts';
import { type Engine, EngineDied } from './engine.ts';
import type { EngineSync } from './engineProtocol.ts';
import type { SyncBell } from './syncBell.ts';
import type { CryptoCode } from './types.ts';

const answerMs = 30_000;
/**
 * Looks are short and this far apart, brought forward by whoever waits for a key. A long poll would be woken by every event of
 * every room of the voice, only to find that the filter leaves nothing: measured, a third of what a message costs the homeserver.
 */
const betweenMs = 2_000;

/** To-device messages, device lists and key counts only: rooms come by transactions (matrix.md 4.3). */
const filter = JSON.stringify({
  room: { rooms: [], ephemeral: { types: [] } },
  presence: { types: [] },
  account_data: { types: [] },
});

export interface SyncOptions {
  readonly engine: Engine;
  readonly courier: Courier;
  readonly request: MatrixRequest;
  readonly device: DeviceId;
  readonly since: string | null;
  readonly bell: SyncBell;
  readonly signal: AbortSignal;
  readonly onCode: (code: CryptoCode) => void;
  /** The homeserver says that these users' devices changed. */
  readonly onChanged: (users: readonly string[]) => void;
  /** One answer was handled and is durable. */
  readonly onSynced: () => void;
}

/**
 * Fetches what the homeserver holds for the device, for as long as `signal` lets it. The next request is made only after the
 * keys of the last answer and its token are committed: the homeserver deletes to-device messages when it sees the new token.
 * Rejects with EngineDied or DeviceUnusable.
 */
export async function syncLoop(options: SyncOptions): Promise<void> {
  const { engine, courier, signal } = options;
  let since = options.since;
  let failures = 0;
  // What the last answer brought is deleted at the homeserver by the next question: nobody may have to ask for it again.
  let unsettled = true;
  // Device list changes during our absence may not all be reported.
  await engine.call('allDevicesChanged');
  while (!signal.aborted) {
    try {
      if (unsettled) await courier.settled();
      unsettled = false;
      const response = await ask(options, since);
      if (response.status !== 200) {
        if (errcode(response) === 'M_UNKNOWN_DEVICE') throw new DeviceUnusable('gone');
        // A token that the homeserver does not take (restored from a backup): begin again without.
        if (response.status === 400 && since !== null && failures >= 2) {
          since = null;
          options.onCode('crypto.sync_restarted');
          await engine.call('allDevicesChanged');
        }
        throw new Error('sync refused');
      }
      const sync = decode(response.body);
      await engine.call('sync', sync);
      since = sync.syncToken;
      unsettled = sync.toDevice !== '[]';
      failures = 0;
      const changed = [...sync.changed, ...sync.left];
      if (changed.length > 0) options.onChanged(changed);
      options.onSynced();
      await courier.drain();
      await options.bell.wait(betweenMs, signal);
    } catch (error) {
      if (error instanceof EngineDied || error instanceof DeviceUnusable) throw error;
      if (signal.aborted) return;
      if (failures === 0) options.onCode('crypto.sync_failed');
      failures += 1;
      await pause(Math.min(250 * 2 ** failures, 5_000), undefined, { signal }).catch(() => undefined);
    }
  }
}

/** The answer comes at once, whatever it holds. */
function ask(options: SyncOptions, since: string | null): Promise<MatrixResponse> {
  return options.request('GET', '/_matrix/client/v3/sync', {
    query: {
      filter,
      device_id: options.device,
      set_presence: 'offline',
      timeout: '0',
      ...(since === null ? {} : { since }),
    },
    timeoutMs: answerMs,
    signal: options.signal,
  });
}

/** Takes what has the shape of the specification and leaves the rest: `/sync` comes from our own homeserver. */
function decode(body: unknown): EngineSync {
  const answer = record(body);
  const token = answer.next_batch;
  if (typeof token !== 'string') throw new Error('sync without next_batch');
  const lists = record(answer.device_lists);
  const fallback = answer.device_unused_fallback_key_types;
  const events = record(answer.to_device).events;
  return {
    toDevice: JSON.stringify(Array.isArray(events) ? events : []),
    changed: strings(lists.changed),
    left: strings(lists.left),
    oneTimeKeyCounts: Object.entries(record(answer.device_one_time_keys_count)).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
    fallbackKeys: Array.isArray(fallback) ? strings(fallback) : null,
    syncToken: token,
  };
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
