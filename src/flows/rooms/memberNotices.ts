import { createHash } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import { isOurs, membersAreTold, type ObservedRoom } from '../../policy/index.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { Store, Voices } from '../ports.ts';
import type { Known } from './keepRoom.ts';
import { membersOf } from './roomAnswers.ts';

export interface MemberNoticesFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly voices: Pick<Voices, 'bot' | 'encrypt' | 'send'>;
}

/** People who come in at the same time are told together, so many at once. */
const AT_ONCE = 50;

/**
 * Tells members, once per room, what is recorded in it and for how long (45 CFR 164.520 in spirit). Only who could read it counts as told: who has
 * no device yet is told when there is one.
 */
export class MemberNotices {
  readonly #flow: MemberNoticesFlow;
  readonly #told = new Map<RoomId, Set<UserId>>();
  /** They had no device that could read it. */
  readonly #unreachable = new Map<RoomId, Set<UserId>>();

  constructor(flow: MemberNoticesFlow) {
    this.#flow = flow;
  }

  async look({ roomId: room, subject }: KeptRoom, observed: ObservedRoom, { facts }: Known): Promise<void> {
    // In rooms of pages it stands in the topic.
    const isTold = subject.kind === 'room' && subject.account === undefined;
    const roomClass = isTold ? facts.policy.classes[subject.class] : undefined;
    if (room === null || roomClass === undefined) return;
    const told = await this.#toldIn(room);
    const unreachable = this.#unreachable.get(room);
    const missing = membersOf(observed)
      .flatMap(({ user, membership }) => (membership === 'join' && !isOurs(user, facts) ? [user] : []))
      .filter((user) => !told.has(user) && !unreachable?.has(user))
      .slice(0, AT_ONCE);
    if (missing.length > 0) await this.#tell(room, missing, membersAreTold(roomClass));
  }

  /** The devices of these people changed. Resolves to the rooms in which somebody may be told now. */
  devicesChanged(users: readonly UserId[]): readonly RoomId[] {
    return [...this.#unreachable].flatMap(([room, waiting]) =>
      users.filter((user) => waiting.delete(user)).length > 0 ? [room] : [],
    );
  }

  async #tell(room: RoomId, users: readonly UserId[], text: string): Promise<void> {
    const { voices, store, clock } = this.#flow;
    const content = { msgtype: 'm.notice', body: text, 'm.mentions': { user_ids: users } };
    const encrypted = await voices.encrypt(voices.bot, room, 'm.room.message', new Phi(content));
    // Not now: the next look at the room tries again.
    if (!encrypted.ok) return;
    const { readers } = encrypted.value;
    const reached = users.filter((user) => (readers[user] ?? []).length > 0);
    const others = this.#unreachable.get(room) ?? new Set();
    for (const user of users) if (!reached.includes(user)) others.add(user);
    this.#unreachable.set(room, others);
    if (reached.length === 0) return;
    // The same people in the same room are told by one message, however often this is done.
    const id = createHash('sha256')
      .update(JSON.stringify([room, users]))
      .digest('base64url')
      .slice(0, 24);
    const sent = await voices.send(voices.bot, room, 'm.room.encrypted', `wr.told.${id}`, encrypted.value.content);
    if (!sent.ok) return;
    await store.change(async (tx) => {
      await tx.keptRooms.markTold(room, reached, clock.now());
      const entry = { action: 'room.members_told', outcome: 'ok', actor: 'wardroom', room, event: sent.value } as const;
      return { value: null, audit: [{ ...entry, detail: { users: reached } }] };
    });
    const told = await this.#toldIn(room);
    for (const user of reached) told.add(user);
  }

  async #toldIn(room: RoomId): Promise<Set<UserId>> {
    const known = this.#told.get(room) ?? new Set(await this.#flow.store.read.keptRooms.told(room));
    this.#told.set(room, known);
    return known;
  }
}
