import type { Instant } from '../../kernel/clock.ts';
import { addressKey, type Consent } from './consent.ts';
import type { ConsentEvent, EventOf } from './event.ts';

/** Something that keeps texts from a telephone or an address now. */
export interface Stop {
  readonly event: EventOf<'revoked'> | EventOf<'reassigned'>;
  /** A person still has to look at it. */
  readonly awaitsReview: boolean;
}

/** What holds for a telephone or an address, whoever has it. */
export interface AddressState {
  readonly stops: readonly Stop[];
  /** What was agreed to up to then is void: another person has it. Null: nothing speaks of it. */
  readonly voidUpTo: Instant | null;
  /** The last time that somebody wrote START, or staff recorded as much. */
  readonly restartedAt: Instant | null;
}

/** What stops this telephone or address as things stand at an instant. */
export function addressState(consent: Consent, to: string, at: Instant): AddressState {
  const events = consent.byAddress.get(addressKey(to)) ?? [];
  let stops: readonly Stop[] = [];
  let reassigned: readonly EventOf<'reassigned'>[] = [];
  let restartedAt: Instant | null = null;
  for (const event of events) {
    if (event.type === 'revoked') stops = [...stops, { event, awaitsReview: event.review }];
    else if (event.type === 'reassigned') {
      stops = [...stops, { event, awaitsReview: true }];
      reassigned = [...reassigned, event];
    } else if (event.at > at) continue;
    else if (event.type === 'restarted') {
      restartedAt = event.at;
      stops = event.method === 'sms' ? stops.filter((stop) => stop.event.type === 'reassigned') : [];
    } else if (event.type === 'reviewed') {
      const { of, decision } = event;
      stops =
        decision === 'mistaken'
          ? stops.filter((stop) => stop.event.id !== of)
          : stops.map((stop) => (stop.event.id === of ? { ...stop, awaitsReview: false } : stop));
      if (decision === 'mistaken') reassigned = reassigned.filter(({ id }) => id !== of);
    }
  }
  return { stops, restartedAt, voidUpTo: reassigned.at(-1)?.at ?? null };
}

/** A telephone or an address that is stopped, for the list of them. */
export interface Suppression {
  readonly to: string;
  /** Since the first of what stops it. */
  readonly since: Instant;
  readonly stops: readonly Stop[];
  readonly awaitsReview: boolean;
}

/** Everything that is stopped, what waits for a person first, then the latest. */
export function suppressions(consent: Consent, at: Instant): readonly Suppression[] {
  return [...consent.byAddress.values()]
    .flatMap((events): Suppression[] => {
      const to = (events[0] as ConsentEvent).to;
      const { stops } = addressState(consent, to, at);
      const first = stops[0];
      if (first === undefined) return [];
      return [{ to, stops, since: first.event.at, awaitsReview: stops.some(({ awaitsReview }) => awaitsReview) }];
    })
    .sort((a, b) => Number(b.awaitsReview) - Number(a.awaitsReview) || b.since - a.since || (a.to < b.to ? -1 : 1));
}
