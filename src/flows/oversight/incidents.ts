import { type Clock, type Instant, isoInstant } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import {
  addDays,
  anomalyTitle,
  beginning,
  type Decision,
  type Draft,
  dayAt,
  daysLeft,
  type Factor,
  foldIncident,
  type Happened,
  type Incident,
  type IncidentEvent,
  type IncidentFacts,
  incidentName,
  isDate,
  isRunning,
  type Level,
  lastDay,
  missingFactors,
  type Policy,
  reminderDue,
} from '../../policy/index.ts';
import type { Asked, Decided, GivenCommand } from '../commandsPort.ts';
import type { KeptIncident, OfficersPort } from '../incidentsPort.ts';
import type { Alarms, AuditEntry, Store, Tx } from '../ports.ts';

export interface IncidentsFlow {
  readonly store: Store;
  readonly clock: Clock;
  /** Null: it cannot be read, and then nobody knows whose day it is. */
  readonly policy: () => Policy | null;
  readonly officers: OfficersPort;
  readonly alarms: Alarms;
}

/** What somebody says of an incident; days as they were typed. */
export interface SaidFacts {
  readonly discovered: string | null;
  readonly happened: { readonly from: string; readonly until: string } | null;
  readonly rooms: readonly RoomId[];
  readonly people: readonly UserId[];
}

/** How an incident is to be closed. */
export interface Closing {
  readonly decision: Decision;
  readonly because: Phi<string>;
  readonly affected: number | null;
  readonly notified: string | null;
}

/** Writes numbers in order, and drafts once. */
export const INCIDENTS_LOCK = 'incidents';
const LISTED = 50;
const DAY_MS = 86_400_000;

/**
 * Incidents and their worksheets (45 CFR 164.308(a)(6)(ii), 164.402, 164.404-414): opened by people, or as drafts by rules; assessed by the four
 * factors; closed with a decision. What shows that nobody has to be told takes a second person.
 */
export class Incidents {
  readonly #flow: IncidentsFlow;

  constructor(flow: IncidentsFlow) {
    this.#flow = flow;
  }

  async open(tx: Tx, given: GivenCommand, text: Phi<string>, said: SaidFacts): Promise<Decided> {
    const facts = this.#factsOf(said);
    if ('outcome' in facts) return facts;
    const { today, now } = this.#time()!;
    await tx.lock(INCIDENTS_LOCK);
    const id = await tx.incidents.create(null, now);
    if (id === null) throw new Error('an incident that is no draft is always new');
    const opened = { ...facts, discovered: facts.discovered ?? today };
    return this.#add(tx, given, id, { type: 'opened', by: given.sender, at: now, ...opened }, text, 'opened');
  }

  /** A rule found something. Null: there is a draft of it already. */
  async openDraft(draft: Draft): Promise<number | null> {
    const { store, clock } = this.#flow;
    if (await store.read.incidents.hasDraft(draft.key)) return null;
    return store.change<number>(async (tx) => {
      await tx.lock(INCIDENTS_LOCK);
      const now = clock.now();
      const id = await tx.incidents.create(draft.key, now);
      if (id === null) return null;
      const { rule, person, day, what, at, rooms } = draft;
      const event: IncidentEvent = {
        type: 'drafted',
        by: 'wardroom',
        at: now,
        discovered: day,
        happened: { from: at - DAY_MS, until: at },
        rooms,
        people: person.startsWith('@') ? [person as UserId] : [],
        rule,
        person,
        what,
      };
      await tx.incidents.append(id, event, null);
      const detail = { incident: incidentName(id), rule, person, day };
      return { value: id, audit: [{ action: 'incident.drafted', outcome: 'ok', actor: 'wardroom', detail }] };
    });
  }

  async note(tx: Tx, given: GivenCommand, id: number, text: Phi<string>, said: SaidFacts): Promise<Decided> {
    const facts = this.#factsOf(said);
    if ('outcome' in facts) return facts;
    const incident = await this.#locked(tx, id);
    if (incident === null) return refused('no-such-incident');
    const { now } = this.#time()!;
    return this.#add(tx, given, id, { type: 'noted', by: given.sender, at: now, ...facts }, text, 'noted');
  }

  async assess(
    tx: Tx,
    given: GivenCommand,
    id: number,
    factor: Factor,
    level: Level,
    because: Phi<string>,
  ): Promise<Decided> {
    const incident = await this.#locked(tx, id);
    const refusal = this.#notOpen(incident);
    if (refusal !== null) return refusal;
    const at = this.#flow.clock.now();
    return this.#add(tx, given, id, { type: 'assessed', by: given.sender, at, factor, level }, because, 'assessed');
  }

