import { isoInstant } from '../../kernel/clock.ts';
import type { EventId, RoomId } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import { addDays, endOfDay, explainRetention, type HoldScope, limitsOf } from '../../policy/index.ts';
import type { Decided, GivenCommand } from '../commandsPort.ts';
import { refused } from '../decided.ts';
import type { Tx } from '../ports.ts';
import type { RetentionRun } from '../retentionPort.ts';
import { type Holds, upgradesOf } from './holds.ts';
import { planRoom } from './planRoom.ts';
import type { RetentionReport } from './report.ts';
import { type RetentionFlow, retentionFacts } from './retentionFlow.ts';
import type { RetentionRuns } from './retentionRuns.ts';

/** Days of the policy's time zone, as a command names them; the last one is inclusive. */
export interface HoldDays {
  readonly from: string | null;
  readonly to: string | null;
  readonly until: string | null;
}

/** What administrators ask of retention: `retention explain`, `retention run`, `hold place`. */
export class RetentionDesk {
  readonly #flow: RetentionFlow;
  readonly #runs: Pick<RetentionRuns, 'begin' | 'complete'>;
  readonly #holds: Pick<Holds, 'place'>;
  readonly #digest: (text: string) => string;

  constructor(
    flow: RetentionFlow,
    runs: Pick<RetentionRuns, 'begin' | 'complete'>,
    holds: Pick<Holds, 'place'>,
    digest: (text: string) => string,
  ) {
    this.#flow = flow;
    this.#runs = runs;
    this.#holds = holds;
    this.#digest = digest;
  }

  /** A patient as kept rooms have them: never by the reference itself. */
  patientDigest(reference: string): string {
    return this.#digest(reference);
  }

  async placeHold(
    tx: Tx,
    given: GivenCommand,
    covers: HoldScope,
    days: HoldDays,
    reason: Phi<string>,
  ): Promise<Decided> {
    const policy = this.#flow.policy();
    if (policy === null) return refused('policy-unreadable');
    const { from, to, until } = days;
    const [begins, ends, over] = [
      from === null ? undefined : endOfDay(addDays(from, -1), policy),
      to === null ? undefined : endOfDay(to, policy),
      until === null ? undefined : endOfDay(until, policy),
    ];
    if (begins === null || ends === null || over === null) return refused('bad-argument', { argument: 'DATE' });
    const upgrades = covers.room === undefined ? [] : upgradesOf(covers.room, await tx.keptRooms.all());
    const alsoRooms = upgrades.length === 0 ? undefined : upgrades;
    const scope = { ...covers, alsoRooms, from: begins, to: ends };
    return this.#holds.place(tx, given, scope, reason, over ?? null);
  }

  /** Which rule decides about a message, and how: by what a run would decide it now. */
  async explain(tx: Tx, event: EventId): Promise<Decided> {
    const message = await tx.retention.message(event);
    const room = message === null ? null : await tx.retention.room(message.room);
    const facts = await retentionFacts(this.#flow, tx);
    if (message === null || !room || message.isState) return refused('event-unknown', { event_id: event });
    if (facts === null) return refused('policy-unreadable');
    const partners = room.partners.filter((server) => server !== this.#flow.ownServer);
    const place = { ...room, partners };
    const limits = limitsOf(place, facts);
    const { decision, winner, holds, limitMs } = explainRetention(message, place, facts, limits);
    const data = {
      event_id: event,
      room_id: room.room,
      class: room.class,
      decision,
      winner,
      holds,
      at: isoInstant(message.at),
      age_ms: facts.now - message.at,
      limit_ms: limitMs,
      /** When its time is over by age alone; null: never. */
      until: limits?.longestMs == null ? null : isoInstant(message.at + limits.longestMs),
      ticket: message.ticket === null ? null : message.ticket.id,
      gone: message.gone,
    };
    return { outcome: 'ok', code: 'explained', data, about: { event_id: event, winner, decision }, audit: [] };
  }

  /** Long work: `finishRun` does it. */
  async run(tx: Tx, given: GivenCommand): Promise<Decided> {
    if (this.#flow.policy() === null) return refused('policy-unreadable');
    const id = await this.#runs.begin(tx, given.sender);
    return { outcome: 'running', code: 'deleting', data: { run_id: id }, audit: [], about: { run: id } };
  }

  /** What a run would do now, room by room. */
  async plan(): Promise<Decided> {
    if (this.#flow.policy() === null) return refused('policy-unreadable');
    return { outcome: 'running', code: 'planning', data: { dry_run: true }, audit: [] };
  }

  async finishPlan(): Promise<Decided> {
    const { store, ownServer } = this.#flow;
    const rooms: PlannedRoom[] = [];
    for (const room of await store.read.retention.rooms()) {
      const partners = room.partners.filter((server) => server !== ownServer);
      const { goes, stays } = await planRoom(this.#flow, { ...room, partners });
      if (Object.keys(goes).length + Object.keys(stays).length > 0)
        rooms.push({ room_id: room.room, class: room.class, goes, stays });
    }
    const data: ShownPlan = { dry_run: true, rooms };
    return { outcome: 'ok', code: 'planned', data: { ...data }, audit: [] };
  }

  async finishRun({ run_id: id }: Decided['data']): Promise<Decided> {
    const run = await this.#runs.complete(String(id));
    if (run === null || run.finishedAt === null)
      return { outcome: 'failed', code: 'goes-on', data: run === null ? {} : shownRun(run), audit: [] };
    return { outcome: 'ok', code: 'run', data: shownRun(run), audit: [] };
  }
}

/** What a run would do in a room. */
export interface PlannedRoom {
  readonly room_id: RoomId;
  readonly class: string;
  readonly goes: Readonly<Record<string, number>>;
  readonly stays: Readonly<Record<string, number>>;
}

/** What a dry run found. */
export interface ShownPlan {
  readonly dry_run: true;
  readonly rooms: readonly PlannedRoom[];
}

/** A run as answers show it. */
export interface ShownRun extends RetentionReport {
  readonly run_id: string;
  readonly started_at: string;
  readonly finished_at: string | null;
}

const shownRun = (run: RetentionRun): ShownRun & Decided['data'] => ({
  run_id: run.id,
  started_at: isoInstant(run.startedAt),
  finished_at: run.finishedAt === null ? null : isoInstant(run.finishedAt),
  ...run.report,
});
