import { randomUUID } from 'node:crypto';
import { Temporal } from 'temporal-polyfill';
import { type Instant, isoInstant } from '../../kernel/clock.ts';
import type { AccountId, TicketId } from '../../kernel/ids.ts';
import { explainRetention, limitsOf, type RetainedRoom } from '../../policy/index.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import type { KeptTicket, RetentionRun } from '../retentionPort.ts';
import { RoomEraser } from './eraseRoom.ts';
import { HOLDS_LOCK } from './holds.ts';
import { eraseUnusedMedia, isDown } from './mediaErasure.ts';
import { addCounts, couldNot, nothingYet, type RetentionReport, withRoom } from './report.ts';
import { type RetentionFlow, retentionFacts } from './retentionFlow.ts';

/** Told in the control room when a run comes to its end; the same id is one message. */
export type TellOfRun = (id: string, report: RetentionReport) => Promise<boolean>;

const PAGE = 500;
/** Hour of the day, in the policy's time zone, at which a run is due. */
const DUE_HOUR = 3;
const WARDROOM = 'wardroom';
const RUNS_LOCK = 'retention-runs';

/**
 * Deletes what its time is over for, once a day and when somebody asks for it: messages at the homeserver, Wardroom's own copies and keys, files.
 * One run at a time. A run that was killed, or that the homeserver left alone, is gone on with; what it did so far stands in its row.
 */
export class RetentionRuns {
  readonly #flow: RetentionFlow;
  readonly #tell: TellOfRun;
  #running: Promise<void> | null = null;
  /** Runs for whose end somebody waits, who is told then. */
  readonly #awaited = new Set<string>();
  #isStopping = false;

  constructor(flow: RetentionFlow, tell: TellOfRun) {
    this.#flow = flow;
    this.#tell = tell;
  }

  /** Call it now and then in the process that leads: goes on with a run that did not end, begins one that is due. */
  async look(): Promise<void> {
    const { read } = this.#flow.store;
    if (this.#isStopping || this.#running !== null || this.#flow.policy() === null) return;
    const [unfinished, last] = [await read.retention.unfinishedRun(), await read.retention.lastRun()];
    if (unfinished !== null || (last?.startedAt ?? Number.NEGATIVE_INFINITY) < this.#dueSince()) await this.#advance();
  }

  /** Begins a run that somebody asked for, or joins the one that is not at its end: its id. `complete` does the work. */
  async begin(tx: Tx, askedBy: string): Promise<string> {
    await tx.lock(RUNS_LOCK);
    const before = await tx.retention.unfinishedRun();
    if (before !== null) return before.id;
    const run = this.#fresh(askedBy);
    await tx.retention.saveRun(run);
    return run.id;
  }

  /** Resolves when this run has come to its end, or cannot go on now: then `finishedAt` is null, and it goes on by itself later. */
  async complete(id: string): Promise<RetentionRun | null> {
    this.#awaited.add(id);
    try {
      const look = () => this.#flow.store.read.retention.run(id);
      let run = await look();
      // Twice: what is awaited first may be another run's end.
      for (let times = 0; times < 2 && run?.finishedAt === null && !this.#isStopping; times += 1) {
        await this.#advance();
        run = await look();
      }
      return run;
    } finally {
      this.#awaited.delete(id);
    }
  }

  /** Takes up the run that is not at its end, or waits for whoever does. */
  async #advance(): Promise<void> {
    if (this.#running !== null) return this.#running;
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Ends the run under way after the step that it takes; it is gone on with later. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running?.catch(() => undefined);
  }

  /** Since when a run is due, in business time. */
  #dueSince(): Instant {
    const now = this.#flow.clock.now();
    const zone = this.#flow.policy()?.time_zone ?? 'UTC';
    const local = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone);
    const today = local.startOfDay().add({ hours: DUE_HOUR });
    const due = Temporal.ZonedDateTime.compare(today, local) <= 0 ? today : today.subtract({ days: 1 });
    return due.epochMilliseconds;
  }