  /** A draft becomes an incident, or comes to nothing; each with a reason. */
  async judgeDraft(
    tx: Tx,
    given: GivenCommand,
    id: number,
    verdict: 'taken' | 'dismissed',
    because: Phi<string>,
  ): Promise<Decided> {
    const incident = await this.#locked(tx, id);
    if (incident === null) return refused('no-such-incident');
    if (incident.state !== 'draft') return refused('no-draft', { incident: incidentName(id), state: incident.state });
    const event = { type: verdict, by: given.sender, at: this.#flow.clock.now() } as const;
    return this.#add(tx, given, id, event, because, verdict);
  }

  /**
   * A breach is decided by one person, and closed when those whom it concerns were told. That it is none takes another one, who is shown the
   * assessment.
   */
  async close(tx: Tx, given: GivenCommand, id: number, closing: Closing): Promise<Decided> {
    const incident = await this.#locked(tx, id);
    const refusal = this.#notOpen(incident) ?? this.#notClosable(incident!, closing);
    if (refusal !== null) return refusal;
    const { now } = this.#time()!;
    const { decision, because, affected, notified } = closing;
    const step = { by: given.sender, at: now };
    if (decision === 'low-probability') {
      const proposal = await tx.incidents.append(id, { type: 'proposed', ...step, decision }, because);
      const plan = { incident: incidentName(id), decision, proposal, proposed_by: given.sender };
      return {
        outcome: 'confirm',
        code: 'shows-no-breach',
        data: { ...this.#shown({ ...incident!, latest: proposal }), decision, second_person: true },
        audit: [entry('proposed', given.sender, id, { decision })],
        asks: { plan, secondPerson: true },
        about: { incident: incidentName(id), decision },
      };
    }
    const event: IncidentEvent =
      notified === null
        ? { type: 'decided', ...step, decision, affected }
        : { type: 'closed', ...step, decision, affected, notified, proposedBy: null };
    return this.#add(tx, given, id, event, because, event.type);
  }

  /** What the second person was shown: all that was written, and by whom. */
  async closeBasis(tx: Tx, plan: Asked['plan']): Promise<unknown> {
    const kept = await tx.incidents.one(numberIn(plan));
    const incident = kept === null ? null : fold(kept);
    return { latest: incident?.latest ?? 0, state: incident?.state ?? null };
  }

  async closeAsShown(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    const id = numberIn(plan);
    const incident = await this.#locked(tx, id);
    const refusal = this.#notOpen(incident);
    if (refusal !== null) return refusal;
    const event: IncidentEvent = {
      type: 'closed',
      by: given.sender,
      at: this.#flow.clock.now(),
      decision: 'low-probability',
      affected: null,
      notified: null,
      proposedBy: String(plan.proposed_by),
    };
    return this.#add(tx, given, id, event, null, 'closed');
  }

  /** Those whose clock runs, the most urgent first; or all. */
  async list(tx: Tx, all: boolean): Promise<Decided> {
    if (this.#time() === null) return refused('policy-unreadable');
    const kept = await (all ? tx.incidents.latest(LISTED) : tx.incidents.running());
    const incidents = kept
      .map(fold)
      .sort((a, b) => (all ? b.id - a.id : compare(a.discovered, b.discovered) || a.id - b.id))
      .map((incident) => this.#shown(incident));
    return { outcome: 'ok', code: 'listed', data: { incidents }, audit: [] };
  }

  /** Tells the officers of drafts and of clocks that run out, once each. Call it every few seconds, where this process leads. */
  async look(): Promise<void> {
    const time = this.#time();
    if (time === null) return;
    const { store, officers, alarms } = this.#flow;
    for (const incident of (await store.read.incidents.running()).map(fold)) {
      const { id, rule } = incident;
      const name = incidentName(id);
      if (incident.state === 'draft' && rule !== null && !incident.told.includes('draft')) {
        const { person, what } = rule;
        const title = anomalyTitle(rule.name);
        const notice = { kind: 'draft', incident: name, title, person, day: incident.discovered, what } as const;
        if ((await officers.tell(`wr.incident.${name}.draft`, notice)).ok) await this.#markTold(id, 'draft');
      }
      const due = reminderDue(incident, time.now, time.zone);
      if (due === null) continue;
      const notice = {
        kind: 'clock',
        incident: name,
        state: incident.state,
        daysLeft: daysLeft(incident, time.now, time.zone),
        lastDay: lastDay(incident),
        missing: missingFactors(incident).length,
      } as const;
      if (!(await officers.tell(`wr.incident.${name}.clock.${due}`, notice)).ok) continue;
      await this.#markTold(id, due);
      if (due < 0) alarms.raise('incident-overdue', {});
    }
  }

  async #markTold(id: number, of: 'draft' | number): Promise<void> {
    const { store, clock } = this.#flow;
    await store.change(async (tx) => {
      const incident = await this.#locked(tx, id);
      if (incident === null || incident.told.includes(of)) return null;
      await tx.incidents.append(id, { type: 'told', by: 'wardroom', at: clock.now(), of }, null);
      return { value: null, audit: [entry('told', 'wardroom', id, { of })] };
    });
  }

  async #locked(tx: Tx, id: number): Promise<Incident | null> {
    await tx.lock(`incident:${id}`);
    const kept = await tx.incidents.one(id);
    return kept === null ? null : fold(kept);
  }

  #notOpen(incident: Incident | null): Decided | null {
    if (this.#time() === null) return refused('policy-unreadable');
    if (incident === null) return refused('no-such-incident');
    const { state } = incident;
    const about = { incident: incidentName(incident.id), state };
    if (state === 'draft') return refused('still-a-draft', about);
    return isRunning(incident) ? null : refused('incident-closed', about);
  }

  #notClosable(incident: Incident, { decision, notified }: Closing): Decided | null {
    const about = { incident: incidentName(incident.id) };
    const missing = missingFactors(incident);
    if (missing.length > 0)
      return refused('not-assessed', {
        ...about,
        missing,
        faults: [{ path: '', what: `Missing: ${missing.join(', ')}.` }],
      });
    if (decision !== 'breach') {
      if (incident.state === 'breach') return refused('breach-decided', about);
      return null;
    }
    if (notified === null) return null;
    if (!isDate(notified)) return refused('bad-argument', { argument: '--notified' });
    if (notified > this.#time()!.today) return refused('in-the-future', about);
    return notified < incident.discovered ? refused('told-before-discovered', about) : null;
  }

  /** What was said of days, checked; or why not. */
  #factsOf({ discovered, happened, rooms, people }: SaidFacts): IncidentFacts | Decided {
    const time = this.#time();
    if (time === null) return refused('policy-unreadable');
    if (discovered !== null && !isDate(discovered)) return refused('bad-argument', { argument: '--discovered' });
    if (discovered !== null && discovered > time.today) return refused('in-the-future');
    const range = happened === null ? null : rangeOf(happened, time.zone);
    if (range !== null && 'argument' in range) return refused('bad-argument', range);
    return { discovered, happened: range, rooms, people };
  }

  async #add(
    tx: Tx,
    given: GivenCommand,
    id: number,
    event: IncidentEvent,
    text: Phi<string> | null,
    code: string,
  ): Promise<Decided> {
    await tx.incidents.append(id, event, text);
    const incident = fold((await tx.incidents.one(id))!);
    const { by: _, at: __, type: ___, ...facts } = event;
    return {
      outcome: 'ok',
      code,
      data: this.#shown(incident),
      audit: [entry(event.type, given.sender, id, facts)],
      about: { incident: incidentName(id) },
    };
  }

