import type { RoomId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { StateEvent } from '../policy/index.ts';
import { adminFailure } from './adminFailure.ts';
import type { RoomActor } from './bridge.ts';
import { errcodeOf, failureOfError } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';
import { currentState, isJoined } from './observeRoom.ts';

/** What takes all power over a room. */
const ALL_POWER = 100;

export interface EnterOptions {
  readonly bot: RoomActor;
  readonly botRequest: MatrixRequest;
}

/**
 * Brings the bot into a room. Where it lacks power and somebody of our server has it, the admin API ("Make Room Admin") gives it the same and
 * invites it. Otherwise an invitation that waits for it, from any server, or a door that is open. `bot-no-server-admin`: it was not invited, and
 * is no administrator; `nobody-with-power`: it was not invited, and nobody of our server could do it.
 */
export async function enterRoom({ bot, botRequest }: EnterOptions, room: RoomId): Promise<Result<void, PortFailure>> {
  try {
    const before = await currentState({ bot: bot.user, botRequest }, room);
    if (before.ok && isJoined(before.value, bot.user) && hasAllPower(before.value, bot.user)) return ok(undefined);
    const power = await makeRoomAdmin(botRequest, room, bot.user);
    if (!power.ok && power.error.kind === 'retry') return power;
    const joined = await bot.join(room);
    return joined.ok || joined.error.kind === 'retry' || power.ok ? joined : power;
  } catch (error) {
    return err(failureOfError(error, true));
  }
}

async function makeRoomAdmin(botRequest: MatrixRequest, room: RoomId, bot: string): Promise<Result<void, PortFailure>> {
  const answer = await botRequest('POST', `/_synapse/admin/v1/rooms/${encodeURIComponent(room)}/make_room_admin`, {
    body: { user_id: bot },
    timeoutMs: 30_000,
  });
  if (answer.status === 200) return ok(undefined);
  if (answer.status === 400 && errcodeOf(answer) !== null) return err({ kind: 'permanent', code: 'nobody-with-power' });
  return err(adminFailure(answer));
}

/** As creator from room version 12 on (MSC4289), or by its level. */
function hasAllPower(state: readonly StateEvent[], user: string): boolean {
  const find = (wanted: string) => state.find(({ type, state_key: key }) => type === wanted && key === '');
  const create = find('m.room.create');
  const { room_version: version } = (create?.content ?? {}) as { room_version?: unknown };
  if (!/^([1-9]|1[01])$/.test(String(version ?? '1')) && create?.sender === user) return true;
  const levels = (find('m.room.power_levels')?.content ?? {}) as { users?: Readonly<Record<string, unknown>> };
  return Number(levels.users?.[user] ?? 0) >= ALL_POWER;
}
