import { type RoomId, roomId, type UserId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import { errcodeOf, failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest, MatrixResponse } from './matrixRequest.ts';
import { markerType, purposeKey, type RoomPurpose } from './roomRecipe.ts';

const AT_ONCE = 8;

/**
 * Finds the rooms the bot made, by their marker: what makes creating a room safe to repeat after a crash or a lost answer.
 * A marker counts only if the bot itself set it, so that nobody can slip a room of theirs under an account.
 */
export async function findRooms(bot: UserId, ask: MatrixRequest): Promise<Result<Map<string, RoomId>, PortFailure>> {
  try {
    const joined = await ask('GET', '/_matrix/client/v3/joined_rooms');
    if (joined.status !== 200) return err(failureOf(joined));
    const listed = (joined.body as { joined_rooms?: unknown } | null)?.joined_rooms;
    if (!Array.isArray(listed)) return err({ kind: 'retry', code: 'homeserver-unclear' });
    // In order, so that every process that looks finds the same one of two.
    const rooms = listed.filter((room): room is string => typeof room === 'string').sort();
    const found = new Map<string, RoomId>();
    for (let at = 0; at < rooms.length; at += AT_ONCE) {
      const batch = rooms.slice(at, at + AT_ONCE);
      const markers = await Promise.all(
        batch.map((room) =>
          ask('GET', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/${markerType}`, {
            query: { format: 'event' },
          }),
        ),
      );
      for (const [index, marker] of markers.entries()) {
        if (!answered(marker)) return err(failureOf(marker));
        const purpose = purposeOf(marker, bot);
        if (purpose === null) continue;
        const key = purposeKey(purpose);
        if (!found.has(key)) found.set(key, roomId(batch[index]!));
      }
    }
    return ok(found);
  } catch (error) {
    return err(failureOfError(error, true));
  }
}

/** "No such state" and "not in the room any more" are answers; anything else must not look like "no room". */
const answered = (marker: MatrixResponse): boolean =>
  marker.status === 200 || ['M_NOT_FOUND', 'M_FORBIDDEN'].includes(errcodeOf(marker) ?? '');

function purposeOf(marker: MatrixResponse, bot: UserId): RoomPurpose | null {
  if (marker.status !== 200) return null;
  const event = marker.body as {
    sender?: unknown;
    content?: { purpose?: unknown; account?: unknown; alias?: unknown; person?: unknown; key?: unknown };
  } | null;
  if (event?.sender !== bot) return null;
  const { purpose, account, alias, person, key } = event.content ?? {};
  if (purpose === 'control' || purpose === 'audit' || purpose === 'privacy') return { purpose };
  if (purpose === 'report') return typeof alias === 'string' ? { purpose, alias } : null;
  if (purpose === 'kept') return typeof key === 'string' ? { purpose, key } : null;
  if (purpose === 'direct') return typeof person === 'string' ? { purpose, person } : null;
  if (purpose === 'personal')
    return typeof account === 'string' && typeof person === 'string' ? { purpose, account, person } : null;
  return purpose === 'account' && typeof account === 'string' ? { purpose, account } : null;
}