  #fresh(askedBy: string): RetentionRun {
    return {
      id: randomUUID(),
      startedAt: this.#flow.clock.now(),
      askedBy,
      report: { ...nothingYet },
      finishedAt: null,
    };
  }

  async #run(): Promise<void> {
    const { store, clock } = this.#flow;
    let run = await this.#taken();
    let report = run.report;
    const { askedBy } = run;
    // Counted anew by every attempt: what is kept, and what could not be done, is so now.
    report = { ...report, rooms: 0, kept: {}, could_not: report.could_not.filter(({ what }) => !RETRIED.has(what)) };
    const keep = async (now: RetentionReport): Promise<void> => {
      report = now;
      run = { ...run, report: { ...report } };
      await store.change<true>(async (tx) => {
        await tx.retention.saveRun(run);
        return { value: true, audit: [entry('retention.progress', WARDROOM, { run: run.id })] };
      });
    };
    const rooms = await store.read.retention.rooms();
    for (const room of rooms) {
      const { erased, failure } = await new RoomEraser(this.#flow, room, () => this.#isStopping).erase();
      const isNews = erased.purged + erased.redacted + erased.failed > 0 || failure !== null;
      if (isNews) await keep(withRoom(report, room.room, erased));
      else report = { ...report, rooms: report.rooms + 1, kept: addCounts(report.kept, erased.kept) };
      if (failure !== null && isDown(failure)) return;
    }
    report = await this.#ownCopies(report, rooms);
    report = await this.#media(report);
    report = await this.#roomKeys(report, run, rooms);
    run = { ...run, report: { ...report }, finishedAt: clock.now() };
    await this.#write('retention.finished', { run: run.id, ...report }, askedBy, (tx) => tx.retention.saveRun(run));
    const isWorthTelling = report.purged + report.redacted + report.tickets + report.keys + report.media > 0;
    const isAwaited = this.#awaited.has(run.id);
    if (!isAwaited && (isWorthTelling || report.could_not.length > 0))
      await this.#tell(`wr.retention.${run.id}`, report);
  }

  /** The run that is not at its end, or a new one. */
  async #taken(): Promise<RetentionRun> {
    const taken = await this.#flow.store.change<RetentionRun>(async (tx) => {
      await tx.lock(RUNS_LOCK);
      const before = await tx.retention.unfinishedRun();
      const run = before ?? this.#fresh(WARDROOM);
      if (before === null) await tx.retention.saveRun(run);
      const action = before === null ? 'retention.started' : 'retention.taken_up';
      return { value: run, audit: [entry(action, run.askedBy, { run: run.id })] };
    });
    if (taken === null) throw new Error('no-retention-run');
    return taken;
  }

  /** Texts of tickets, and the keys under which nothing is sealed any more. */
  async #ownCopies(before: RetentionReport, rooms: readonly RetainedRoom[]): Promise<RetentionReport> {
    const { store, clock } = this.#flow;
    const byAccount = await this.#roomsOfAccounts(rooms);
    let tickets = 0;
    const shortest = await this.#shortest(rooms);
    for (let after: KeptTicket | null = null; shortest !== null; ) {
      const [since, from]: [Instant, KeptTicket | null] = [clock.now() - shortest, after];
      after = (await store.read.retention.tickets(since, from, PAGE)).at(-1) ?? null;
      if (after === null) break;
      tickets += (await this.#erase(since, from, byAccount)) ?? 0;
    }
    const month = isoInstant(clock.now()).slice(0, 7);
    const keys = await store.change<number>(async (tx) => {
      const destroyed = await tx.retention.destroyUnusedKeys(month);
      return destroyed === 0
        ? null
        : { value: destroyed, audit: [entry('retention.keys_destroyed', WARDROOM, { keys: destroyed })] };
    });
    return { ...before, tickets: before.tickets + tickets, keys: before.keys + (keys ?? 0) };
  }

  /** The texts of a page of tickets, as they stand at this moment: an acknowledgement may have been withdrawn just now. */
  #erase(
    olderThan: Instant,
    after: KeptTicket | null,
    rooms: ReadonlyMap<AccountId, RetainedRoom>,
  ): Promise<number | null> {
    const { store, clock } = this.#flow;
    return store.change<number>(async (tx) => {
      await tx.lock(HOLDS_LOCK);
      const facts = await retentionFacts(this.#flow, tx);
      if (facts === null) return null;
      const page = await tx.retention.tickets(olderThan, after, PAGE);
      const over: TicketId[] = page.flatMap((ticket) => {
        const room = rooms.get(ticket.account);
        return room !== undefined && explainRetention(ticket, room, facts).decision === 'delete' ? [ticket.id] : [];
      });
      if (over.length === 0) return null;
      const erased = await tx.retention.eraseTickets(over, clock.now());
      return { value: erased, audit: [entry('retention.copies_destroyed', WARDROOM, { tickets: over })] };
    });
  }

  async #roomsOfAccounts(rooms: readonly RetainedRoom[]): Promise<ReadonlyMap<AccountId, RetainedRoom>> {
    const kept = await this.#flow.store.read.keptRooms.all();
    const found = kept.flatMap(({ subject, roomId }): [AccountId, RetainedRoom][] => {
      const room = rooms.find((one) => one.room === roomId);
      return subject.kind === 'room' && subject.account !== undefined && room ? [[subject.account, room]] : [];
    });
    return new Map(found);
  }

  async #shortest(rooms: readonly RetainedRoom[]): Promise<number | null> {
    const facts = await retentionFacts(this.#flow, this.#flow.store.read);
    const limits = facts === null ? [] : rooms.flatMap((room) => limitsOf(room, facts)?.longestMs ?? []);
    return limits.length === 0 ? null : Math.min(...limits);
  }

  async #media(before: RetentionReport): Promise<RetentionReport> {
    const { deleted, elsewhere, failed, code } = await eraseUnusedMedia(this.#flow);
    let report = { ...before, media: before.media + deleted };
    if (elsewhere > 0) report = couldNot(report, 'media-elsewhere', { count: elsewhere });
    return failed === 0 ? report : couldNot(report, 'media', { count: failed, ...(code === null ? {} : { code }) });
  }

  /** Room keys that no message needs any more which is there: of Wardroom's own devices. */
  async #roomKeys(
    before: RetentionReport,
    run: RetentionRun,
    rooms: readonly RetainedRoom[],
  ): Promise<RetentionReport> {
    const { store, forgetSessions } = this.#flow;
    let forgotten = 0;
    for (const { room } of rooms) {
      const sessions = await store.read.retention.unusedSessions(room, run.startedAt);
      if (sessions.length > 0) forgotten += await forgetSessions(room, sessions);
    }
    return { ...before, room_keys: before.room_keys + forgotten };
  }

  async #write(
    action: string,
    detail: AuditEntry['detail'],
    actor: string,
    work: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    await this.#flow.store.change<true>(async (tx) => {
      await work(tx);
      return { value: true, audit: [entry(action, actor, detail)] };
    });
  }
}

const RETRIED: ReadonlySet<string> = new Set(['room', 'media', 'history']);

const entry = (action: string, actor: string, detail: AuditEntry['detail']): AuditEntry => ({
  action,
  outcome: 'ok',
  actor,
  ...(detail === undefined ? {} : { detail }),
});
