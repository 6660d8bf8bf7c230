import { type RoomId, type UserId, userId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import { errcodeOf, failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';

export interface RoomState {
  readonly joined: readonly UserId[];
  readonly invited: readonly UserId[];
  readonly banned: readonly UserId[];
  /** The room has an `m.room.encryption` with Megolm. Once true it can never become false. */
  readonly encrypted: boolean;
}

/** Whether a state event of this type says who is in a room, or that it is encrypted. */
export const changesMembers = (type: string): boolean => type === 'm.room.member' || type === 'm.room.encryption';

export interface RoomMembersOptions {
  /** Speaks as one of ours; asked in this order until one is in the room. */
  readonly askers: readonly MatrixRequest[];
}

/**
 * Who is in which room. Fetched from the homeserver when first needed and kept until a membership event of the room arrives;
 * then fetched again rather than computed, because events are repeated late after an outage and an old "join" must not give
 * somebody who left a key. What cannot be fetched is a failure, never an empty or old list.
 */
export class RoomMembers {
  readonly #askers: readonly MatrixRequest[];
  readonly #known = new Map<RoomId, Promise<Result<RoomState, PortFailure>>>();

  constructor(options: RoomMembersOptions) {
    this.#askers = options.askers;
  }

  /** The room as it is. Costs nothing while nobody comes or goes. */
  async of(room: RoomId): Promise<Result<RoomState, PortFailure>> {
    const known = this.#known.get(room) ?? this.#load(room);
    const state = await known;
    // Somebody came or went while it was being fetched: what was fetched may be older than that.
    const current = this.#known.get(room);
    if (current !== known && state.ok) return current ?? this.of(room);
    return state;
  }

  /** A membership or encryption event of this room arrived, or we changed it ourselves. */
  changed(room: RoomId): void {
    this.#known.delete(room);
  }

  /** Membership events may have been missed. */
  forget(): void {
    this.#known.clear();
  }

  #load(room: RoomId): Promise<Result<RoomState, PortFailure>> {
    const loading = this.#fetch(room);
    this.#known.set(room, loading);
    void loading.then((state) => {
      if (!state.ok && this.#known.get(room) === loading) this.#known.delete(room);
    });
    return loading;
  }

  async #fetch(room: RoomId): Promise<Result<RoomState, PortFailure>> {
    let failure: PortFailure = { kind: 'permanent', code: 'not-in-room' };
    for (const ask of this.#askers) {
      const state = await fetchState(ask, room);
      if (state.ok || state.error.kind === 'retry') return state;
      failure = state.error;
    }
    return err(failure);
  }
}

async function fetchState(ask: MatrixRequest, room: RoomId): Promise<Result<RoomState, PortFailure>> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}`;
  try {
    const [members, encryption] = await Promise.all([
      ask('GET', `${path}/members`, { query: { not_membership: 'leave' }, timeoutMs: 30_000 }),
      ask('GET', `${path}/state/m.room.encryption`, { timeoutMs: 30_000 }),
    ]);
    if (members.status !== 200) return err(failureOf(members));
    const chunk = (members.body as { chunk?: unknown } | null)?.chunk;
    if (!Array.isArray(chunk)) return err({ kind: 'retry', code: 'homeserver-unclear' });
    if (encryption.status !== 200 && errcodeOf(encryption) !== 'M_NOT_FOUND') return err(failureOf(encryption));
    const algorithm = (encryption.body as { algorithm?: unknown } | null)?.algorithm;
    const encrypted = encryption.status === 200 && algorithm === 'm.megolm.v1.aes-sha2';
    return ok({ ...sortMembers(chunk), encrypted });
  } catch (error) {
    return err(failureOfError(error, true));
  }
}

function sortMembers(chunk: readonly unknown[]): Omit<RoomState, 'encrypted'> {
  const found = { joined: [] as UserId[], invited: [] as UserId[], banned: [] as UserId[] };
  for (const event of chunk as readonly { state_key?: unknown; content?: { membership?: unknown } }[]) {
    if (typeof event?.state_key !== 'string') continue;
    const list = { join: found.joined, invite: found.invited, ban: found.banned }[String(event.content?.membership)];
    list?.push(userId(event.state_key));
  }
  return found;
}
