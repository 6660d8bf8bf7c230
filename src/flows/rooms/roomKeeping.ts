import { createHash } from 'node:crypto';
import type { Instant } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../../kernel/result.ts';
import { type Correction, type ObservedRoom, type Policy, serverOf } from '../../policy/index.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { Alarms, AuditEntry } from '../ports.ts';
import type { RoomKeeper, StateChanged } from '../roomKeeperPort.ts';
import { followUpgrade } from './followUpgrade.ts';
import { acceptInvitations, noteInvitation } from './invitations.ts';
import { applyPlan, type Known, mayRead, planKept } from './keepRoom.ts';
import { isKept, KeptRooms, newKept } from './keptRooms.ts';
import { lookForMirrors } from './roleSpaces.ts';
import { type KnowledgeFlow, RoomKnowledge } from './roomKnowledge.ts';
import { RoomMaker } from './roomMaker.ts';
import { type How, RoomQueue } from './roomQueue.ts';

export interface RoomKeepingFlow extends KnowledgeFlow {
  readonly keeper: RoomKeeper;
  readonly alarms: Alarms;
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

/**
 * Keeps rooms as they have to be: looks at a room when something happened in it, plans again when something was decided or time changed an
 * answer, and takes the steps (45 CFR 164.308(a)(4), 164.312(a)(1)). One process does this. What it remembers of rooms is what the homeserver said
 * last; nothing is lost with it.
 */
export class RoomKeeping {
  readonly #flow: RoomKeepingFlow;
  readonly #rooms: KeptRooms;
  readonly #queue: RoomQueue;
  readonly #knowledge: RoomKnowledge;
  readonly #maker: RoomMaker;
  #position: string | null = null;
  #looked = { missed: 0, whole: 0, mirrors: 0 };
  #rosters = 0;
  readonly #readers = new WeakMap<
    readonly UserId[],
    {
      readonly subject: KeptRoom['subject'];
      readonly state: KeptRoom['state'];
      readonly roster: number;
      readonly known: Known;
      readonly readers: readonly UserId[];
    }
  >();
  #accepting: Promise<void> = Promise.resolve();
  #isStarted = false;
  #lastLook: Promise<void> = Promise.resolve();
  #nextLook: Promise<void> | null = null;
  readonly #ready = Promise.withResolvers<void>();

  constructor(flow: RoomKeepingFlow) {
    this.#flow = flow;
    this.#rooms = new KeptRooms(flow.store);
    this.#knowledge = new RoomKnowledge(flow, this.#rooms);
    this.#maker = new RoomMaker({
      ...this.#parts(),
      known: () => this.known(),
      onMade: (room) => {
        this.#markSpaces();
        this.#queue.mark(room, 'look');
      },
      onFailure: flow.onFailure,
    });
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

  /** Classes of which there are rooms. */
  classesInUse(): readonly string[] {
    const classes = this.#rooms
      .all()
      .flatMap(({ subject, state }) => (subject.kind === 'room' && state === 'kept' ? [subject.class] : []));
    return [...new Set(classes)];
  }

  of(room: RoomId): KeptRoom | null {
    return this.#rooms.of(room);
  }

  /** As it was when it was looked at last. */
  seen(room: RoomId): ObservedRoom | null {
    return this.#knowledge.seen(room);
  }

  /** What rooms are judged by now; null: not started, or the policy cannot be read. */
  known(): Known | null {
    return this.#knowledge.now();
  }

  /** What is on record; before anything else. */
  async load(): Promise<void> {
    await this.#rooms.load();
    await this.#knowledge.read();
  }

