import { createHash } from 'node:crypto';
import type { Clock, Instant } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../../kernel/result.ts';
import {
  type Correction,
  decide,
  type Facts,
  grantsOfSpace,
  type NewRoom,
  neededSpaces,
  newRoom,
  newSpace,
  nextChange,
  type ObservedRoom,
  type Policy,
  serverOf,
  spaceKey,
} from '../../policy/index.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { Alarms, AuditEntry, Reads, Store } from '../ports.ts';
import type { RoomKeeper, StateChanged } from '../roomKeeperPort.ts';
import { followUpgrade } from './followUpgrade.ts';
import { acceptInvitations, noteInvitation } from './invitations.ts';
import { applyPlan, type Known, planKept, roomFacts, unwelcome } from './keepRoom.ts';
import { isKept, KeptRooms, newKept } from './keptRooms.ts';
import { lookForMirrors, missingSpaces } from './roleSpaces.ts';
import { type How, RoomQueue } from './roomQueue.ts';

export interface RoomKeepingFlow {
  readonly store: Store;
  readonly keeper: RoomKeeper;
  readonly alarms: Alarms;
  readonly clock: Clock;
  /** What our own record says; null: the policy cannot be read, and then nothing is changed. */
  readonly facts: (read: Reads) => Promise<Facts | null>;
  readonly voicesOf: Known['voicesOf'];
  readonly rosterOf: Known['rosterOf'];
  /** A kept room in which nothing is to be corrected: whom to tell what. */
  readonly onKept: (room: KeptRoom, observed: ObservedRoom, known: Known) => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** How often the homeserver is asked for what its transactions did not bring: one request for all rooms. */
const MISSED_LOOK_MS = 15_000;
/** How often every room is looked at, whatever was heard: aliases and directory entries make no events. */
const WHOLE_LOOK_MS = 24 * 3_600_000;
/** A partner without a Wardroom may get one. */
const MIRRORS_LOOK_MS = 300_000;
/** Who asks for a room just after a start waits so long. */
const READY_WITHIN_MS = 10_000;
/** What could not be made is tried again. */
const SPACES_AGAIN_MS = 5_000;

/**
 * Keeps rooms as they have to be: looks at a room when something happened in it, plans again when something was decided or time changed an
 * answer, and takes the steps (45 CFR 164.308(a)(4), 164.312(a)(1)). One process does this. What it remembers of rooms is what the homeserver said
 * last; nothing is lost with it.
 */
export class RoomKeeping {
  readonly #flow: RoomKeepingFlow;
  readonly #rooms: KeptRooms;
  readonly #queue: RoomQueue;
  readonly #seen = new Map<RoomId, ObservedRoom>();
  readonly #making = new Map<string, Promise<Result<RoomId, PortFailure>>>();
  #known: (Known & { readonly until: Instant | null }) | null = null;
  #recorded: string | null = null;
  #position: string | null = null;
  #looked = { missed: 0, whole: 0, mirrors: 0, spaces: 0 };
  #spacesMissing = false;
  #accepting: Promise<void> = Promise.resolve();
  #isStarted = false;
  #lastLook: Promise<void> = Promise.resolve();
  #nextLook: Promise<void> | null = null;
  readonly #ready = Promise.withResolvers<void>();

