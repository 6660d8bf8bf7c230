import type { WctpApi, WctpResponse } from '../../flows/wctpPort.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceId } from '../../kernel/ids.ts';
import { PerMinute } from './attempts.ts';
import { type Authentication, createAuthenticator, type Sender } from './authenticate.ts';
import { type Failure, failure } from './codes.ts';
import type { AnswerElement, Note, Operation, Originator, Request, Submission, Version } from './operation.ts';
import { readRequest } from './readOperation.ts';
import { type Recipients, readRecipient } from './recipient.ts';
import { toTicket } from './toTicket.ts';
import {
  answerFailure,
  clientQueryResponse,
  clientSuccess,
  confirmSuccess,
  type FailedRecipient,
  multiResponse,
  type OutgoingResponse,
  pollResponse,
  versionResponse,
} from './writeOperation.ts';

export interface GatewayOptions {
  readonly api: WctpApi;
  readonly senders: readonly Sender[];
  readonly recipients: Recipients;
  /** What Wardroom calls itself in a VersionResponse. */
  readonly responder: string;
  readonly limits: { readonly servicePerMinute: number; readonly wrongCodesPerMinute: number };
  /** The machine's. */
  readonly clock: Clock;
  /** What was read otherwise than written, by code. */
  readonly onNotes: (service: ServiceId | null, notes: readonly Note[]) => void;
  /** A port threw: the sender is told 604. */
  readonly onFailure: (error: unknown) => void;
}

/** Turned away so often in a minute, it is no mistake. */
const MANY_WRONG_CODES = 10;
const MAX_BATCH = 50;
const USUAL_BATCH = 10;

const UNAVAILABLE = failure(606, 'Not now, nothing was kept; try again later');

class Refusal extends Error {
  readonly failure: Failure;
  constructor(why: Failure) {
    super(`wctp-${why.errorCode}`);
    this.failure = why;
  }
}

/** One request document in, one answer document out; never throws. `from`: the client's address, by which wrong codes are counted. */
export type Gateway = (bytes: Uint8Array, charset: string | null, from: string) => Promise<string>;

const ANSWER_OF: Partial<Record<Operation['kind'], AnswerElement>> = {
  SubmitClientMessage: 'SubmitClientResponse',
  ClientQuery: 'ClientQueryResponse',
  PollForMessages: 'PollResponse',
  SendMsgMulti: 'SendMsgMultiResponse',
  VersionQuery: 'VersionResponse',
};

