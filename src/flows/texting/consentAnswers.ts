/** What is on record of consent, as answers show it. */
import type { ConsentEvent, ConsentLine, Stop } from '../../consent/index.ts';
import { isoInstant } from '../../kernel/clock.ts';

export interface ShownConsent {
  readonly channel: string;
  readonly number: string;
  readonly scopes: readonly string[];
  /** `in-force`, or why it is not. */
  readonly state: string;
  readonly stopped: boolean;
  readonly language: string | null;
  readonly method: string | null;
  readonly from: string | null;
  readonly until: string | null;
  readonly recorded_by: string | null;
  readonly risk_notice: { readonly version: string; readonly choice: string; readonly at: string } | null;
}

export function shownConsent({ channel, to, standing, stopped, riskNotice }: ConsentLine): ShownConsent {
  const latest = standing.records.at(-1) ?? null;
  return {
    channel,
    number: to,
    scopes: standing.inForce ? standing.scopes : (latest?.scopes ?? []),
    state: standing.inForce ? 'in-force' : standing.why,
    stopped,
    language: latest?.language ?? null,
    method: latest?.method ?? null,
    from: latest === null ? null : isoInstant(latest.from),
    until: latest?.until == null ? null : isoInstant(latest.until),
    recorded_by: latest?.by ?? null,
    risk_notice:
      riskNotice === null
        ? null
        : { version: riskNotice.version, choice: riskNotice.choice, at: isoInstant(riskNotice.at) },
  };
}

export interface ShownConsentEvent {
  readonly id: string;
  readonly type: ConsentEvent['type'];
  readonly at: string;
  readonly by: string;
  readonly channel: string;
  readonly number: string;
  readonly method: string | null;
  /** What was agreed to, warned of, decided: in words of the record. */
  readonly what: string;
  readonly evidence: string;
}

export const shownEvent = (event: ConsentEvent): ShownConsentEvent => ({
  id: event.id,
  type: event.type,
  at: isoInstant(event.at),
  by: event.by,
  channel: event.channel,
  number: event.to,
  method: 'method' in event ? event.method : null,
  what: whatOf(event),
  evidence: event.evidence,
});

function whatOf(event: ConsentEvent): string {
  switch (event.type) {
    case 'granted':
      return `${event.scopes.join(', ')}${event.until === null ? '' : ` until ${isoInstant(event.until)}`}`;
    case 'risk_notice':
      return `${event.choice}, version ${event.version}`;
    case 'revoked':
      return event.topics === null ? 'everything' : event.topics.join(', ');
    case 'reassigned':
      return event.why;
    case 'restarted':
      return event.reviewedBy === null ? 'by the holder' : `with ${event.reviewedBy}`;
    case 'reviewed':
      return event.decision;
    case 'verified':
      return 'has this telephone';
  }
}

/** Something that stops a telephone. */
export interface ShownStop {
  readonly id: string;
  readonly type: 'revoked' | 'reassigned';
  readonly since: string;
  readonly by: string;
  readonly method: string;
  readonly evidence: string;
  readonly awaits_review: boolean;
}

export const shownStop = ({ event, awaitsReview }: Stop): ShownStop => ({
  id: event.id,
  type: event.type,
  since: isoInstant(event.at),
  by: event.by,
  method: event.method,
  evidence: event.evidence,
  awaits_review: awaitsReview,
});
