/** What WCTP needs of the use cases and the database: tickets with their origin, and the statuses and replies owed in return. */
import type { Instant } from '../kernel/clock.ts';
import type { AccountId, EventId, ServiceId, TicketId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import type { AdmitOutcome } from './ticketApi.ts';

export interface WctpChoice {
  readonly send: string;
  /** What goes back when it is chosen; null: the choice itself. */
  readonly reply: string | null;
}

/** How a ticket came by WCTP: whom to answer, about which message, and what was asked for. */
export interface WctpOrigin {
  readonly senderId: string;
  /** Whom statuses and replies go to: the sender, or another sender of the same service that it named. */
  readonly responsesTo: string;
  readonly messageId: string;
  readonly transactionId: string | null;
  readonly recipientId: string;
  /** The minor version the sender speaks, 0 to 3. */
  readonly version: number;
  readonly wants: {
    readonly queued: boolean;
    readonly delivered: boolean;
    readonly read: boolean;
    readonly response: boolean;
  };
  /** `N` of "Reply with N": what a reply must begin with. */
  readonly replyToken: string | null;
  readonly choices: Phi<readonly WctpChoice[]>;
  /** Of a client's message, by which it asks; null for a service's. */
  readonly trackingNumber: string | null;
}

/** One message for one account, read. */
export interface WctpTicket {
  readonly account: string;
  /** The ticket's document without `id`. Health information. */
  readonly document: Phi<Readonly<Record<string, unknown>>>;
  /** What makes it the same ticket when it comes again; times and delivery wishes are not in it. */
  readonly sameness: Phi<Readonly<Record<string, unknown>>>;
  readonly messageId: string | null;
  readonly submittedAt: Instant | null;
  /** Not to be delivered before, and by when. */
  readonly deliverAfter: Instant | null;
  readonly deliverBefore: Instant | null;
  /** The text says that it repeats an earlier call. */
  readonly isRepeatCall: boolean;
  readonly isClient: boolean;
  readonly origin: Omit<WctpOrigin, 'messageId' | 'trackingNumber'>;
}

export type WctpContent =
  | { readonly kind: 'notification'; readonly type: 'QUEUED' | 'DELIVERED' | 'READ' }
  | { readonly kind: 'reply'; readonly text: Phi<string>; readonly isChoice: boolean }
  /** 500: nobody acknowledged. 501: it was not delivered in the time that its sender set. */
  | { readonly kind: 'failure'; readonly errorCode: 500 | 501; readonly what: string }
  /** A message of ours to the operator, about a ticket and in answer to nothing. `isPressing`: there is something to do. */
  | { readonly kind: 'message'; readonly text: Phi<string>; readonly isPressing: boolean };

/** A status or a reply that is owed. */
export interface WctpResponse {
  /** Unique, growing: what a poll confirms. */
  readonly sequenceNo: number;
  readonly ticketId: TicketId;
  readonly account: AccountId;
  readonly service: ServiceId;
  readonly at: Instant;
  readonly attempts: number;
  /** The machine's time, as is that of the tries. */
  readonly firstTriedAt: Instant | null;
  readonly origin: Pick<
    WctpOrigin,
    'messageId' | 'transactionId' | 'recipientId' | 'responsesTo' | 'senderId' | 'version' | 'trackingNumber'
  >;
  readonly content: WctpContent;
}

export interface WctpRead {
  originOf(id: TicketId): Promise<WctpOrigin | null>;
  /** The service's id of the latest open ticket of this call, accepted after `since`; null when there is none. */
  earlierCall(
    about: {
      readonly service: ServiceId;
      readonly senderId: string;
      readonly account: string;
      readonly transactionId: string;
    },
    since: Instant,
  ): Promise<string | null>;
  /** What is owed to whom statuses of the service go, the oldest first. */
  pendingFor(service: ServiceId, responsesTo: string, limit: number): Promise<readonly WctpResponse[]>;
  /** The next one of each ticket that may be tried now, of these services. */
  dueFor(services: readonly ServiceId[], limit: number): Promise<readonly WctpResponse[]>;
  /** The ticket that a message of the service is about: one of ours (`mx-` and its number), or its own by its id. */
  ticketOfMessage(service: ServiceId, messageId: string): Promise<TicketId | null>;
  /** What a client's message came to so far; null for a tracking number that nobody has. */
  byTracking(trackingNumber: string): Promise<{
    readonly service: ServiceId;
    readonly senderId: string;
    readonly recipientId: string;
    readonly responses: readonly WctpResponse[];
  } | null>;
}

export interface WctpWrite extends WctpRead {
  saveOrigin(id: TicketId, service: ServiceId, account: AccountId, at: Instant, origin: WctpOrigin): Promise<void>;
  /** A notification that was owed before is not owed a second time. */
  /** `saidIn`: the event in which a clinician wrote what is told. */
  owe(id: TicketId, account: AccountId, at: Instant, content: WctpContent, saidIn: EventId | null): Promise<void>;
  /** `pauseMs`: how long until the next try. */
  saveTried(sequenceNo: number, outcome: 'sent' | 'retry' | 'parked', pauseMs: number): Promise<void>;
  /** Gives up what other services than these have not fetched for so long: how much of each. */
  parkUnfetched(
    pushedTo: readonly ServiceId[],
    olderThanMs: number,
  ): Promise<readonly { readonly service: ServiceId; readonly count: number }[]>;
  /** The poller's answers to what it was given. Those it has are over; the tickets of those it refused come back. */
  confirm(
    service: ServiceId,
    responsesTo: string,
    received: readonly { readonly sequenceNo: number; readonly ok: boolean }[],
  ): Promise<readonly { readonly ticketId: TicketId; readonly account: AccountId; readonly ok: boolean }[]>;
}

/** Pushes one response to the service's own WCTP address. */
export interface WctpSender {
  send(response: WctpResponse): Promise<Result<void, PortFailure>>;
}

export type WctpOutcome =
  | {
      readonly kind: 'accepted';
      readonly externalId: string;
      readonly trackingNumber: string | null;
      readonly duplicate: boolean;
    }
  | Exclude<AdmitOutcome, { readonly kind: 'accepted' }>;

/** What the WCTP channel may ask of Wardroom. */
export interface WctpApi {
  /** Resolves `accepted` only after the commit. */
  submit(service: ServiceId, ticket: WctpTicket): Promise<WctpOutcome>;
  /** Null: no such message of this sender to this recipient. */
  query(
    service: ServiceId,
    about: { readonly senderId: string; readonly recipientId: string; readonly trackingNumber: string },
  ): Promise<readonly WctpResponse[] | null>;
  poll(
    service: ServiceId,
    pollerId: string,
    received: readonly { readonly sequenceNo: number; readonly ok: boolean }[],
    limit: number,
  ): Promise<readonly WctpResponse[]>;
  /** What the service's operator answers a clinician: into the ticket's thread. `unknown`: it is about no message we know. */
  reply(
    service: ServiceId,
    reply: {
      readonly about: string;
      readonly by: string;
      readonly text: Phi<string>;
      /** The same id again is the same reply. */
      readonly id: string | null;
    },
  ): Promise<'done' | 'unknown' | 'invalid'>;
  /** Somebody was turned away at the door. `isMany`: it happens too often to be a mistake. */
  turnedAway(service: ServiceId | null, code: string, isMany: boolean): Promise<void>;
}