/** Wardroom as a WCTP gateway: answering services and their clients submit, ask and poll. */
export function createGateway(options: GatewayOptions): Gateway {
  const { api, recipients, responder, limits } = options;
  const authenticate = createAuthenticator(options.senders);
  const serviceOfSender = new Map(options.senders.map(({ senderId, service }) => [senderId, service]));
  const wrong = new PerMinute(options.clock);
  const requests = new PerMinute(options.clock);

  const turnAway = async (result: Exclude<Authentication, { kind: 'sender' }>, from: string, poller: boolean) => {
    const count = wrong.count(from);
    const why = poller ? 432 : result.kind === 'unknown' ? 401 : 402;
    if (count <= MANY_WRONG_CODES)
      await api.turnedAway(
        result.kind === 'unknown' ? null : result.service,
        result.kind === 'unknown' ? 'sender-unknown' : 'code-wrong',
        count === MANY_WRONG_CODES,
      );
    if (count > limits.wrongCodesPerMinute) throw new Refusal(failure(602, 'Too many requests with a wrong code'));
    throw new Refusal(failure(why, result.kind === 'unknown' ? 'The sender is not known' : 'The code is wrong'));
  };
  const enter = async (senderId: string, code: string | null, from: string, poller = false): Promise<ServiceId> => {
    const result = authenticate(senderId, code);
    if (result.kind !== 'sender') return turnAway(result, from, poller);
    if (requests.count(result.service) > limits.servicePerMinute)
      throw new Refusal(failure(poller ? 600 : 602, 'Too many requests in a minute; try again later'));
    return result.service;
  };
  const enterAs = ({ senderId, securityCode, miscInfo }: Originator, from: string) =>
    enter(senderId, securityCode ?? miscInfo, from);

  const ticketFor = (submission: Submission, service: ServiceId, recipientId: string, request: Request) => {
    const recipient = readRecipient(recipientId, service, recipients);
    if (recipient === null) return null;
    const { senderId } = submission.originator;
    const asked = submission.control.sendResponsesToId;
    return toTicket(submission, recipient, {
      recipientId,
      isClient: request.operation.kind === 'SubmitClientMessage',
      version: request.version,
      notes: request.notes,
      responsesTo: asked !== null && serviceOfSender.get(asked) === service ? asked : senderId,
    });
  };

  /** What became of the message for one recipient. */
  const submitTo = async (submission: Submission, service: ServiceId, recipientId: string, request: Request) => {
    const ticket = ticketFor(submission, service, recipientId, request);
    if (ticket === null) {
      await api.turnedAway(service, 'account', false);
      return { failure: failure(403, `No account ${recipientId}`) };
    }
    const { deliverAfter, deliverBefore } = ticket;
    if (deliverAfter !== null && deliverBefore !== null && deliverBefore <= deliverAfter)
      return { failure: failure(406, 'deliveryBefore is not after deliveryAfter') };
    const outcome = await api.submit(service, ticket);
    switch (outcome.kind) {
      case 'accepted':
        return outcome;
      case 'busy':
        return { failure: UNAVAILABLE };
      case 'refused':
        if (outcome.reason === 'account') return { failure: failure(403, `No account ${recipientId}`) };
        return outcome.errors.some(({ path }) => path === '/id')
          ? { failure: failure(400, 'The messageID is not one that can be kept') }
          : { failure: failure(302, 'The message cannot be read') };
    }
  };

  const submitMulti = async (submission: Submission, service: ServiceId, request: Request): Promise<string> => {
    const failed: FailedRecipient[] = [];
    let accepted = 0;
    const ids = [...new Set(submission.recipientIds)];
    const unknown = ids.filter((id) => readRecipient(id, service, recipients) === null);
    if (submission.control.allRecipsRequired && unknown.length > 0) {
      const why = failure(403, 'Nothing was kept, for some of the recipients are unknown');
      return multiResponse(
        request.version,
        0,
        unknown.map((recipientId) => ({ recipientId, failure: why })),
      );
    }
    for (const recipientId of ids) {
      const outcome = await submitTo(submission, service, recipientId, request);
      if ('failure' in outcome) failed.push({ recipientId, failure: outcome.failure });
      else accepted += 1;
    }
    return multiResponse(request.version, accepted, failed);
  };

  const perform = async (request: Request, from: string): Promise<string> => {
    const { operation, version, notes } = request;
    switch (operation.kind) {
      case 'SubmitRequest':
      case 'SubmitClientMessage':
      case 'SendMsgMulti': {
        const { submission } = operation;
        const service = await enterAs(submission.originator, from);
        if (notes.length > 0) options.onNotes(service, notes);
        if (operation.kind === 'SendMsgMulti') return submitMulti(submission, service, request);
        const [recipientId, another] = submission.recipientIds;
        if (recipientId === undefined || another !== undefined)
          throw new Refusal(failure(302, 'There must be exactly one recipient'));
        const outcome = await submitTo(submission, service, recipientId, request);
        if ('failure' in outcome) throw new Refusal(outcome.failure);
        return operation.kind === 'SubmitClientMessage'
          ? clientSuccess(version, outcome.trackingNumber ?? '')
          : confirmSuccess(version, 'Ticket accepted');
      }
      case 'ClientQuery': {
        const service = serviceOfSender.get(operation.senderId);
        const responses = service === undefined ? null : await api.query(service, operation);
        if (responses === null) {
          if (wrong.count(from) > limits.wrongCodesPerMinute)
            throw new Refusal(failure(602, 'Too many unknown tracking numbers'));
          throw new Refusal(failure(504, 'There is no such message of this sender to this recipient'));
        }
        return clientQueryResponse(version, responses.map(outgoing));
      }
      case 'PollForMessages': {
        const service = await enter(operation.pollerId, operation.securityCode, from, true);
        const received = operation.received
          .filter(({ sequenceNo }) => /^\d{1,15}$/.test(sequenceNo.trim()))
          .map((one) => ({ sequenceNo: Number(one.sequenceNo), ok: one.received.ok }));
        const most = Math.min(operation.maxMessagesInBatch ?? USUAL_BATCH, MAX_BATCH);
        const responses = await api.poll(service, operation.pollerId, received, most);
        return pollResponse(
          version,
          responses.map((one) => ({ sequenceNo: String(one.sequenceNo), response: outgoing(one) })),
        );
      }
      case 'MessageReply': {
        const { originator, messageId, responseToMessageId } = operation.response;
        const service = await enterAs(originator, from);
        if (operation.payload === null) throw new Refusal(failure(302, 'The reply holds no text'));
        const outcome = await api.reply(service, {
          about: responseToMessageId?.trim() ?? '',
          by: originator.senderId,
          text: operation.payload.text,
          id: messageId,
        });
        if (outcome === 'unknown') throw new Refusal(failure(504, 'There is no such message of this service'));
        if (outcome === 'invalid')
          throw new Refusal(failure(400, 'The messageID stands for another reply, or cannot be kept'));
        return confirmSuccess(version, 'Shown to the clinicians');
      }
      case 'StatusInfo':
        await enterAs(operation.response.originator, from);
        return confirmSuccess(version, 'Status received');
      case 'LookupSubscriber':
        await enterAs(operation.originator, from);
        throw new Refusal(failure(300, 'Subscribers cannot be looked up'));
      case 'VersionQuery':
        return versionResponse(version, responder, operation.inquirer);
      case 'ReturnToSvc':
        return confirmSuccess(version, 'Delivery goes on by itself');
      case 'Confirmation':
      case 'unsupported':
        throw new Refusal(failure(300, 'This operation is not supported here'));
    }
  };

  return async (bytes, charset, from) => {
    const read = readRequest(bytes, charset);
    if (!read.ok) return answerFailure(read.error.version, read.error.answerIn, read.error.failure, responder);
    const { operation, version } = read.value;
    const answerIn = ANSWER_OF[operation.kind] ?? 'Confirmation';
    try {
      return await perform(read.value, from);
    } catch (error) {
      if (error instanceof Refusal) return answerFailure(version, answerIn, error.failure, responder);
      options.onFailure(error);
      return answerFailure(version, answerIn, failure(604, 'Not now, nothing was kept; try again later'), responder);
    }
  };
}

/** A response as it is written; the message ids we give are ours. */
export function outgoing(response: WctpResponse): OutgoingResponse {
  const { origin, content } = response;
  return {
    messageId: `mx-${response.sequenceNo}`,
    responseToMessageId: origin.messageId,
    transactionId: origin.transactionId,
    at: response.at,
    senderId: origin.recipientId,
    recipientId: origin.responsesTo,
    content:
      content.kind === 'failure' ? { kind: 'failure', failure: failure(content.errorCode, content.what) } : content,
  };
}

export const versionOf = (response: WctpResponse): Version => (response.origin.version & 3) as Version;
