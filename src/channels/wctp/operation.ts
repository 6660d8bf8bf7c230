/** The operations of WCTP 1.0 to 1.3 as values; names as in the DTDs, without `wctp-`. */
import type { Instant } from '../../kernel/clock.ts';
import type { Phi } from '../../kernel/phi.ts';
import type { Failure } from './codes.ts';

/** The minor version of `wctp-dtd-v1rN`. */
export type Version = 0 | 1 | 2 | 3;

/** What was read otherwise than it was written, by code: unknown values, missing parts. Never a value. */
export type Note = string;

export interface Originator {
  readonly senderId: string;
  readonly securityCode: string | null;
  /** In a client's operation the password. */
  readonly miscInfo: string | null;
}

export interface MessageControl {
  readonly messageId: string | null;
  readonly transactionId: string | null;
  readonly sendResponsesToId: string | null;
  readonly allowResponse: boolean;
  readonly notifyWhenQueued: boolean;
  readonly notifyWhenDelivered: boolean;
  readonly notifyWhenRead: boolean;
  /** Null: not given, or no value of WCTP. */
  readonly deliveryPriority: 'HIGH' | 'NORMAL' | 'LOW' | null;
  readonly deliveryAfter: Instant | null;
  readonly deliveryBefore: Instant | null;
  readonly preformatted: boolean;
  readonly allRecipsRequired: boolean;
}

export interface Choice {
  readonly send: string;
  /** What goes back when it is chosen; null: the choice itself. */
  readonly reply: string | null;
}

export interface Payload {
  readonly text: Phi<string>;
  /** Empty when there is no MCR. */
  readonly choices: readonly Choice[];
}

/** One message for one or more recipients: what SubmitRequest, SubmitClientMessage and SendMsgMulti have in common. */
export interface Submission {
  readonly submitTimestamp: Instant | null;
  readonly originator: Originator;
  readonly control: MessageControl;
  readonly recipientIds: readonly string[];
  readonly payload: Payload;
}

/** The other side's answer to something of ours. */
export type Received = { readonly ok: true } | { readonly ok: false; readonly errorCode: number };

export interface Response {
  readonly originator: Originator;
  readonly messageId: string | null;
  readonly responseToMessageId: string | null;
}

export type Operation =
  | { readonly kind: 'SubmitRequest' | 'SubmitClientMessage' | 'SendMsgMulti'; readonly submission: Submission }
  | {
      readonly kind: 'ClientQuery';
      readonly senderId: string;
      readonly recipientId: string;
      readonly trackingNumber: string;
    }
  | {
      readonly kind: 'PollForMessages';
      readonly pollerId: string;
      readonly securityCode: string | null;
      readonly maxMessagesInBatch: number | null;
      readonly received: readonly { readonly sequenceNo: string; readonly received: Received }[];
    }
  | { readonly kind: 'MessageReply'; readonly response: Response; readonly payload: Payload | null }
  | {
      readonly kind: 'StatusInfo';
      readonly response: Response;
      readonly notification: string | null;
      readonly errorCode: number | null;
    }
  | { readonly kind: 'LookupSubscriber'; readonly originator: Originator }
  | { readonly kind: 'VersionQuery'; readonly inquirer: string }
  | { readonly kind: 'ReturnToSvc' }
  | { readonly kind: 'Confirmation'; readonly received: Received }
  /** Of WCTP, and not done here. */
  | { readonly kind: 'unsupported' };

export interface Request {
  readonly version: Version;
  readonly operation: Operation;
  readonly notes: readonly Note[];
}

/** Which answer a failure is wrapped in (WCTP 1.3, content models of the answers). */
export type AnswerElement =
  | 'Confirmation'
  | 'SubmitClientResponse'
  | 'ClientQueryResponse'
  | 'PollResponse'
  | 'SendMsgMultiResponse'
  | 'VersionResponse';

export interface NotRead {
  readonly failure: Failure;
  readonly answerIn: AnswerElement;
  readonly version: Version;
}
