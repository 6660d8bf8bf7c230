import { createHash } from 'node:crypto';
import { canonicalBytes } from '../../audit/commitment.ts';
import { type Clock, type Instant, isoInstant } from '../../kernel/clock.ts';
import type { Phi } from '../../kernel/phi.ts';
import {
  agreementWarnings,
  beginning,
  chaseDue,
  dayAt,
  foldGrants,
  groupsOf,
  incidentName,
  isInForce,
  type KeptAgreement,
  lastDay,
  NOT_KNOWN,
  type Policy,
  periodDue,
  type ReviewPeriod,
  type ReviewSummary,
  roleReview,
} from '../../policy/index.ts';
import type { ActivityRecord } from '../activityPort.ts';
import type { Decided, GivenCommand } from '../commandsPort.ts';
import type { OfficersPort } from '../incidentsPort.ts';
import type { Alarms, AuditEntry, Reads, Store, Tx } from '../ports.ts';
import type { KeptReview, ReviewEvent, ReviewWithEvents } from '../reviewsPort.ts';
import { fold } from './incidents.ts';

export interface ReviewsFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: () => Policy | null;
  readonly agreements: (read: Pick<Reads, 'agreements'>, policy: Policy) => Promise<readonly KeptAgreement[]>;
  readonly record: Pick<ActivityRecord, 'position' | 'counts'>;
  readonly officers: OfficersPort;
  readonly alarms: Alarms;
}

const LOCK = 'reviews';
const LISTED = 20;
/** What was done in the last moments of a week is in the log by then. */
const SETTLED_MS = 60_000;
/** What is due within a week is in the summary. */
const AHEAD_MS = 7 * 86_400_000;

/**
 * The regular review of what happened (information system activity review, 45 CFR 164.308(a)(1)(ii)(D)): a summary each week, kept as it was made,
 * signed by somebody, asked for until it is.
 */
export class Reviews {
  readonly #flow: ReviewsFlow;

  constructor(flow: ReviewsFlow) {
    this.#flow = flow;
  }

  /** The latest, with who signed them. */
  async list(tx: Tx): Promise<Decided> {
    const reviews = (await tx.reviews.latest(LISTED)).map(shown);
    return { outcome: 'ok', code: 'listed', data: { reviews }, audit: [] };
  }

  /** As it was made. */
  async show(tx: Tx, id: string): Promise<Decided> {
    const review = await tx.reviews.one(id);
    if (review === null) return refused('no-such-review', id);
    const summary = JSON.parse(review.summary) as ReviewSummary;
    return { outcome: 'ok', code: 'shown', data: { ...shown(review), summary }, audit: [], about: { review: id } };
  }

  /** Somebody has looked at it. What they signed is named by its digest. */
  async sign(tx: Tx, given: GivenCommand, id: string, note: Phi<string> | null): Promise<Decided> {
    await tx.lock(LOCK);
    const review = await tx.reviews.one(id);
    if (review === null) return refused('no-such-review', id);
    if (signatureOf(review) !== null) return { ...refused('already-signed', id), data: shown(review) };
    const { digest, from, to } = review;
    const event: ReviewEvent = { type: 'signed', by: given.sender, at: this.#flow.clock.now(), digest };
    await tx.reviews.append(id, event, note);
    const detail = { review: id, from, to, digest, has_note: note !== null };
    return {
      outcome: 'ok',
      code: 'signed',
      data: shown({ ...review, events: [...review.events, event] }),
      audit: [{ action: 'review.signed', outcome: 'ok', actor: given.sender, detail }],
      about: { review: id },
    };
  }

  /**
   * Makes the summary of a week that ended, posts it, and asks for signatures that are missing. `isCaughtUp`: all that the log has is counted. Call it
   * every few seconds, where this process leads.
   */
  async look(isCaughtUp: boolean): Promise<void> {
    const policy = this.#flow.policy();
    if (policy === null) return;
    const { store, clock } = this.#flow;
    const now = clock.now();
    if (isCaughtUp) {
      const period = await this.#due(store.read, policy, now);
      if (period !== null) await this.#make(period, policy, now);
    }
    for (const review of await store.read.reviews.unsigned()) await this.#ask(review, policy, now);
  }

  async #due(read: Pick<Reads, 'reviews'>, policy: Policy, now: Instant): Promise<ReviewPeriod | null> {
    const { time_zone: zone, oversight } = policy;
    const position = await this.#flow.record.position();
    if (position === null) return null;
    const covered = await read.reviews.coveredUpTo(dayAt(now, zone));
    const period = periodDue(covered, position.since, now, oversight.review_day, zone);
    return period !== null && now >= beginning(period.to, zone) + SETTLED_MS ? period : null;
  }

