/**
 * A security incident and its worksheet (45 CFR 164.308(a)(6)(ii), 164.402, 164.414): what is folded from what was written down about it.
 * Nothing is ever changed or taken out; texts are kept apart, sealed, and are no part of this.
 */
import type { Instant } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import { type Factor, factors, type Level } from './factors.ts';

export type Decision = 'breach' | 'low-probability';

/** When it happened, as far as somebody knows. */
export interface Happened {
  readonly from: Instant;
  readonly until: Instant;
}

interface Step {
  /** A Matrix id, or `wardroom`. */
  readonly by: string;
  readonly at: Instant;
}

/** What somebody may add to the facts; `null` leaves them as they are. */
export interface IncidentFacts {
  /** The day on which it was known, or would have been with reasonable diligence (45 CFR 164.404(a)(2)): 2026-11-20. */
  readonly discovered: string | null;
  readonly happened: Happened | null;
  readonly rooms: readonly RoomId[];
  readonly people: readonly UserId[];
}

/** What happened to an incident. The text that belongs to it (what happened, why) is kept sealed beside it. */
export type IncidentEvent =
  | (Step & IncidentFacts & { readonly type: 'opened'; readonly discovered: string })
  /** By a rule; somebody takes it over or dismisses it. `what`: the rule's own words, codes and numbers only. */
  | (Step &
      IncidentFacts & {
        readonly type: 'drafted';
        readonly discovered: string;
        readonly rule: string;
        readonly person: string;
        readonly what: string;
      })
  | (Step & { readonly type: 'taken' })
  | (Step & { readonly type: 'dismissed' })
  | (Step & IncidentFacts & { readonly type: 'noted' })
  | (Step & { readonly type: 'assessed'; readonly factor: Factor; readonly level: Level })
  /** A decision that takes a second person. */
  | (Step & { readonly type: 'proposed'; readonly decision: Decision })
  /** A breach is decided; those whom it concerns have to be told before it can be closed. */
  | (Step & { readonly type: 'decided'; readonly decision: 'breach'; readonly affected: number | null })
  | (Step & {
      readonly type: 'closed';
      readonly decision: Decision;
      readonly affected: number | null;
      /** The day on which the last of those whom it concerns were told. */
      readonly notified: string | null;
      /** Who proposed what `by` confirmed. */
      readonly proposedBy: string | null;
    })
  | (Step & { readonly type: 'exported'; readonly digest: string })
  /** The officers were told: of the draft, or of the clock at so many days. */
  | (Step & { readonly type: 'told'; readonly of: 'draft' | number });

export interface KeptIncidentEvent {
  readonly number: number;
  readonly event: IncidentEvent;
}

export type IncidentState = 'draft' | 'open' | 'breach' | 'closed' | 'dismissed';

export interface Assessed {
  readonly level: Level;
  readonly by: string;
  readonly at: Instant;
  /** Of the event whose text is the reason. */
  readonly number: number;
}

export interface Incident {
  readonly id: number;
  /** `breach`: decided, and somebody still has to be told. */
  readonly state: IncidentState;
  readonly openedBy: string;
  readonly openedAt: Instant;
  /** Of a draft: the rule, whom it is about, and what it says. */
  readonly rule: { readonly name: string; readonly person: string; readonly what: string } | null;
  readonly discovered: string;
  readonly happened: Happened | null;
  readonly rooms: readonly RoomId[];
  readonly people: readonly UserId[];
  readonly factors: Readonly<Partial<Record<Factor, Assessed>>>;
  readonly decision: Decision | null;
  readonly affected: number | null;
  readonly notified: string | null;
  readonly closed: { readonly by: string; readonly at: Instant; readonly proposedBy: string | null } | null;
  /** Of what somebody did last: what a decision is based on. */
  readonly latest: number;
  readonly told: readonly ('draft' | number)[];
}

export const incidentName = (id: number): string => `INC-${id}`;

/** `INC-7`, `inc7` or `7`; null: no number of an incident. */
export function incidentNumber(typed: string): number | null {
  const digits = /^(?:inc-?)?([1-9]\d{0,8})$/i.exec(typed)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Throws for what does not begin with its opening. */
export function foldIncident(id: number, events: readonly KeptIncidentEvent[]): Incident {
  const [first, ...rest] = events;
  if (first === undefined || (first.event.type !== 'opened' && first.event.type !== 'drafted'))
    throw new Error('an incident begins with its opening');
  const { event, number } = first;
  const start: Incident = {
    id,
    state: event.type === 'drafted' ? 'draft' : 'open',
    openedBy: event.by,
    openedAt: event.at,
    rule: event.type === 'drafted' ? { name: event.rule, person: event.person, what: event.what } : null,
    discovered: event.discovered,
    happened: event.happened,
    rooms: event.rooms,
    people: event.people,
    factors: {},
    decision: null,
    affected: null,
    notified: null,
    closed: null,
    latest: number,
    told: [],
  };
  return rest.reduce(next, start);
}

function next(incident: Incident, { number, event }: KeptIncidentEvent): Incident {
  if (event.type === 'told') return { ...incident, told: [...incident.told, event.of] };
  if (event.type === 'exported') return incident;
  const latest = { ...incident, latest: number };
  switch (event.type) {
    case 'opened':
    case 'drafted':
      throw new Error('an incident is opened once');
    case 'taken':
      return { ...latest, state: 'open' };
    case 'dismissed':
      return { ...latest, state: 'dismissed', closed: { by: event.by, at: event.at, proposedBy: null } };
    case 'noted':
      return {
        ...latest,
        discovered: event.discovered ?? incident.discovered,
        happened: event.happened ?? incident.happened,
        rooms: [...new Set([...incident.rooms, ...event.rooms])],
        people: [...new Set([...incident.people, ...event.people])],
      };
    case 'assessed':
      return {
        ...latest,
        factors: {
          ...incident.factors,
          [event.factor]: { level: event.level, by: event.by, at: event.at, number },
        },
      };
    case 'proposed':
      return latest;
    case 'decided':
      return { ...latest, state: 'breach', decision: event.decision, affected: event.affected ?? incident.affected };
    case 'closed':
      return {
        ...latest,
        state: 'closed',
        decision: event.decision,
        affected: event.affected ?? incident.affected,
        notified: event.notified,
        closed: { by: event.by, at: event.at, proposedBy: event.proposedBy },
      };
  }
}

/** Whether the 60 days still run. */
export const isRunning = ({ state }: Pick<Incident, 'state'>): boolean => state !== 'closed' && state !== 'dismissed';

/** Factors that nobody has assessed yet: without all four nothing is shown to be no breach (45 CFR 164.402(2)). */
export const missingFactors = ({ factors: done }: Pick<Incident, 'factors'>): readonly Factor[] =>
  factors.map(({ name }) => name).filter((name) => done[name] === undefined);
