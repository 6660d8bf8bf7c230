/**
 * Consent as a fold over what happened. Who may be texted is never stored: it is read from the history, which only grows.
 *
 * - The order in which events are handed over does not matter: they count by their instants; at the same instant, what stops comes last.
 * - What stops counts as soon as it is on record, whatever its date; what permits only from its own.
 * - What stops names the telephone or the address, on every channel that reaches it, and ends by an event, never by itself (rule T12).
 */
import { phoneDigits } from '../../kernel/phone.ts';
import { type ConsentEvent, type EventOf, readConsentEvent } from './event.ts';

/** The history, by whom and what it names. */
export interface Consent {
  /** What happened to a telephone or an address, in order. */
  readonly byAddress: ReadonlyMap<string, readonly ConsentEvent[]>;
  readonly granted: ReadonlyMap<string, readonly EventOf<'granted'>[]>;
  readonly warned: ReadonlyMap<string, readonly EventOf<'risk_notice'>[]>;
  /** How many entries of the history could not be read: then nothing is allowed. */
  readonly unreadable: number;
}

/** What is compared: the digits without +1, or the e-mail address in lower case. */
export const addressKey = (to: string): string => (to.includes('@') ? to.trim().toLowerCase() : phoneDigits(to));

export function foldConsent(events: readonly ConsentEvent[], unreadable = 0): Consent {
  const ordered = [...new Map(events.map((event) => [event.id, event])).values()].sort(inOrder);
  return {
    byAddress: Map.groupBy(ordered, ({ to }) => addressKey(to)),
    granted: Map.groupBy(
      ordered.filter((event) => event.type === 'granted'),
      ({ patient }) => patient,
    ),
    warned: Map.groupBy(
      ordered.filter((event) => event.type === 'risk_notice'),
      ({ patient }) => patient,
    ),
    unreadable,
  };
}

/** The same of what was stored. An entry that cannot be read is not skipped: it might be a revocation. */
export function readConsent(documents: readonly unknown[]): Consent {
  const read = documents.map(readConsentEvent);
  return foldConsent(
    read.flatMap((one) => (one.ok ? [one.value] : [])),
    read.filter((one) => !one.ok).length,
  );
}

const stops = ({ type }: ConsentEvent): boolean => type === 'revoked' || type === 'reassigned';

const inOrder = (a: ConsentEvent, b: ConsentEvent): number =>
  a.at - b.at || Number(stops(a)) - Number(stops(b)) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
