import { randomUUID } from 'node:crypto';
import { type RoomId, roomId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import { failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';

const quiet = { presence: { types: [] }, account_data: { types: [] } };

/** Only where the homeserver is now: nothing of any room. */
const nothing = { ...quiet, room: { rooms: [] } };

/**
 * One event of each room, whatever it is: then the homeserver says under `state` what else changed since, however many messages came between
 * (`handlers/sync.py`, `compute_state_delta`). With a filter of types a room whose latest thousand events are messages would be left out.
 */
const changes = {
  ...quiet,
  room: {
    account_data: { types: [] },
    ephemeral: { types: [] },
    timeline: { limit: 1, lazy_load_members: false },
    state: { lazy_load_members: false },
  },
};

const TIMEOUT_MS = 60_000;

/**
 * The rooms whose state changed, by one `/sync` as the bot. It names no device: to-device messages are kept per device, and neither given out
 * nor deleted without one (`storage/databases/main/deviceinbox.py`), so the encryption's own sync misses nothing.
 * `position-unknown`: begin again with null, and look at every room.
 */
export async function changedRooms(
  botRequest: MatrixRequest,
  since: string | null,
): Promise<Result<{ readonly next: string; readonly rooms: readonly RoomId[] }, PortFailure>> {
  try {
    const answer = await botRequest('GET', '/_matrix/client/v3/sync', {
      query: {
        filter: onlyOnce(since === null ? nothing : changes),
        set_presence: 'offline',
        timeout: '0',
        ...(since === null ? {} : { since }),
      },
      timeoutMs: TIMEOUT_MS,
    });
    if (answer.status === 400 && since !== null) return err({ kind: 'permanent', code: 'position-unknown' });
    if (answer.status !== 200) return err(failureOf(answer));
    const { next_batch: next, rooms } = asObject(answer.body);
    if (typeof next !== 'string') return err({ kind: 'retry', code: 'homeserver-unclear' });
    return ok({ next, rooms: since === null ? [] : changedOf(asObject(rooms)) });
  } catch (error) {
    return err(failureOfError(error, true));
  }
}

function changedOf({ join, leave, invite }: Json): readonly RoomId[] {
  const joined = Object.entries(asObject(join)).filter(([, room]) => {
    const { state, timeline } = asObject(room);
    return eventsOf(state).length > 0 || eventsOf(timeline).some((event) => asObject(event).state_key !== undefined);
  });
  const ids = [...joined.map(([id]) => id), ...Object.keys(asObject(leave)), ...Object.keys(asObject(invite))];
  return [...new Set(ids)].map(roomId);
}

/** Two minutes long, the same question has the same answer (`sync_response_cache_duration`). So no question is the same. */
const onlyOnce = (filter: Json): string =>
  JSON.stringify({ ...filter, event_fields: ['type', 'state_key', `asked.${randomUUID()}`] });

type Json = Readonly<Record<string, unknown>>;

const eventsOf = (section: unknown): readonly unknown[] => {
  const { events } = asObject(section);
  return Array.isArray(events) ? events : [];
};

const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
