import type { EventId } from '../../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../../kernel/result.ts';
import {
  explainRetention,
  limitsOf,
  type RetainedRoom,
  type RetentionFacts,
  type RetentionRule,
} from '../../policy/index.ts';
import type { StoredEvent } from '../eraserPort.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import type { PlacedMessage } from '../retentionPort.ts';
import { HOLDS_LOCK } from './holds.ts';
import { expiredPages } from './planRoom.ts';
import type { RoomErased } from './report.ts';
import { type RetentionFlow, retentionFacts } from './retentionFlow.ts';

/** Messages that leave the homeserver's history at once: a hold that is placed meanwhile finds the rest there. */
const PURGED_AT_ONCE = 1_000;
/** Redactions between two looks at the holds, and side by side. */
const REDACTED_AT_ONCE = 50;
const SIDE_BY_SIDE = 4;
/** How often a room is planned anew, because something was decided or found meanwhile, before the rest is left to the next run. */
const ATTEMPTS = 20;
const REASON = 'Its time was over.';

/** Something was decided while the work was under way: what is left is judged again. */
const JUDGE_AGAIN = 'judge-again';

type Step<T = void> = Result<T, PortFailure | typeof JUDGE_AGAIN>;

/**
 * Deletes from one room what its time is over for: everything before the earliest message that stays leaves the homeserver's history, what
 * lies behind it is redacted one by one (Synapse purges only from the beginning). Where people of other homeservers are, all of it is redacted
 * first, which is all that can be asked of them. What is to go is marked before it goes, so that a run that was killed goes on, and each step
 * is taken under the lock of the holds, by what is decided then.
 */
export class RoomEraser {
  readonly #flow: RetentionFlow;
  readonly #room: RetainedRoom;
  readonly #isShared: boolean;
  readonly #isStopping: () => boolean;
  #purged = 0;
  #redacted = 0;
  #failed = 0;
  #code: string | null = null;
  #kept: Partial<Record<RetentionRule, number>> = {};
  #isRedactedOnly = false;
  /** What was judged by. */
  #basis = '';

  constructor(flow: RetentionFlow, room: RetainedRoom, isStopping: () => boolean = () => false) {
    this.#flow = flow;
    this.#isStopping = isStopping;
    this.#room = { ...room, partners: room.partners.filter((server) => server !== flow.ownServer) };
    this.#isShared = this.#room.partners.length > 0;
  }

  /** What was done until the end, or until the homeserver failed: then another call goes on. */
  async erase(): Promise<{ readonly erased: RoomErased; readonly failure: PortFailure | null }> {
    let outcome: Step = err(JUDGE_AGAIN);
    for (let attempt = 0; attempt < ATTEMPTS && !outcome.ok && outcome.error === JUDGE_AGAIN; attempt += 1)
      outcome = await this.#attempt();
    const failure = outcome.ok || outcome.error === JUDGE_AGAIN ? null : outcome.error;
    return {
      failure,
      erased: {
        purged: this.#purged,
        redacted: this.#redacted,
        kept: this.#kept,
        isShared: this.#isShared,
        isRedactedOnly: this.#isRedactedOnly,
        failed: this.#failed,
        code: failure?.code ?? this.#code,
      },
    };
  }

