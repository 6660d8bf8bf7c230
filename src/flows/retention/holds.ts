import { randomInt } from 'node:crypto';
import { type Clock, isoInstant } from '../../kernel/clock.ts';
import type { RoomId } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import { foldHolds, type Hold, type HoldScope, holdsInForce, isHoldInForce, touchesRoom } from '../../policy/index.ts';
import type { Asked, Decided, GivenCommand } from '../commandsPort.ts';
import { doneBy, refused } from '../decided.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { AuditEntry, Reads, Store, Tx } from '../ports.ts';

export interface HoldsFlow {
  readonly store: Pick<Store, 'read'>;
  readonly clock: Clock;
}

/** A hold as answers show it. */
export interface ListedHold {
  readonly hold_id: string;
  readonly covers: Readonly<Record<string, string>>;
  readonly reason: string;
  readonly placed_by: string;
  readonly placed_at: string;
  readonly until: string | null;
  readonly state: 'in-force' | 'ended' | 'released';
}

/** Whoever deletes takes this lock before each step, and so does whoever places a hold: what still exists then is kept. */
export const HOLDS_LOCK = 'holds';

/** Legal holds: placed by one person, released by two (what a hold covers is deleted by nothing; 45 CFR 164.316(b)(2)(i)). */
export class Holds {
  readonly #flow: HoldsFlow;

  constructor(flow: HoldsFlow) {
    this.#flow = flow;
  }

  async inForce(read: Pick<Reads, 'holds'>): Promise<readonly Hold[]> {
    return holdsInForce(await read.holds.events(), this.#flow.clock.now());
  }

  /** The holds in force that may cover something in a room. */
  async onRoom(
    read: Pick<Reads, 'holds'>,
    room: { readonly room: RoomId; readonly class: string; readonly patient: string | null },
  ): Promise<readonly Hold[]> {
    return (await this.inForce(read)).filter(({ covers }) => touchesRoom(covers, room));
  }

  /** `reason`: as it was written; sealed. `until`: the first instant at which it counts no more. */
  async place(
    tx: Tx,
    given: GivenCommand,
    covers: HoldScope,
    reason: Phi<string>,
    until: number | null,
  ): Promise<Decided> {
    const now = this.#flow.clock.now();
    if (Object.values(covers).every((value) => value === undefined)) return refused('hold-without-scope');
    if (until !== null && until <= now) return refused('bad-argument', { argument: '--until', why: 'past' });
    await tx.lock(HOLDS_LOCK);
    const id = await newId(tx);
    await tx.holds.append({ type: 'placed', id, covers, by: given.sender, at: now, until }, reason);
    const shown = { covers: shownScope(covers), until: until === null ? null : isoInstant(until) };
    return {
      outcome: 'ok',
      code: 'hold-placed',
      data: { hold_id: id, ...shown },
      about: { hold: id },
      audit: [doneBy(given, 'hold.placed', { hold: id, ...shown })],
    };
  }

  async list(read: Pick<Reads, 'holds'>, all: boolean): Promise<Decided> {
    const now = this.#flow.clock.now();
    const holds = foldHolds(await read.holds.events()).filter((hold) => all || isHoldInForce(hold, now));
    const listed: ListedHold[] = [];
    for (const hold of holds) listed.push(await this.#listed(read, hold, now));
    return { outcome: 'ok', code: 'listed', data: { holds: listed }, audit: [] };
  }

  /** Shows what would be released; a second person confirms it. */
  async release(tx: Tx, id: string): Promise<Decided> {
    const hold = (await this.inForce(tx)).find((one) => one.id === id.toUpperCase());
    if (hold === undefined) return refused('no-such-hold', { hold_id: id });
    const data = { ...(await this.#listed(tx, hold, this.#flow.clock.now())), second_person: true };
    const asks: Asked = { plan: { hold_id: hold.id }, secondPerson: true };
    return { outcome: 'confirm', code: 'confirm', data, about: { hold: hold.id }, audit: [], asks };
  }

  async releaseBasis(tx: Tx, plan: Asked['plan']): Promise<unknown> {
    return (await this.inForce(tx)).find(({ id }) => id === plan.hold_id) ?? null;
  }

  async releaseAsShown(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    const id = String(plan.hold_id);
    await tx.lock(HOLDS_LOCK);
    await tx.holds.append({ type: 'released', id, by: given.sender, at: this.#flow.clock.now() }, null);
    return {
      outcome: 'ok',
      code: 'hold-released',
      data: { hold_id: id },
      about: { hold: id },
      audit: [doneBy(given, 'hold.released', { hold: id })],
    };
  }

  async #listed(read: Pick<Reads, 'holds'>, hold: Hold, now: number): Promise<ListedHold> {
    const { id, covers, by, at, until, released } = hold;
    return {
      hold_id: id,
      covers: shownScope(covers),
      reason: (await read.holds.reason(id))?.reveal() ?? '',
      placed_by: by,
      placed_at: isoInstant(at),
      until: until === null ? null : isoInstant(until),
      state: released !== null ? 'released' : isHoldInForce(hold, now) ? 'in-force' : 'ended',
    };
  }
}

/** Digests are shown to nobody: that a patient is named has to do. */
export function shownScope({
  from,
  to,
  patient,
  alsoRooms = [],
  ...rest
}: HoldScope): Readonly<Record<string, string>> {
  return {
    ...(alsoRooms.length === 0 ? {} : { 'upgraded room': alsoRooms.join(', ') }),
    ...Object.fromEntries(Object.entries(rest).filter((pair): pair is [string, string] => pair[1] !== undefined)),
    ...(patient === undefined ? {} : { patient: 'one patient' }),
    ...(from === undefined ? {} : { from: isoInstant(from) }),
    ...(to === undefined ? {} : { to: isoInstant(to) }),
  };
}

/** The rooms that one was before it was upgraded, and became by it. */
export function upgradesOf(
  room: RoomId,
  kept: readonly Pick<KeptRoom, 'roomId' | 'replacedBy' | 'state'>[],
): readonly RoomId[] {
  const family = new Set([room]);
  for (let before = 0; before !== family.size; ) {
    before = family.size;
    for (const { roomId: old, replacedBy: next, state } of kept)
      if (state === 'replaced' && old !== null && next !== null && (family.has(old) || family.has(next)))
        family.add(old).add(next);
  }
  family.delete(room);
  return [...family];
}

/** A room was upgraded: the holds that name it cover what is said in the new one, too. What goes on record of it. */
export async function extendHolds(
  tx: Pick<Tx, 'lock' | 'holds'>,
  old: RoomId,
  next: RoomId,
  now: number,
): Promise<readonly AuditEntry[]> {
  await tx.lock(HOLDS_LOCK);
  const named = holdsInForce(await tx.holds.events(), now).filter(({ covers: { room, alsoRooms = [] } }) => {
    const rooms = [room, ...alsoRooms];
    return rooms.includes(old) && !rooms.includes(next);
  });
  for (const { id } of named) await tx.holds.append({ type: 'extended', id, room: next, at: now }, null);
  return named.map(({ id }) => ({
    action: 'hold.extended',
    outcome: 'ok',
    actor: 'wardroom',
    room: next,
    detail: { hold: id, upgraded: old },
  }));
}

/** Short enough to be typed: HOLD-4821. */
async function newId(tx: Tx): Promise<string> {
  const used = new Set(foldHolds(await tx.holds.events()).map(({ id }) => id));
  const digits = used.size < 5_000 ? 10_000 : 10_000_000;
  for (;;) {
    const id = `HOLD-${randomInt(digits / 10, digits)}`;
    if (!used.has(id)) return id;
  }
}