  constructor(flow: RoomKeepingFlow) {
    this.#flow = flow;
    this.#rooms = new KeptRooms(flow.store);
    this.#queue = new RoomQueue({
      work: (room, how) => this.#keep(room, how),
      goesFirst: (room) => this.of(room)?.subject.kind === 'space',
      onFailure: flow.onFailure,
    });
  }

  /** Resolves when it was started, or after some seconds: then it cannot be said when. */
  async ready(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, READY_WITHIN_MS);
    });
    await Promise.race([this.#ready.promise, late]).finally(() => clearTimeout(timer));
  }

  all(): readonly KeptRoom[] {
    return this.#rooms.all();
  }

  of(room: RoomId): KeptRoom | null {
    return this.#rooms.of(room);
  }

  /** As it was when it was looked at last. */
  seen(room: RoomId): ObservedRoom | null {
    return this.#seen.get(room) ?? null;
  }

  /** What rooms are judged by now; null: not started, or the policy cannot be read. */
  known(): Known | null {
    return this.#known === null ? null : { ...this.#known, facts: { ...this.#known.facts, now: this.#now() } };
  }

  /** What is on record; before `keepOwn` and `start`. */
  load(): Promise<void> {
    return this.#rooms.load();
  }

  /** Begins with a look at every room. Call when this process leads and the homeserver answers; again if it failed. */
  async start(): Promise<Result<void, PortFailure>> {
    // Where the homeserver is now, before the rooms are looked at: what happens meanwhile shows after it.
    const position = await this.#flow.keeper.changedSince(null);
    if (!position.ok) return position;
    this.#position = position.value.next;
    const now = performance.now();
    this.#looked = { missed: now, whole: now, mirrors: now, spaces: now };
    this.#isStarted = true;
    await this.look();
    this.#markAll('look');
    this.#ready.resolve();
    return ok(undefined);
  }

  /** Takes up what was decided, what time changed, what was missed. Call it several times a second: it asks the homeserver only now and then. */
  look(): Promise<void> {
    // A look that runs may be past what was decided just now: one more, for all who asked meanwhile.
    if (this.#nextLook) return this.#nextLook;
    const before = this.#lastLook;
    const next = before
      .catch(() => undefined)
      .then(() => {
        this.#nextLook = null;
        return this.#look();
      });
    this.#lastLook = next;
    this.#nextLook = next;
    return next;
  }

  async #look(): Promise<void> {
    if (!this.#isStarted) return;
    await this.#takeUp();
    const now = performance.now();
    if (now - this.#looked.missed >= MISSED_LOOK_MS) {
      this.#looked.missed = now;
      await this.#lookForMissed();
    }
    const known = this.known();
    if (known !== null && now - this.#looked.mirrors >= MIRRORS_LOOK_MS) {
      this.#looked.mirrors = now;
      for (const { roomId } of await lookForMirrors(this.#parts(), known.facts))
        if (roomId !== null) this.#queue.mark(roomId, 'look');
    }
    if (now - this.#looked.whole >= WHOLE_LOOK_MS) {
      this.#looked.whole = now;
      this.#markAll('look');
    }
    if (this.#spacesMissing && now - this.#looked.spaces >= SPACES_AGAIN_MS) await this.#makeSpaces();
    this.#queue.retry();
  }

  /** A state event of the homeserver's. Who came and went in kept rooms is audited (45 CFR 164.312(b)). */
  async stateChanged(change: StateChanged): Promise<void> {
    const kept = this.of(change.room);
    if (kept !== null && kept.subject.kind !== 'mirrored') {
      if (change.membership !== undefined) await this.#membershipChanged(kept, change);
      if (isKept(kept)) this.#queue.mark(change.room, 'look');
      return;
    }
    const known = this.known();
    if (known !== null && (await noteInvitation(this.#parts(), change, known.facts)))
      return this.#acceptInvitations(known);
    // Its members are the partner's to audit; ours are in our own spaces.
    if (kept !== null && isKept(kept)) this.#queue.mark(change.room, 'look');
  }

  /** A room was added, or is to be another: what was committed elsewhere. */
  changed(room: KeptRoom): void {
    this.#rooms.take(room);
    if (room.roomId !== null && isKept(room)) this.#queue.mark(room.roomId, 'look');
    this.#markSpaces();
    void this.#makeSpaces().catch(this.#flow.onFailure);
  }

  /** A room of Wardroom's own, made elsewhere, is kept like the others: recorded when it is new, or another than before. */
  async keepOwn(key: string, room: RoomId, subject: KeptRoom['subject']): Promise<void> {
    const before = this.#rooms.get(key);
    const isSame = before?.roomId === room && JSON.stringify(before.subject) === JSON.stringify(subject);
    if (isSame) return;
    const kept = newKept(key, subject, before?.since ?? this.#now(), room);
    const detail = { class: subject.kind === 'room' ? subject.class : subject.kind };
    await this.#rooms.save([kept], [{ action: 'room.kept', outcome: 'ok', actor: 'wardroom', room, detail }]);
    if (this.#isStarted) this.#queue.mark(room, 'look');
  }

  /** Rosters changed: who belongs into the rooms that go by them. */
  rostersChanged(): void {
    for (const room of this.all())
      if (room.roomId !== null && this.#flow.rosterOf(room) !== null) this.#queue.mark(room.roomId, 'plan');
  }

  /** Whether somebody may be in a room, by what is known now; who cannot be judged yet is not kept out of what exists. */
  admits(room: RoomId, user: UserId): boolean {
    const kept = this.of(room);
    const known = this.known();
    if (kept === null || known === null || kept.subject.kind !== 'room') return true;
    const facts = roomFacts(kept, kept.subject, known);
    return decide({ kind: 'join', user, room: facts.room }, facts).length === 0;
  }

  /** Finds or makes the room of this key. May be repeated. */
  make(key: string): Promise<Result<RoomId, PortFailure>> {
    const making = this.#making.get(key);
    if (making) return making;
    const run = this.#make(key).finally(() => this.#making.delete(key));
    this.#making.set(key, run);
    return run;
  }

  /** A room as it is and what would be done to it; changes nothing. */
  async inspect(
    kept: KeptRoom & { readonly roomId: RoomId },
  ): Promise<Result<{ readonly observed: ObservedRoom; readonly corrections: readonly Correction[] }, PortFailure>> {
    const known = this.known();
    if (known === null) return err({ kind: 'permanent', code: 'policy-unreadable' });
    const observed = await this.#flow.keeper.observe(kept.roomId);
    if (!observed.ok) return observed;
    return ok({ observed: observed.value, corrections: planKept(kept, observed.value, known) });
  }

  /** What another policy would do to every room, by what was seen of them last. */
  preview(policy: Policy): readonly { readonly room: KeptRoom; readonly corrections: readonly Correction[] }[] {
    const known = this.known();
    if (known === null) return [];
    const then = { ...known, facts: { ...known.facts, policy } };
    return this.all().flatMap((room) => {
      const observed = room.roomId === null ? undefined : this.#seen.get(room.roomId);
      const corrections = observed === undefined || !isKept(room) ? [] : planKept(room, observed, then);
      return corrections.length > 0 ? [{ room, corrections }] : [];
    });
  }

  /** Resolves when nothing is being done about this room and nothing waits to be. */
  settled(room: RoomId): Promise<void> {
    return this.#queue.settled(room);
  }

  /** Looks at a room again: somebody in it can be told something now. */
  recheck(room: RoomId): void {
    if (this.of(room) !== null) this.#queue.mark(room, 'plan');
  }

  /** Resolves when nothing is being worked on or waits to be. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  async stop(): Promise<void> {
    this.#isStarted = false;
    await this.#queue.stop();
  }

  #now(): Instant {
    return this.#flow.clock.now();
  }

  #parts() {
    const { keeper, alarms } = this.#flow;
    return { rooms: this.#rooms, keeper, alarms, now: () => this.#now() };
  }

  #markAll(how: How): void {
    const rooms = this.all().filter(isKept);
    const spaces = rooms.filter(({ subject }) => subject.kind === 'space');
    for (const { roomId } of [...spaces, ...rooms]) if (roomId !== null) this.#queue.mark(roomId, how);
  }

  /** They name the rooms that they open. */
  #markSpaces(): void {
    for (const { subject, roomId } of this.all())
      if (subject.kind === 'space' && roomId !== null) this.#queue.mark(roomId, 'plan');
  }

  async #keep(room: RoomId, how: How): Promise<'done' | 'later'> {
    const kept = this.of(room);
    if (kept === null || !isKept(kept)) return 'done';
    const { keeper } = this.#flow;
    let observed = this.#seen.get(room);
    if (how === 'look' || observed === undefined) {
      const answer = await keeper.observe(room);
      if (!answer.ok) return 'later';
      observed = answer.value;
      this.#seen.set(room, observed);
      await this.#refreshIfMirrored(kept, observed);
    }
    const judged = await this.#judge(kept, observed);
    if (judged === null) return 'done';
    const { known, corrections } = judged;
    keeper.exclude(room, unwelcome(corrections));
    const upgrade = corrections.find((step) => step.kind === 'follow-upgrade');
    if (upgrade) {
      const followed = await followUpgrade(this.#parts(), kept, upgrade);
      if (followed === 'later') return 'later';
      this.#queue.mark(room, 'plan');
      if (followed === 'followed') this.#queue.mark(upgrade.replacement, 'look');
      return 'done';
    }
    if (corrections.length > 0) {
      const basis = digestOf(`${known.basis} ${JSON.stringify(kept.subject)} ${kept.state}`);
      const { changed, again } = await applyPlan(this.#parts(), { ...kept, roomId: room }, corrections, {
        now: this.#now(),
        basis,
      });
      // What was done shows in the room: looked at again, so that nothing is taken on trust.
      if (changed) this.#queue.mark(room, 'look');
      if (changed || again) return again ? 'later' : 'done';
    }
    if (kept.state === 'kept') await this.#flow.onKept(kept, observed, known);
    return 'done';
  }

  /**
   * The plan of a room. A partner's person who came by a mirrored space may be known here before the space was looked at again: it is, before
   * anybody is taken out for want of a role.
   */
  async #judge(
    kept: KeptRoom,
    observed: ObservedRoom,
  ): Promise<{ readonly known: Known; readonly corrections: readonly Correction[] } | null> {
    let known = this.known();
    if (known === null) return null;
    let corrections = planKept(kept, observed, known);
    const servers = corrections.map((step) =>
      kept.subject.kind === 'room' && step.kind === 'kick' && step.fault === 'role-missing'
        ? serverOf(step.user)
        : null,
    );
    const mirrored = this.all().filter(
      ({ subject }) => subject.kind === 'space' && subject.mirror !== null && servers.includes(subject.server),
    );
    for (const space of mirrored) {
      const answer = space.roomId === null ? null : await this.#flow.keeper.observe(space.roomId);
      if (space.roomId === null || !answer?.ok) continue;
      this.#seen.set(space.roomId, answer.value);
      await this.#refreshIfMirrored(space, answer.value);
    }
    if (mirrored.length > 0) {
      known = this.known();
      if (known === null) return null;
      corrections = planKept(kept, observed, known);
    }
    return { known, corrections };
  }

  /** What was decided since, by whatever process, and what time alone changed. */
  async #takeUp(): Promise<void> {
    const recorded = await this.#flow.store.read.keptRooms.basis();
    const known = this.#known;
    const now = this.#now();
    const isOver = known === null || now < known.facts.now || (known.until !== null && now >= known.until);
    if (recorded === this.#recorded && !isOver) return;
    this.#recorded = recorded;
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const { store, facts: factsOf, voicesOf, rosterOf } = this.#flow;
    const facts = await factsOf(store.read);
    if (facts === null) {
      this.#known = null;
      return;
    }
    const roleSpaces = this.all().flatMap(({ subject, roomId, state }) =>
      subject.kind === 'space' && roomId !== null && state === 'kept' ? [{ ...subject, roomId }] : [],
    );
    const mirrored = roleSpaces.flatMap((space) => {
      const observed = this.#seen.get(space.roomId);
      return observed === undefined ? [] : grantsOfSpace(observed, { ...facts, space });
    });
    const all = { ...facts, grants: [...facts.grants, ...mirrored] };
    const childrenOf = (space: KeptRoom) => openedBy(space, this.all(), all);
    const until = nextChange(all);
    const basis = `${this.#recorded} ${until} ${mirrored.map(({ user, role }) => `${user} ${role}`).join()}`;
    this.#known = { facts: all, roleSpaces, voicesOf, rosterOf, childrenOf, basis, until };
    this.#markAll('plan');
    await this.#acceptInvitations(this.#known);
    await this.#makeSpaces();
  }

  /** Who is in a partner's mirrored space holds a role here: all rooms are planned again when that changed. */
  async #refreshIfMirrored({ subject }: KeptRoom, observed: ObservedRoom): Promise<void> {
    const known = this.known();
    if (known === null || subject.kind !== 'space' || subject.mirror === null) return;
    const now = grantsOfSpace(observed, { ...known.facts, space: subject }).map(({ user }) => user);
    const before = known.facts.grants.filter(({ by, role }) => by === subject.mirror && role === subject.role);
    if (now.join() !== before.map(({ user }) => user).join()) await this.#refresh();
  }

  #acceptInvitations(known: Known): Promise<void> {
    // One after the other: the next finds what the one before it accepted.
    this.#accepting = this.#accepting.catch(() => undefined).then(() => this.#acceptNow(known));
    return this.#accepting;
  }

  async #acceptNow({ facts }: Known): Promise<void> {
    for (const { roomId } of await acceptInvitations(this.#parts(), facts))
      if (roomId !== null) this.#queue.mark(roomId, 'look');
  }

  async #makeSpaces(): Promise<void> {
    const known = this.known();
    if (known === null) return;
    const missing = await missingSpaces(this.#parts(), known.facts);
    if (missing.length === 0) return;
    const made = await Promise.all(missing.map((key) => this.make(key)));
    const bad = made.find((one) => !one.ok);
    this.#looked.spaces = performance.now();
    this.#spacesMissing = bad !== undefined;
    if (bad && !bad.ok) this.#flow.onFailure(new Error(bad.error.code));
    // The rooms' join rules name them from now on.
    if (made.some(({ ok: isMade }) => isMade)) await this.#refresh();
  }

  async #lookForMissed(): Promise<void> {
    const found = await this.#flow.keeper.changedSince(this.#position);
    if (!found.ok) {
      if (found.error.kind === 'permanent') this.#position = null;
      return;
    }
    // Without a place to begin at, anything may have happened.
    if (this.#position === null) this.#markAll('look');
    this.#position = found.value.next;
    for (const room of found.value.rooms) if (this.of(room) !== null) this.#queue.mark(room, 'look');
  }

  async #membershipChanged({ key }: KeptRoom, change: StateChanged): Promise<void> {
    const { room, event, sender, stateKey, membership = '', seq } = change;
    const audit: AuditEntry = {
      action: 'room.member',
      outcome: 'ok',
      actor: sender,
      code: membership.slice(0, 20),
      room,
      event,
      detail: { user: stateKey },
    };
    if (membership === 'leave' || membership === 'ban') return this.#rooms.saveLeft(key, seq, [audit]);
    await this.#flow.store.change(async () => ({ value: null, audit: [audit] }));
  }

  async #make(key: string): Promise<Result<RoomId, PortFailure>> {
    const before = this.#rooms.get(key);
    if (before === null) return err({ kind: 'permanent', code: 'room-unknown' });
    if (before.roomId !== null) return ok(before.roomId);
    if (before.subject.kind === 'room') await this.#makeSpaces();
    const known = this.known();
    const recipe = known && recipeOf(before, known);
    if (!recipe) return err({ kind: 'permanent', code: 'policy-unreadable' });
    const made = await this.#flow.keeper.ensure(key, before.subject.kind === 'room' ? 'room' : 'space', recipe);
    if (!made.ok) return made;
    const { kind } = before.subject;
    const detail = { version: recipe.version, kind };
    const kept = { ...(this.#rooms.get(key) ?? before), roomId: made.value };
    await this.#rooms.save(
      [kept],
      [{ action: 'room.made', outcome: 'ok', actor: 'wardroom', room: made.value, detail }],
    );
    this.#markSpaces();
    this.#queue.mark(made.value, 'look');
    return made;
  }
}

/** The rooms that people join by being in this space, sorted. */
const openedBy = ({ key }: KeptRoom, rooms: readonly KeptRoom[], facts: Facts): readonly RoomId[] =>
  rooms
    .flatMap(({ subject, state, roomId }) =>
      subject.kind === 'room' &&
      state === 'kept' &&
      roomId !== null &&
      neededSpaces(subject, facts).some(({ role, server }) => spaceKey(role, server) === key)
        ? [roomId]
        : [],
    )
    .sort();

const recipeOf = (kept: KeptRoom, known: Known): NewRoom | null => {
  const { subject } = kept;
  if (subject.kind === 'space') return newSpace({ ...known.facts, space: subject });
  return subject.kind === 'room' ? newRoom(roomFacts(kept, subject, known)) : null;
};

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);
