import type { Instant } from '../kernel/clock.ts';
import { type EventId, eventId, type RoomId, type UserId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import { failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';

const PAGE = 100;
const TIMEOUT_MS = 30_000;
/** How far the homeserver's clock and ours may be apart. */
const OVERLAP_MS = 3_600_000;

interface Page {
  readonly chunk?: readonly {
    readonly event_id?: unknown;
    readonly origin_server_ts?: unknown;
    readonly content?: { readonly ciphertext?: unknown };
  }[];
  readonly end?: unknown;
}

/**
 * The event of this ciphertext in the room's history, or null when the homeserver never took it. For a send whose outcome is unknown and
 * so old that the homeserver may have forgotten its transaction id (matrix.md 4.5): repeating it blindly would say it twice.
 */
export async function sentBefore(
  request: MatrixRequest,
  voice: UserId,
  room: RoomId,
  content: Readonly<Record<string, unknown>>,
  since: Instant,
): Promise<Result<EventId | null, PortFailure>> {
  const filter = JSON.stringify({ senders: [voice], types: ['m.room.encrypted'], lazy_load_members: true });
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`;
  try {
    for (let from: string | undefined; ; ) {
      const response = await request('GET', path, {
        query: { dir: 'b', limit: PAGE, filter, from },
        timeoutMs: TIMEOUT_MS,
      });
      if (response.status !== 200) return err(failureOf(response));
      const { chunk = [], end } = (response.body ?? {}) as Page;
      const found = chunk.find((event) => event.content?.ciphertext === content.ciphertext);
      if (typeof found?.event_id === 'string') return ok(eventId(found.event_id));
      const isPast = chunk.some((event) => Number(event.origin_server_ts) < since - OVERLAP_MS);
      if (isPast || typeof end !== 'string') return ok(null);
      from = end;
    }
  } catch (error) {
    return err(failureOfError(error, true));
  }
}
