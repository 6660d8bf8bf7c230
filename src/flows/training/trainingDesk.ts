import { type Clock, isoInstant } from '../../kernel/clock.ts';
import type { UserId } from '../../kernel/ids.ts';
import {
  demands,
  endOfDay,
  type Facts,
  foldAccepted,
  foldTraining,
  type Policy,
  type TrainingEvent,
} from '../../policy/index.ts';
import type { Performed, Said } from '../clinicianPort.ts';
import type { Decided, GivenCommand } from '../commandsPort.ts';
import { doneBy, refused } from '../decided.ts';
import type { FactReads } from '../policyFacts.ts';
import type { AuditEntry, Tx } from '../ports.ts';

export interface TrainingFlow {
  readonly clock: Clock;
  /** Null: it cannot be read. */
  readonly policy: () => Policy | null;
  readonly facts: (read: FactReads) => Promise<Facts | null>;
}

/** A course of somebody's as answers show it. */
export interface ListedTraining {
  readonly user_id: UserId;
  readonly course: string;
  readonly until: string;
  readonly current: boolean;
  readonly evidence: string | null;
}

/** So many days ahead `training due` looks. */
const DUE_DAYS = 30;
const DAY_MS = 86_400_000;

export const TRAINING_LOCK = 'training';

/** Training records and terms (45 CFR 164.308(a)(5), 164.530(b)): what administrators keep of others, and what people accept themselves. */
export class TrainingDesk {
  readonly #flow: TrainingFlow;

  constructor(flow: TrainingFlow) {
    this.#flow = flow;
  }