  #shown(incident: Incident): Readonly<Record<string, unknown>> {
    const { now, zone } = this.#time()!;
    return shownIncident(incident, now, zone);
  }

  #time(): { readonly now: Instant; readonly zone: string; readonly today: string } | null {
    const policy = this.#flow.policy();
    if (policy === null) return null;
    const now = this.#flow.clock.now();
    return { now, zone: policy.time_zone, today: dayAt(now, policy.time_zone) };
  }
}

/** An incident as answers show it: ids, days and codes, no text. */
export const shownIncident = (incident: Incident, now: Instant, zone: string): Readonly<Record<string, unknown>> => ({
  incident: incidentName(incident.id),
  state: incident.state,
  opened_by: incident.openedBy,
  opened_at: isoInstant(incident.openedAt),
  rule: incident.rule?.name ?? null,
  about: incident.rule === null ? null : `${incident.rule.person}: ${incident.rule.what}`,
  discovered: incident.discovered,
  last_day: lastDay(incident),
  days_left: isRunning(incident) ? daysLeft(incident, now, zone) : null,
  happened: incident.happened === null ? null : shownRange(incident.happened),
  rooms: incident.rooms,
  people: incident.people,
  factors: Object.fromEntries(Object.entries(incident.factors).map(([name, { level }]) => [name, level])),
  missing: missingFactors(incident),
  decision: incident.decision,
  affected: incident.affected,
  notified: incident.notified,
  closed_by: incident.closed?.by ?? null,
  proposed_by: incident.closed?.proposedBy ?? null,
});

const shownRange = ({ from, until }: Happened) => ({ from: isoInstant(from), until: isoInstant(until) });

export const fold = ({ id, events }: KeptIncident): Incident => foldIncident(id, events);

/** RFC 3339, or days there; of a day, all of it. */
function rangeOf(
  { from, until }: { readonly from: string; readonly until: string },
  zone: string,
): Happened | { readonly argument: string } {
  const start = isDate(from) ? beginning(from, zone) : instantOf(from);
  const end = isDate(until) ? beginning(addDays(until, 1), zone) - 1 : instantOf(until);
  if (start === null) return { argument: '--from' };
  return end === null || end < start ? { argument: '--until' } : { from: start, until: end };
}

/** RFC 3339 with an offset. */
function instantOf(text: string): Instant | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

const entry = (verb: string, actor: string, id: number, facts: Readonly<Record<string, unknown>>): AuditEntry => ({
  action: `incident.${verb}`,
  outcome: 'ok',
  actor,
  detail: { incident: incidentName(id), ...facts },
});

const numberIn = ({ incident }: Asked['plan']): number => Number(String(incident).replace('INC-', ''));
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const refused = (code: string, data: Decided['data'] = {}): Decided => ({
  outcome: 'refused',
  code,
  data,
  audit: [],
  ...('incident' in data ? { about: { incident: data.incident } } : {}),
});
