import type { Instant } from '../kernel/clock.ts';
import type {
  AccountId,
  EventId,
  OperatorName,
  PersonKey,
  RoomId,
  ServiceId,
  TicketId,
  UserId,
} from '../kernel/ids.ts';

export const URGENCIES = ['fyi', 'routine', 'urgent', 'stat'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** contract.md, `state`. */
export const STATES = [
  'accepted',
  'sent',
  'delivered',
  'undecryptable',
  'seen',
  'acknowledged',
  'closed',
  'reported',
  'undelivered',
] as const;
export type TicketState = (typeof STATES)[number];

/** contract.md, `event` of the timeline. */
export type TimelineEvent =
  | TicketState
  | 'step_due'
  | 'step_skipped'
  | 'renotified'
  | 'posted_again'
  | 'reply'
  | 'declined'
  | 'delayed'
  | 'late'
  | 'unacknowledged'
  | 'todo'
  | 'corrected'
  | 'note'
  | 'repeat_call'
  | 'recalled';

/** How sure an acknowledgement is (design.md 2): an encrypted reply, a reaction or receipt, a text. */
export type Strength = 'device' | 'server' | 'sms';
/** `patched`: an operator connected caller and clinician. */
export type AcknowledgedHow = 'reaction' | 'reply' | 'command' | 'patched';
/** A person in the room, or an operator of the service. */
export type Actor = UserId | OperatorName;

/** Why a ticket was admitted with a remark (contract.md, `flags`). */
export type Flag = 'callback' | 'dob' | 'urgency' | 'taken_at' | 'id_reused' | 'no_schedule' | 'field' | (string & {});

/** What a message in the room is for (contract.md, `org.wardroom.ticket`.kind). */
export type MessageKind = 'ticket' | 'escalation' | 'renotify' | 'posted_again' | 'notice' | 'report';

/** The ways a step of a protocol can alert someone. Those not configured are skipped and logged. */
export type StepAction = 'room' | 'renotify' | 'todo' | 'sms' | 'voice' | 'patch' | 'report' | 'digest';

/** One instant of a compiled ladder: a step, or one repetition of it. `dueAt` is fixed when the ticket is accepted. */
export interface PlannedStep {
  /** Position in the protocol, counted from 0. */
  readonly step: number;
  /** 1 for the first time; counts up for `{every, times}`. */
  readonly repeat: number;
  readonly do: StepAction;
  readonly to?: string;
  readonly text?: string;
  readonly mention: boolean;
  readonly dueAt: Instant;
}

/** A line in a practice's report that asks for nothing: what became of a ticket. */
export interface Summary {
  /** The room's alias, as a step's `to`. */
  readonly to: string;
  readonly dueAt: Instant;
}

export interface Acknowledgement {
  readonly by: Actor;
  readonly person: PersonKey | null;
  readonly at: Instant;
  readonly how: AcknowledgedHow;
  readonly strength: Strength;
  /** The event that said so: withdrawing it withdraws the acknowledgement. */
  readonly eventId: EventId;
}

/**
 * The life of a ticket. Holds no health information: what the operator wrote lives sealed beside it.
 * Plain JSON, stored as it is.
 */
export interface Ticket {
  readonly ticketId: TicketId;
  readonly service: ServiceId;
  readonly account: AccountId;
  /** The service's id of the ticket; may hold anything printable. */
  readonly externalId: string;
  /** What a clinician types before "ok": a small number, unique among the open tickets of the room. */
  readonly token: string;
  readonly urgency: Urgency;
  readonly flags: readonly Flag[];
  readonly acceptedAt: Instant;
  readonly state: TicketState;
  /** The protocol that applies, e.g. `LARK-CARD/STAT`. */
  readonly protocol: string;
  readonly plan: readonly PlannedStep[];
  /** How many entries of `plan` have been done or skipped. */
  readonly done: number;
  /** When the last step is done and this passes without an acknowledgement, the ticket is undelivered. */
  readonly givesUpAt: Instant;
  /** When the ladder next wants to be called with `deadline`; null when it has stopped. */
  readonly nextStepAt: Instant | null;
  /** The people of the `room` steps that were due so far, the latest last. */
  readonly due: readonly UserId[];
  /** Of `due`: who could not have had the key of any message with the ticket's text. */
  readonly cannotRead: readonly UserId[];
  /** The people of the latest `room` step that was due: whom a reminder mentions. */
  readonly alerted: readonly UserId[];
  /** Of `due`: for whom the text is on its way again. */
  readonly postingAgain: readonly UserId[];
  /** Whether everyone due had a device with the key when that was last looked at, and it was reported so. */
  readonly delivered: boolean;
  /** How many messages the ticket's text needs; the second and further ones follow as notices in the thread. */
  readonly parts: number;
  /** A page that only tries the way (contract.md, `test`): it alerts nobody, never escalates and closes by itself. */
  readonly test?: true;
  readonly seenBy: readonly UserId[];
  /** Whether `delayed` was reported already. */
  readonly delayed: boolean;
  /** All acknowledgements that stand (one person may withdraw, another's remains). */
  readonly acknowledgements: readonly Acknowledgement[];
  /** The operator knows that the schedule has a hole where this ticket came. */
  readonly holeTold?: true;
  /** Who ended it. */
  readonly closedBy?: Actor;
  /** Who was called and does not take it. */
  readonly declined?: readonly UserId[];
  /** Events that acknowledged, or would have, and were withdrawn: they never count again. */
  readonly withdrawn: readonly EventId[];
  /** How much later than it is the ladder's clock reads: the caller rang again. Negative: somebody had the ticket for a while. */
  readonly clockAhead?: number;
  /** When the caller rings again, the clock reads at least so many milliseconds. */
  readonly restartFrom?: number;
  /** Of a repeat call: the ticket whose ladder it joined. It has none of its own. */
  readonly joins?: TicketId;
  /** Repeat calls that joined this ticket's ladder. */
  readonly joined?: readonly TicketId[];
  /** When, and in which room, it is listed however it ended (`report_includes: all`); gone once that is on its way. */
  readonly summary?: Summary;
  /** Whom the caller asked for by name. */
  readonly asked?: UserId;
  /** Its sender wants it on its way no sooner: until then nobody is alerted, and its ladder's clock stands. Null: it began. */
  readonly heldUntil?: Instant | null;
  /** Its sender wants to know if it is not delivered by then. Null: it was, or was told. */
  readonly deliverBy?: Instant | null;
  readonly roomId: RoomId | null;
  /** The root of the ticket's thread, once the homeserver accepted it. */
  readonly rootEventId: EventId | null;
}

/** What happened to a ticket. */
export type TicketEvent =
  | { readonly type: 'accepted' }
  /** The clock reached `nextStepAt` (or passed it while Wardroom was away). */
  | { readonly type: 'deadline' }
  /**
   * The homeserver accepted a message of this ticket. `unreadableBy`: of the people due now, who has no device with the key of
   * any message posted so far that carries the ticket's text.
   */
  | {
      readonly type: 'posted';
      readonly kind: MessageKind;
      readonly step: number | null;
      readonly eventId: EventId;
      readonly roomId: RoomId;
      readonly unreadableBy: readonly UserId[];
      /** Of those: for whom the text is on its way at this moment. */
      readonly awaited?: readonly UserId[];
    }
  /** Somebody has a device that can be sent the key of the ticket's text and was not. */
  | { readonly type: 'readable'; readonly by: UserId }
  | { readonly type: 'seen'; readonly by: UserId }
  | { readonly type: 'acknowledged'; readonly acknowledgement: Acknowledgement }
  /** The acknowledging event was withdrawn (redacted). */
  | { readonly type: 'withdrawn'; readonly eventId: EventId }
  | { readonly type: 'replied'; readonly by: UserId }
  /** The practice's report lists the ticket, whatever became of it. */
  | { readonly type: 'summary_due' }
  /** Who holds a role may have changed. `late`: more than five seconds ago. */
  | { readonly type: 'shift_changed'; readonly late: boolean }
  /** Somebody who was called does not take it. */
  | { readonly type: 'declined'; readonly by: UserId }
  /** Somebody who was called, or took it, hands it to a colleague by name. */
  | { readonly type: 'passed'; readonly by: UserId; readonly to: UserId }
  /** It could not be posted for longer than it should take. */
  | { readonly type: 'delayed' }
  /** The caller rang again; the ticket of that call joins this one. */
  | { readonly type: 'called_again'; readonly ticketId: TicketId; readonly urgency: Urgency }
  /** An operator connected caller and clinician. */
  | { readonly type: 'patched'; readonly by: OperatorName; readonly eventId: EventId }
  /** It is over. `who`: the clinician, where it was one. */
  | {
      readonly type: 'closed';
      readonly by: Actor;
      readonly how: 'cancelled' | 'closed' | 'done';
      readonly who?: UserId;
    }
  /** The operator adds something to what was said. */
  | { readonly type: 'noted'; readonly how: 'corrected' | 'note' };

/** `ticket.` + this is the `type` of a status callback (contract.md). */
export type ReportStatus =
  | 'accepted'
  | 'sent'
  | 'delivered'
  | 'undecryptable'
  | 'seen'
  | 'escalated'
  | 'renotified'
  | 'todo'
  | 'delayed'
  | 'acknowledged'
  | 'unacknowledged'
  | 'declined'
  | 'replied'
  | 'reported'
  | 'undelivered'
  | 'closed';

export type AlarmCode =
  | 'no-schedule'
  | 'no-protocol'
  | 'schedule-hole'
  | 'target-unknown'
  | 'step-skipped'
  | 'undecryptable'
  | 'undelivered'
  | (string & {});

/** What has to be done because of an event. Pure data: flows carry it out in the transaction that saves the ticket. */
export type Effect =
  | {
      readonly type: 'post';
      readonly kind: MessageKind;
      readonly step: number | null;
      /** How many times this step has been repeated, for the wording; 1 = first. Of a `notice`: which further part of the text, from 1. */
      readonly repeat: number;
      readonly mention: readonly UserId[];
      /** Of a `report`: the alias of its room, and when it was due. */
      readonly report?: Summary;
    }
  | {
      readonly type: 'timeline';
      readonly event: TimelineEvent;
      readonly step?: number;
      readonly who?: UserId;
      readonly late?: boolean;
      /** A short code (why a step was skipped). */
      readonly code?: string;
    }
  | {
      readonly type: 'report';
      readonly status: ReportStatus;
      readonly step?: number;
      readonly by?: Actor;
      readonly strength?: Strength;
      /** Only for `todo`: the protocol's own words, never the ticket's. */
      readonly text?: string;
      /** Why there is this `todo`, where that has a word of its own in some protocol. */
      readonly code?: 'expired';
    }
  /** A text without health information to somebody's telephone. `body`: the protocol's own words; null: the fixed ones. */
  | {
      readonly type: 'text';
      readonly step: number;
      readonly repeat: number;
      readonly to: Resolved & { readonly phone: string };
      readonly body: string | null;
    }
  /** Fixed words for these people, in the thread. */
  | { readonly type: 'tell'; readonly who: readonly UserId[]; readonly notice: string }
  /** What somebody said with the event goes, encrypted, into the thread. */
  | { readonly type: 'words'; readonly mention: readonly UserId[] }
  | { readonly type: 'alarm'; readonly code: AlarmCode; readonly step?: number };

export interface Advanced {
  readonly ticket: Ticket;
  readonly effects: readonly Effect[];
}

/** Who a step's `to` means at an instant. */
export type Resolution =
  | { readonly kind: 'people'; readonly people: readonly Resolved[]; readonly alarms: readonly AlarmCode[] }
  /** The step cannot be done: skip it, log the code, go on. */
  | { readonly kind: 'skip'; readonly code: string; readonly alarms: readonly AlarmCode[] }
  /** A human operator of the service. */
  | { readonly kind: 'dispatcher' }
  /** A role at another organisation of which nobody is known here: the operator rings it. */
  | { readonly kind: 'organisation'; readonly org: string; readonly role: string; readonly agreement: string };

export interface Resolved {
  readonly person: PersonKey;
  readonly userId: UserId;
  /** E.164; only where a telephone was asked for. */
  readonly phone?: string;
}

/** What a step is resolved for. */
export interface Asked {
  /** Do-not-disturb never holds back STAT. */
  readonly urgency: Urgency;
  /** The role that `primary` and `backup` of a telephone target mean; without one, the practice's first. */
  readonly role?: string | undefined;
}

/** The on-call knowledge a ladder needs. Pure: built from dispatch.yaml, asked with an instant. */
export interface Directory {
  /** Without `asked`, as for STAT. */
  resolve(account: AccountId, target: string, at: Instant, asked?: Asked): Resolution;
  /** The practice's role that a step's `to` names; undefined when it names none. */
  roleOf(account: AccountId, target: string): string | undefined;
  /** Everyone whom a step of any protocol of the account can name: the members of its room. */
  members(account: AccountId): readonly Resolved[];
  /** Whether ladders of this account can text (a line is configured for it). */
  texts(account: AccountId): boolean;
  /** Whether tickets go into the own room of each who is called (`deliver: personal`). */
  deliversPersonally(account: AccountId): boolean;
  /** Whether only those on duty are in the account's room (`access: on-duty`). */
  limitsAccess(account: AccountId): boolean;
  /** Whom a step of any protocol of the account would alert at this instant, and who stands in for them. */
  onDuty(account: AccountId, at: Instant): readonly UserId[];
  /** The one member whom a caller means by this name (`provider_requested`); null: nobody, or it could be several. */
  askedFor(account: AccountId, name: string): UserId | null;
  /** Who reads the account's reports and digests: the members of a room that is made for them. */
  reportReaders(account: AccountId): readonly Resolved[];
  /** Whether the account's reports also list tickets that somebody took or closed before (`report_includes: all`). */
  reportsEverything(account: AccountId): boolean;
  /** Where the account's practice is. */
  placeOf(account: AccountId): { readonly tz: string };
  /** Whether a step of the protocol can name this person: who may acknowledge. */
  mayAcknowledge(account: AccountId, urgency: Urgency, userId: UserId): boolean;
  personOf(userId: UserId): PersonKey | null;
}

/** A ticket's text as the operator took it: what goes, encrypted, into the room. Health information as a whole. */
export interface TicketText {
  /** The whole JSON document as it arrived. */
  readonly raw: Readonly<Record<string, unknown>>;
}
