import { type RoomId, type UserId, userId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { ObservedRoom, StateEvent } from '../policy/index.ts';
import { errcodeOf, failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest, MatrixResponse } from './matrixRequest.ts';

const TIMEOUT_MS = 60_000;

export interface Observer {
  readonly bot: UserId;
  readonly botRequest: MatrixRequest;
  readonly serverName: string;
}

/**
 * A room as it is. One that the bot is not in is seen through the admin API ("Room State API"), where the bot is a server administrator;
 * without it, `not-in-room`. A homeserver shows a room that the bot was put out of as it was then: that is not taken for what is.
 */
export async function observeRoom(observer: Observer, room: RoomId): Promise<Result<ObservedRoom, PortFailure>> {
  const { botRequest, serverName } = observer;
  const path = encodeURIComponent(room);
  try {
    const [state, aliases, listing] = await Promise.all([
      currentState(observer, room),
      botRequest('GET', `/_matrix/client/v3/rooms/${path}/aliases`, { timeoutMs: TIMEOUT_MS }),
      botRequest('GET', `/_matrix/client/v3/directory/list/room/${path}`, { timeoutMs: TIMEOUT_MS }),
    ]);
    if (!state.ok) return state;
    if (isOutage(aliases)) return err(failureOf(aliases));
    if (isOutage(listing)) return err(failureOf(listing));
    const known = (aliases.body as { aliases?: unknown } | null)?.aliases;
    const visibility = (listing.body as { visibility?: unknown } | null)?.visibility;
    return ok({
      roomId: room,
      state: state.value,
      // Who is not in the room is not told its aliases.
      ...(Array.isArray(known)
        ? {
            aliases: known.filter(
              (alias): alias is string => typeof alias === 'string' && alias.endsWith(`:${serverName}`),
            ),
          }
        : {}),
      ...(listing.status === 200 ? { listed: visibility === 'public' } : {}),
    });
  } catch (error) {
    return err(failureOfError(error, true));
  }
}

/** Refused is an answer; everything else that is no success says nothing of the room. */
const isOutage = (response: MatrixResponse): boolean =>
  response.status !== 200 && !['M_FORBIDDEN', 'M_NOT_FOUND'].includes(errcodeOf(response) ?? '');

/** All current state, trimmed to what a plan reads. */
export async function currentState(
  { bot, botRequest }: Pick<Observer, 'bot' | 'botRequest'>,
  room: RoomId,
): Promise<Result<readonly StateEvent[], PortFailure>> {
  const path = encodeURIComponent(room);
  const own = await botRequest('GET', `/_matrix/client/v3/rooms/${path}/state`, { timeoutMs: TIMEOUT_MS });
  if (own.status === 200) {
    const state = eventsOf(own.body);
    if (state === null) return err({ kind: 'retry', code: 'homeserver-unclear' });
    if (isJoined(state, bot)) return ok(state);
  } else if (isOutage(own)) return err(failureOf(own));
  const admins = await botRequest('GET', `/_synapse/admin/v1/rooms/${path}/state`, { timeoutMs: TIMEOUT_MS });
  if (admins.status === 200) {
    const state = eventsOf((admins.body as { state?: unknown } | null)?.state);
    return state === null ? err({ kind: 'retry', code: 'homeserver-unclear' }) : ok(state);
  }
  return err(isOutage(admins) ? failureOf(admins) : { kind: 'permanent', code: 'not-in-room' });
}

export const isJoined = (state: readonly StateEvent[], user: UserId): boolean =>
  state.some(
    ({ type, state_key: key, content }) =>
      type === 'm.room.member' && key === user && (content as { membership?: unknown }).membership === 'join',
  );

/** Null for what is no list. What is no state event is left out: nobody could set it either. */
function eventsOf(body: unknown): readonly StateEvent[] | null {
  if (!Array.isArray(body)) return null;
  return (body as readonly unknown[]).flatMap((event): StateEvent[] => {
    const { type, state_key: key, sender, content } = asObject(event);
    if (typeof type !== 'string' || typeof key !== 'string' || typeof sender !== 'string') return [];
    // Names and pictures of members are of no interest, and many.
    const kept = type === 'm.room.member' ? { membership: asObject(content).membership } : content;
    return [{ type, state_key: key, sender: userId(sender), content: kept }];
  });
}

const asObject = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