  async #make(period: ReviewPeriod, policy: Policy, now: Instant): Promise<void> {
    const counts = await this.#flow.record.counts(period.from, period.to);
    await this.#flow.store.change(async (tx) => {
      await tx.lock(LOCK);
      const still = await this.#due(tx, policy, now);
      if (still?.to !== period.to || still.from !== period.from) return null;
      const review = await this.#summarised(tx, period, counts, policy, now);
      await tx.reviews.add(review);
      const { id, digest } = review;
      const detail = { review: id, ...period, digest };
      return { value: null, audit: [{ action: 'review.made', outcome: 'ok', actor: 'wardroom', detail }] };
    });
  }

  async #summarised(
    tx: Tx,
    { from, to }: ReviewPeriod,
    counts: Awaited<ReturnType<ActivityRecord['counts']>>,
    policy: Policy,
    now: Instant,
  ): Promise<KeptReview> {
    const id = `REV-${to}`;
    const grants = foldGrants(await tx.roles.events());
    const agreements = await this.#flow.agreements(tx, policy);
    const summary: ReviewSummary = {
      review: id,
      from,
      to,
      time_zone: policy.time_zone,
      groups: groupsOf(counts),
      incidents: (await tx.incidents.running()).map(fold).map((incident) => ({
        id: incidentName(incident.id),
        state: incident.state,
        last_day: lastDay(incident),
      })),
      agreements_ending: agreementWarnings(agreements, now, policy).map(({ domain, daysLeft }) => ({
        domain,
        days_left: daysLeft,
      })),
      roles_due: roleReview(
        grants.filter((grant) => isInForce(grant, now)),
        now,
        AHEAD_MS,
      ).map(({ user, role, overdue }) => ({ user_id: user, role, overdue })),
      not_known: NOT_KNOWN,
    };
    const bytes = canonicalBytes(summary);
    const digest = createHash('sha256').update(bytes).digest('hex');
    return { id, from, to, summary: Buffer.from(bytes).toString('utf8'), digest, madeAt: now };
  }

  async #ask(review: ReviewWithEvents, policy: Policy, now: Instant): Promise<void> {
    const { officers, alarms } = this.#flow;
    const { id, to, events, digest } = review;
    if (!events.some(({ type }) => type === 'posted')) {
      const summary = JSON.parse(review.summary) as ReviewSummary;
      const posted = await officers.tell(`wr.review.${id}`, { kind: 'review', summary, digest });
      if (!posted.ok) return;
      await this.#append(id, { type: 'posted', by: 'wardroom', at: now, event: posted.value });
      return;
    }
    const chased = events.flatMap((one) => (one.type === 'chased' ? [one.days] : []));
    const due = chaseDue(to, chased, now, policy.time_zone);
    if (due === null) return;
    if (!(await officers.tell(`wr.review.${id}.chase.${due.days}`, { kind: 'chase', review: id, days: due.days })).ok)
      return;
    await this.#append(id, { type: 'chased', by: 'wardroom', at: now, days: due.days });
    if (due.alarm) alarms.raise('review-unsigned', {});
  }

  async #append(id: string, event: ReviewEvent): Promise<void> {
    await this.#flow.store.change(async (tx) => {
      await tx.reviews.append(id, event, null);
      const { type, by: _, at: __, ...detail } = event;
      const entry: AuditEntry = {
        action: `review.${type}`,
        outcome: 'ok',
        actor: 'wardroom',
        detail: { review: id, ...detail },
      };
      return { value: null, audit: [entry] };
    });
  }
}

const signatureOf = ({ events }: ReviewWithEvents) => events.find((one) => one.type === 'signed') ?? null;

function shown(review: ReviewWithEvents): Readonly<Record<string, unknown>> {
  const { id, from, to, digest, madeAt } = review;
  const signed = signatureOf(review);
  return {
    review: id,
    from,
    to,
    digest,
    made_at: isoInstant(madeAt),
    signed_by: signed?.by ?? null,
    signed_at: signed === null ? null : isoInstant(signed.at),
  };
}

const refused = (code: string, id: string): Decided => ({
  outcome: 'refused',
  code,
  data: { review: id },
  audit: [],
});