  /** Begins with a look at every room. Call when this process leads and the homeserver answers; again if it failed. */
  async start(): Promise<Result<void, PortFailure>> {
    // Where the homeserver is now, before the rooms are looked at: what happens meanwhile shows after it.
    const position = await this.#flow.keeper.changedSince(null);
    if (!position.ok) return position;
    this.#position = position.value.next;
    const now = performance.now();
    this.#looked = { missed: now, whole: now, mirrors: now };
    this.#isStarted = true;
    this.#markAll('look', true);
    await this.look();
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
    // A process that does not lead keeps no rooms; what is decided holds for it, too.
    if (!this.#isStarted) {
      if (await this.#knowledge.isOld()) await this.#knowledge.read();
      return;
    }
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
      this.#markAll('look', true);
    }
    if (this.#maker.isBehind()) await this.#makeSpaces();
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
    this.#rosters += 1;
    for (const room of this.all())
      if (room.roomId !== null && this.#flow.rosterOf(room) !== null) this.#queue.mark(room.roomId, 'plan');
  }

  /** Whether somebody may be in a room, by what is known now; who cannot be judged yet is not kept out of what exists. */
  admits(room: RoomId, user: UserId): boolean {
    return this.readersOf(room, [user]).length > 0;
  }

  /**
   * Of a room's members, who may be in it, and so have the key of what we say there: from the moment that is known, whatever the homeserver still says.
   * All, where nothing is known.
   */
  readersOf(room: RoomId, members: readonly UserId[]): readonly UserId[] {
    const kept = this.of(room);
    const known = this.known();
    if (kept === null || known === null || kept.subject.kind !== 'room') return members;
    // Asked for each message, with the same list as long as nobody comes or goes.
    const before = this.#readers.get(members);
    const { subject, state } = kept;
    const roster = this.#rosters;
    if (
      before?.subject === subject &&
      before.state === state &&
      before.roster === roster &&
      this.#knowledge.isSameAs(before.known)
    )
      return before.readers;
    const readers = mayRead(kept, subject, members, known);
    this.#readers.set(members, { subject, state, roster, known, readers });
    return readers;
  }

  /** Finds or makes the room of this key. May be repeated. */
  async make(key: string): Promise<Result<RoomId, PortFailure>> {
    // A room names the spaces that open it from the first moment.
    await this.#makeSpaces();
    return this.#maker.make(key);
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
      const observed = room.roomId === null ? null : this.seen(room.roomId);
      const corrections = observed === null || !isKept(room) ? [] : planKept(room, observed, then);
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

  #markAll(how: How, quietly = false): void {
    const rooms = this.all().filter(isKept);
    const spaces = rooms.filter(({ subject }) => subject.kind === 'space');
    // What was never looked at yet is looked at by and by, and needs no hurry to be planned.
    for (const { roomId } of [...spaces, ...rooms])
      if (roomId !== null) this.#queue.mark(roomId, how, quietly || this.seen(roomId) === null);
  }

  /** They name the rooms that they open: once for all that are made in a row. */
  #markSpaces(): void {
    for (const { subject, roomId } of this.all())
      if (subject.kind === 'space' && roomId !== null) this.#queue.mark(roomId, 'plan', true);
  }

  async #keep(room: RoomId, how: How): Promise<'done' | 'later'> {
    const kept = this.of(room);
    if (kept === null || !isKept(kept)) return 'done';
    let observed = this.seen(room);
    if (how === 'look' || observed === null) {
      observed = await this.#observe({ ...kept, roomId: room });
      if (observed === null) return 'later';
    }
    if (this.known() === null) return 'done';
    const judged = await this.#judge(kept, observed);
    if (judged === null) return 'later';
    const { known, corrections } = judged;
    const upgrade = corrections.find((step) => step.kind === 'follow-upgrade');
    if (upgrade) {
      const followed = await followUpgrade({ ...this.#parts(), isOwn: known.rosterOf(kept) !== null }, kept, upgrade);
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

  /** A look at a room; null: the homeserver does not answer. */
  async #observe(kept: KeptRoom & { readonly roomId: RoomId }): Promise<ObservedRoom | null> {
    const answer = await this.#flow.keeper.observe(kept.roomId);
    if (!answer.ok) return null;
    if (this.#knowledge.saw(kept, answer.value)) await this.#refresh();
    return answer.value;
  }

  /**
   * The plan of a room. A partner's person who came by a mirrored space may be known here before the space was looked at again: it is, before
   * anybody is taken out for want of a role. Null: it could not be.
   */
  async #judge(
    kept: KeptRoom,
    observed: ObservedRoom,
  ): Promise<{ readonly known: Known; readonly corrections: readonly Correction[] } | null> {
    const judged = () => {
      const known = this.known();
      return known === null ? null : { known, corrections: planKept(kept, observed, known) };
    };
    const first = judged();
    const servers = (first?.corrections ?? []).map((step) =>
      kept.subject.kind === 'room' && step.kind === 'kick' && step.fault === 'role-missing'
        ? serverOf(step.user)
        : null,
    );
    const mirrored = this.all().filter(
      ({ subject }) => subject.kind === 'space' && subject.mirror !== null && servers.includes(subject.server),
    );
    for (const space of mirrored) {
      const { roomId } = space;
      if (roomId !== null && (await this.#observe({ ...space, roomId })) === null) return null;
    }
    return mirrored.length > 0 ? judged() : first;
  }

  /** What was decided since, by whatever process, and what time alone changed. */
  async #takeUp(): Promise<void> {
    if (await this.#knowledge.isOld()) await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const known = await this.#knowledge.read();
    if (known === null) return;
    this.#markAll('plan');
    await this.#acceptInvitations(known);
    await this.#makeSpaces();
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
    // Rooms' join rules name them from now on.
    if (await this.#maker.makeSpaces()) await this.#refresh();
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
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16);
