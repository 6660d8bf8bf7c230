/** What Wardroom says in WCTP: strictly by the DTD of the version that the other side speaks. */
import type { Instant } from '../../kernel/clock.ts';
import type { Phi } from '../../kernel/phi.ts';
import { ERROR_TEXTS, type Failure } from './codes.ts';
import type { AnswerElement, Version } from './operation.ts';
import { MAX_RECIPIENTS } from './readSubmission.ts';
import { writeTimestamp } from './timestamp.ts';
import { element, escapeXml } from './writeXml.ts';

/** A status or reply about an earlier message, from the account to its service. */
export interface OutgoingResponse {
  /** Ours, at most 32 characters. */
  readonly messageId: string;
  readonly responseToMessageId: string;
  readonly transactionId: string | null;
  readonly at: Instant;
  /** Our side: the recipient of the message that is answered. */
  readonly senderId: string;
  readonly recipientId: string;
  readonly content: ResponseContent;
}

export type ResponseContent =
  | { readonly kind: 'notification'; readonly type: 'QUEUED' | 'DELIVERED' | 'READ' }
  | { readonly kind: 'reply'; readonly text: Phi<string>; readonly isChoice: boolean }
  | { readonly kind: 'failure'; readonly failure: Failure }
  /** Of ours, in answer to nothing. */
  | { readonly kind: 'message'; readonly text: Phi<string>; readonly isPressing: boolean };

const operation = (version: Version, child: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n${element('Operation', { wctpVersion: `wctp-dtd-v1r${version}` }, child)}\n`;

const writeFailure = ({ errorCode, what }: Failure): string =>
  element('Failure', { errorCode, errorText: ERROR_TEXTS[errorCode] }, escapeXml(what));

const success = (text: string): string =>
  element('Success', { successCode: 200, successText: 'Accepted' }, escapeXml(text));

export const confirmSuccess = (version: Version, text: string): string =>
  operation(version, element('Confirmation', {}, success(text)));

/** A failure in the answer that belongs to the operation. */
export function answerFailure(version: Version, answerIn: AnswerElement, why: Failure, responder: string): string {
  const attributes = {
    SendMsgMultiResponse: { maxNumRecips: MAX_RECIPIENTS },
    VersionResponse: { responder },
  }[answerIn as string];
  return operation(version, element(answerIn, attributes ?? {}, writeFailure(why)));
}

export const clientSuccess = (version: Version, trackingNumber: string): string =>
  operation(
    version,
    element(
      'SubmitClientResponse',
      {},
      element('ClientSuccess', { successCode: 200, successText: 'Accepted', trackingNumber }, 'Ticket accepted'),
    ),
  );

export interface FailedRecipient {
  readonly recipientId: string;
  readonly failure: Failure;
}

/** Success when at least one recipient got a ticket, with the others listed. */
export function multiResponse(version: Version, valid: number, failed: readonly FailedRecipient[]): string {
  const outcome =
    valid > 0 ? success('Accepted for the valid recipients') : writeFailure(failed[0]?.failure ?? NO_RECIPIENT);
  return operation(
    version,
    element(
      'SendMsgMultiResponse',
      { maxNumRecips: MAX_RECIPIENTS, numValidRecips: valid, numInvalidRecips: failed.length },
      outcome,
      ...failed.map(({ recipientId, failure: { errorCode } }) =>
        element('FailedRecipient', { recipientID: recipientId, errorCode, errorText: ERROR_TEXTS[errorCode] }),
      ),
    ),
  );
}
const NO_RECIPIENT: Failure = { errorCode: 403, what: 'No recipient' };

export const versionResponse = (version: Version, responder: string, inquirer: string): string =>
  operation(
    version,
    element(
      'VersionResponse',
      { responder, inquirer: inquirer === '' ? null : inquirer },
      ...[3, 2, 1, 0].map((minor) =>
        element('DTDSupport', { dtdName: `wctp-dtd-v1r${minor}`, supportType: 'Supported' }),
      ),
    ),
  );

/** `minNextPollInterval`, in seconds. */
export const POLL_SECONDS = 30;

export function pollResponse(
  version: Version,
  messages: readonly { readonly sequenceNo: string; readonly response: OutgoingResponse }[],
): string {
  const children = messages.map(({ sequenceNo, response }) =>
    element('Message', { sequenceNo }, writeResponse(version, response)),
  );
  return operation(
    version,
    element(
      'PollResponse',
      { minNextPollInterval: POLL_SECONDS },
      ...(children.length > 0 ? children : [element('NoMessages')]),
    ),
  );
}

export function clientQueryResponse(version: Version, responses: readonly OutgoingResponse[]): string {
  const children = responses.map((response) => element('ClientMessage', {}, writeClientResponse(version, response)));
  return operation(
    version,
    element(
      'ClientQueryResponse',
      { minNextPollInterval: POLL_SECONDS },
      ...(children.length > 0 ? children : [element('NoMessages')]),
    ),
  );
}

/** A status or reply pushed to the service. */
export const pushResponse = (version: Version, response: OutgoingResponse): string =>
  operation(version, writeResponse(version, response));

function writeResponse(version: Version, response: OutgoingResponse): string {
  const { content } = response;
  if (content.kind === 'message') return writeMessage(response, content);
  const header = element(
    'ResponseHeader',
    { responseToMessageID: response.responseToMessageId, responseTimestamp: writeTimestamp(response.at) },
    element('Originator', { senderID: response.senderId }),
    element('MessageControl', { messageID: response.messageId, transactionID: response.transactionId }),
    element('Recipient', { recipientID: response.recipientId }),
  );
  return wrapped('MessageReply', 'StatusInfo', version, header, content);
}

/** A SubmitRequest to the service: the one operation of WCTP that answers nothing. No answer of its own is asked for. */
function writeMessage(
  response: OutgoingResponse,
  { text, isPressing }: Extract<ResponseContent, { kind: 'message' }>,
): string {
  const control = {
    messageID: response.messageId,
    transactionID: response.transactionId,
    allowResponse: 'false',
    deliveryPriority: isPressing ? 'HIGH' : null,
  };
  const header = element(
    'SubmitHeader',
    { submitTimestamp: writeTimestamp(response.at) },
    element('Originator', { senderID: response.senderId }),
    element('MessageControl', control),
    element('Recipient', { recipientID: response.recipientId }),
  );
  return element('SubmitRequest', {}, header, payloadOf(text));
}

const payloadOf = (text: Phi<string>): string =>
  element('Payload', {}, element('Alphanumeric', {}, escapeXml(text.reveal())));

function writeClientResponse(version: Version, response: OutgoingResponse): string {
  const header = element(
    'ClientResponseHeader',
    { responseTimestamp: writeTimestamp(response.at) },
    element('Originator', { senderID: response.senderId }),
    element('Recipient', { recipientID: response.recipientId }),
  );
  return wrapped('ClientMessageReply', 'ClientStatusInfo', version, header, response.content);
}

function wrapped(reply: string, status: string, version: Version, header: string, content: ResponseContent): string {
  switch (content.kind) {
    case 'notification':
      return element(status, {}, header, element('Notification', { type: content.type }));
    case 'failure':
      return element(status, {}, header, writeFailure(content.failure));
    // A client asks what its own message came to: there it can only be said as a reply.
    case 'message':
      return element(reply, {}, header, payloadOf(content.text));
    case 'reply': {
      // MCRMessageReply: since 1.2.
      const attributes = content.isChoice && version >= 2 ? { MCRMessageReply: 'true' } : {};
      return element(reply, attributes, header, payloadOf(content.text));
    }
  }
}