  /** Courses that some class asks for. */
  courses(): readonly string[] {
    const classes = Object.values(this.#flow.policy()?.classes ?? {});
    return [...new Set(classes.flatMap(({ training }) => training))].sort();
  }

  terms(): readonly string[] {
    return Object.keys(this.#flow.policy()?.terms ?? {}).sort();
  }

  /** `until`: the last day on which it counts. */
  async record(
    tx: Tx,
    given: GivenCommand,
    about: { readonly user: UserId; readonly course: string; readonly until: string; readonly evidence: string | null },
  ): Promise<Decided> {
    const policy = this.#flow.policy();
    if (policy === null) return refused('policy-unreadable');
    const { user, course, evidence } = about;
    const now = this.#flow.clock.now();
    const until = endOfDay(about.until, policy);
    if (until === null || until <= now) return refused('bad-argument', { argument: '--until' });
    // Nobody vouches for themselves.
    if (user === given.sender) return refused('for-yourself', { user_id: user });
    await tx.lock(TRAINING_LOCK);
    await tx.training.append({ type: 'passed', user, course, until, evidence, by: given.sender, at: now });
    const data = { user_id: user, course, until: isoInstant(until) };
    const detail = { user, course, until: isoInstant(until) };
    return {
      outcome: 'ok',
      code: 'recorded',
      data,
      about: { user, course },
      audit: [doneBy(given, 'training.recorded', detail)],
    };
  }

  async withdraw(tx: Tx, given: GivenCommand, user: UserId, course: string): Promise<Decided> {
    await tx.lock(TRAINING_LOCK);
    const now = this.#flow.clock.now();
    const stands = foldTraining(await tx.training.events()).some((one) => one.user === user && one.course === course);
    if (!stands) return refused('no-record', { user_id: user, course });
    await tx.training.append({ type: 'withdrawn', user, course, by: given.sender, at: now });
    const data = { user_id: user, course };
    return {
      outcome: 'ok',
      code: 'withdrawn',
      data,
      about: data,
      audit: [doneBy(given, 'training.withdrawn', { user, course })],
    };
  }

  async list(tx: Tx, user: UserId | null): Promise<Decided> {
    const [events, now] = [await tx.training.events(), this.#flow.clock.now()];
    const records = foldTraining(events)
      .filter((one) => user === null || one.user === user)
      .map(
        (one): ListedTraining => ({
          user_id: one.user,
          course: one.course,
          until: isoInstant(one.until),
          current: one.until > now,
          evidence: evidenceOf(events, one),
        }),
      );
    const accepted = foldAccepted(events)
      .filter((one) => user === null || one.user === user)
      .map((one) => ({ user_id: one.user, terms: one.terms, version: one.version }));
    return { outcome: 'ok', code: 'listed', data: { user_id: user, training: records, accepted }, audit: [] };
  }

  /** Who lacks something for a class that their roles open, and whose courses end soon. */
  async due(tx: Tx): Promise<Decided> {
    const facts = await this.#flow.facts(tx);
    if (facts === null) return refused('policy-unreadable');
    const soon = facts.now + DUE_DAYS * DAY_MS;
    const all = demands(facts, Object.keys(facts.policy.classes));
    const lacking = all
      .filter((one) => one.lacking.courses.length + one.lacking.terms.length > 0)
      .map(({ user, class: name, lacking: { courses, terms } }) => ({ user_id: user, class: name, courses, terms }));
    const ending = new Map(
      all.flatMap(({ user, ends }) =>
        ends
          .filter(({ until }) => until <= soon)
          .map(
            ({ course, until }) => [`${user} ${course}`, { user_id: user, course, until: isoInstant(until) }] as const,
          ),
      ),
    );
    const data = { lacking, ending: [...ending.values()].sort((a, b) => (a.until < b.until ? -1 : 1)) };
    return { outcome: 'ok', code: 'due', data, audit: [] };
  }

  /** The terms there are, and of whom they are asked, how many have accepted. */
  async listTerms(tx: Tx): Promise<Decided> {
    const facts = await this.#flow.facts(tx);
    if (facts === null) return refused('policy-unreadable');
    const all = demands(facts, Object.keys(facts.policy.classes));
    const terms = Object.entries(facts.policy.terms).map(([name, { title, version }]) => {
      const asked = new Set(
        all.filter((one) => facts.policy.classes[one.class]?.terms.includes(name)).map(({ user }) => user),
      );
      const missing = new Set(all.filter((one) => one.lacking.terms.includes(name)).map(({ user }) => user));
      return { terms: name, title, version, asked: asked.size, accepted: asked.size - missing.size };
    });
    return { outcome: 'ok', code: 'listed', data: { terms }, audit: [] };
  }

  /** `!accept TERMS`: an encrypted message of a device that its owner signed is the signature. */
  async accept(tx: Tx, said: Said, name: string): Promise<Performed> {
    const policy = this.#flow.policy();
    if (policy === null) return performed(refused('policy-unreadable'));
    if (said.strength !== 'device') return performed(refused('unverified-device'));
    const terms = Object.hasOwn(policy.terms, name) ? policy.terms[name] : undefined;
    if (terms === undefined) return performed(refused('no-such-terms', { known: this.terms() }));
    await tx.lock(TRAINING_LOCK);
    const { version, title } = terms;
    const event: TrainingEvent = {
      type: 'accepted',
      user: said.sender,
      terms: name,
      version,
      at: this.#flow.clock.now(),
    };
    await tx.training.append(event);
    const done: AuditEntry = {
      action: 'terms.accepted',
      outcome: 'ok',
      actor: said.sender,
      room: said.room,
      event: said.event,
      detail: { terms: name, version },
    };
    return performed({ outcome: 'ok', code: 'accepted', data: { terms: name, title, version }, audit: [done] });
  }
}

const evidenceOf = (
  events: readonly TrainingEvent[],
  { user, course, until }: { readonly user: UserId; readonly course: string; readonly until: number },
): string | null => {
  const found = events.findLast(
    (one) => one.type === 'passed' && one.user === user && one.course === course && one.until === until,
  );
  return found?.type === 'passed' ? found.evidence : null;
};

const performed = (decided: Decided): Performed => ({ ...decided, jobs: [], moved: [] });
