import type { Clock } from '../kernel/clock.ts';
import type { ServiceId, UserId } from '../kernel/ids.ts';
import type { Directory, Effect, Ticket, Urgency } from '../tickets/ticket.ts';
import type { Alarms, CrashPoints, StatusSender, Store, Tx, Voices } from './ports.ts';

/** What an installation decided about its answering services. */
export interface ServicePolicy {
  /** Whether anybody listens to status callbacks of this service. */
  hasCallback(service: ServiceId): boolean;
  /** Whether clinicians' replies go back with their text (contract.md, `replies`). */
  repliesWithText(service: ServiceId): boolean;
  /** Whether tickets of this service may have come by WCTP. */
  speaksWctp?(service: ServiceId): boolean;
}

/** What happened that figures are kept of. Never an id. */
export interface TicketMeter {
  changed(urgency: Urgency, state: string): void;
  seenAfter(urgency: Urgency, ms: number): void;
  acknowledgedAfter(urgency: Urgency, ms: number): void;
  deadlineLate(ms: number): void;
}

/** What every ticket flow needs. */
export interface TicketFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly directory: Directory;
  readonly services: ServicePolicy;
  readonly alarms: Alarms;
  readonly meter: TicketMeter;
  readonly crash: CrashPoints;
  /** Absent: no line is configured. */
  readonly texts?: StepTexts;
}

/** Texts that steps of ladders send. */
export interface StepTexts {
  /** Queues one, in the transaction of the step. */
  step(tx: Tx, ticket: Ticket, text: Extract<Effect, { type: 'text' }>): Promise<void>;
}

export interface DeliveryFlow extends TicketFlow {
  readonly voices: Voices;
  readonly sender: StatusSender;
  readonly isOwnUser: (user: UserId) => boolean;
}