  async #attempt(): Promise<Step> {
    const settled = await this.#settle();
    if (!settled.ok) return settled;
    const marked = await this.#mark();
    if (marked === 0 && settled.value === 0) return ok(undefined);
    const indexed = await this.#index();
    if (!indexed.ok) return indexed;
    if (this.#isShared) {
      const redacted = await this.#redact();
      if (!redacted.ok) return redacted;
    }
    const purged = await this.#purge();
    if (!purged.ok) {
      if (purged.error === JUDGE_AGAIN || purged.error.code !== 'bot-no-server-admin') return purged;
      this.#isRedactedOnly = true;
    }
    return this.#redact();
  }

  /** What an earlier attempt marked: what it deleted is so, what it did not is judged again. How many it deleted. */
  async #settle(): Promise<Step<number>> {
    const { store, eraser, clock } = this.#flow;
    const { room } = this.#room;
    let gone = 0;
    for (let page = await store.read.retention.going(room, 0, REDACTED_AT_ONCE); page.length > 0; ) {
      const looked = await sideBySide(page, ({ event }) => eraser.look(room, event));
      const failure = looked.find((one) => !one.ok);
      if (failure && !failure.ok) return failure;
      const isGone = (index: number) => {
        const found = looked[index];
        return found?.ok === true && found.value !== 'there';
      };
      const [left, stays] = [page.filter((_, index) => isGone(index)), page.filter((_, index) => !isGone(index))];
      await this.#write('retention.settled', { deleted: left.length, judged_again: stays.length }, async (tx) => {
        await tx.retention.markGone(idsOf(left), 'redacted', clock.now());
        await tx.retention.unmark(idsOf(stays));
      });
      gone += left.length;
      page = await store.read.retention.going(room, 0, REDACTED_AT_ONCE);
    }
    this.#redacted += gone;
    return ok(gone);
  }

  /** Marks what is to go. How many. */
  async #mark(): Promise<number> {
    let marked = 0;
    this.#kept = {};
    for await (const page of expiredPages(this.#flow, this.#room)) marked += (await this.#markPage(page)) ?? 0;
    return marked;
  }

  #markPage(page: readonly PlacedMessage[]): Promise<number | null> {
    const kept: Partial<Record<RetentionRule, number>> = {};
    return this.#flow.store
      .change<number>(async (tx) => {
        await tx.lock(HOLDS_LOCK);
        const facts = await retentionFacts(this.#flow, tx);
        if (facts === null) return null;
        const limits = limitsOf(this.#room, facts);
        const going: EventId[] = [];
        const by: Partial<Record<RetentionRule, number>> = {};
        for (const message of page) {
          const { decision, winner } = explainRetention(message, this.#room, facts, limits);
          const counts = decision === 'delete' ? by : kept;
          counts[winner] = (counts[winner] ?? 0) + 1;
          if (decision === 'delete') going.push(message.event);
        }
        this.#basis = basisOf(facts);
        if (going.length === 0) return null;
        await tx.retention.markGoing(going, 'redacted');
        return { value: going.length, audit: [this.#entry('retention.begun', { messages: going.length, by })] };
      })
      .then((count) => {
        this.#flow.crash.reach('retention.marked');
        for (const [rule, more] of Object.entries(kept) as [RetentionRule, number][])
          this.#kept[rule] = (this.#kept[rule] ?? 0) + more;
        return count;
      });
  }

  /** Puts what was there before Wardroom heard of the room on record; then it is judged like the rest. */
  async #index(): Promise<Step> {
    const { store, eraser, clock } = this.#flow;
    const { room } = this.#room;
    if (await store.read.retention.isIndexed(room)) return ok(undefined);
    let found = 0;
    for (let page: string | null | undefined; page !== null; ) {
      const history = await eraser.history(room, page === undefined ? 'end' : { page });
      // Who may not read as an administrator cannot purge either: what is known is redacted.
      if (!history.ok) return history.error.code === 'bot-no-server-admin' ? ok(undefined) : history;
      const unknown = await this.#unknown(history.value.events);
      found += unknown.filter(({ stateKey }) => stateKey === null).length;
      if (unknown.length > 0)
        await this.#write('retention.history_found', { events: unknown.length }, (tx) =>
          tx.retention.addHistory(room, unknown, clock.now()),
        );
      page = history.value.next;
    }
    await this.#write('retention.history_read', { found }, (tx) => tx.retention.markIndexed(room, clock.now()));
    return found > 0 ? err(JUDGE_AGAIN) : ok(undefined);
  }

  async #unknown(events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const known = await this.#flow.store.read.retention.standing(idsOf(events));
    return events.filter(({ event }) => !known.has(event));
  }

  async #purge(): Promise<Step> {
    const { eraser, crash, clock } = this.#flow;
    const { room } = this.#room;
    for (;;) {
      const point = await this.#purgePoint();
      if (!point.ok) return point;
      if (point.value === null) return ok(undefined);
      const surveyed = await this.#survey(point.value);
      if (!surveyed.ok) return surveyed;
      const { upTo, going, others } = surveyed.value;
      if (going.length + others === 0) return ok(undefined);
      const begun = await this.#step('retention.purging', going, { up_to: upTo });
      if (!begun.ok) return begun;
      crash.reach('retention.purging');
      const purged = await eraser.purge(room, upTo);
      if (!purged.ok) return purged;
      crash.reach('retention.purged');
      await this.#write('retention.purged', { messages: going.length, up_to: upTo }, (tx) =>
        tx.retention.markGone(going, 'purged', clock.now()),
      );
      this.#purged += going.length;
    }
  }

  /** Up to where the history may go at once: the first message that stays, or the end of so many that go. Null: the room is empty. */
  async #purgePoint(): Promise<Step<EventId | null>> {
    const { store, eraser } = this.#flow;
    const { room } = this.#room;
    const [staying, going] = [
      await store.read.retention.firstStaying(room),
      (await store.read.retention.going(room, 0, PURGED_AT_ONCE + 1)).at(PURGED_AT_ONCE),
    ];
    if (staying && (going === undefined || staying.seq < going.seq)) return ok(staying.event);
    if (going !== undefined) return ok(going.event);
    const end = await eraser.history(room, 'end');
    return end.ok ? ok(end.value.events[0]?.event ?? null) : end;
  }

  /**
   * Reads what a purge up to an event would take, in the homeserver's own order, which need not be the one in which events came here. Where
   * something among it stays, the purge ends before that.
   */
  async #survey(
    point: EventId,
  ): Promise<Step<{ readonly upTo: EventId; readonly going: readonly EventId[]; readonly others: number }>> {
    const { store, eraser, clock, alarms } = this.#flow;
    const { room } = this.#room;
    let [upTo, others] = [point, 0];
    let going: EventId[] = [];
    for (let page: string | null | undefined; page !== null; ) {
      const history = await eraser.history(room, page === undefined ? { before: point } : { page });
      if (!history.ok) {
        if (history.error.code !== 'not-found' || page !== undefined) return history;
        // Deleted at the homeserver by somebody else's hand.
        alarms.raise('message-gone', { room });
        await this.#write('message.gone', { event: point }, (tx) =>
          tx.retention.markGone([point], 'withdrawn', clock.now()),
        );
        return err(JUDGE_AGAIN);
      }
      const events = history.value.events.filter(({ stateKey }) => stateKey === null);
      const standing = await store.read.retention.standing(idsOf(events));
      const unknown = events.filter(({ event }) => !standing.has(event));
      if (unknown.length > 0) {
        await this.#write('retention.history_found', { events: unknown.length }, (tx) =>
          tx.retention.addHistory(room, unknown, clock.now()),
        );
        return err(JUDGE_AGAIN);
      }
      for (const { event } of events) {
        const stands = standing.get(event);
        if (stands === 'stays') [upTo, others, going] = [event, 0, []];
        else if (stands === 'goes') going.push(event);
        else others += 1;
      }
      page = history.value.next;
    }
    return ok({ upTo, going, others });
  }

  /** Takes away, one by one, the content of what is still to go. */
  async #redact(): Promise<Step> {
    const { store, eraser, clock, crash } = this.#flow;
    const { room } = this.#room;
    for (let after = 0; ; ) {
      const page = await store.read.retention.going(room, after, REDACTED_AT_ONCE);
      const last = page.at(-1);
      if (last === undefined) return ok(undefined);
      after = last.seq;
      const begun = await this.#step('retention.redacting', idsOf(page), {});
      if (!begun.ok) return begun;
      const outcomes = await sideBySide(page, async ({ event }): Promise<Result<void, PortFailure>> => {
        const found = await eraser.look(room, event);
        if (!found.ok) return found;
        return found.value === 'there' ? eraser.redact(room, event, REASON) : ok(undefined);
      });
      crash.reach('retention.redacted');
      const done = page.filter((_, index) => outcomes[index]?.ok);
      const refused = outcomes.flatMap((one) => (one.ok ? [] : [one.error]));
      if (done.length > 0)
        await this.#write('retention.redacted', { messages: done.length }, (tx) =>
          tx.retention.markGone(idsOf(done), 'redacted', clock.now()),
        );
      this.#redacted += done.length;
      const down = refused.find(({ kind }) => kind !== 'permanent');
      if (down) return err(down);
      this.#failed += refused.length;
      this.#code = refused[0]?.code ?? this.#code;
    }
  }

  /**
   * Whether what was decided when the room was judged still stands for these messages: the rules, and that each STAT ticket among them is still
   * acknowledged or closed. The entry of the step is written then, before it is taken.
   */
  async #step(action: string, events: readonly EventId[], detail: AuditEntry['detail']): Promise<Step> {
    if (this.#isStopping()) return err({ kind: 'retry', code: 'stopping' });
    const begun = await this.#flow.store.change<boolean>(async (tx) => {
      await tx.lock(HOLDS_LOCK);
      const facts = await retentionFacts(this.#flow, tx);
      if (facts === null || basisOf(facts) !== this.#basis) return null;
      if (await tx.retention.hasUnreadStat(events)) return null;
      return { value: true, audit: [this.#entry(action, { messages: events.length, ...detail })] };
    });
    return begun === null ? err(JUDGE_AGAIN) : ok(undefined);
  }

  async #write(action: string, detail: AuditEntry['detail'], work: (tx: Tx) => Promise<void>): Promise<void> {
    await this.#flow.store.change<true>(async (tx) => {
      await work(tx);
      return { value: true, audit: [this.#entry(action, detail)] };
    });
  }

  #entry(action: string, detail: AuditEntry['detail']): AuditEntry {
    const { room } = this.#room;
    return { action, outcome: 'ok', actor: 'wardroom', room, ...(detail === undefined ? {} : { detail }) };
  }
}

/** What decides, without the time: a message does not get younger. */
const basisOf = ({ policy, holds, agreements }: RetentionFacts): string =>
  JSON.stringify([
    holds.map(({ id }) => id),
    Object.entries(policy.classes).map(([name, { retention }]) => [name, retention]),
    agreements.map(({ domain, classes, from, until, revoked_at: revoked, max_age: maxAge }) => [
      domain,
      classes,
      [from, until, revoked, maxAge],
    ]),
    policy.direct_rooms,
  ]);

const idsOf = (events: readonly { readonly event: EventId }[]): readonly EventId[] => events.map(({ event }) => event);

async function sideBySide<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  const next = all.entries();
  const worker = async () => {
    for (const [index, one] of next) results[index] = await work(one);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return results;
}
