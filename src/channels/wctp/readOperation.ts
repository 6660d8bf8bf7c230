import { err, ok, type Result } from '../../kernel/result.ts';
import { type Failure, failure } from './codes.ts';
import { Fields } from './fields.ts';
import type { AnswerElement, NotRead, Operation, Received, Request, Version } from './operation.ts';
import { parseXml, type XmlElement } from './parseXml.ts';
import { isFailure, readPayload } from './readPayload.ts';
import { readSubmission } from './readSubmission.ts';

/** Which answer belongs to which operation; all others are answered by a Confirmation. */
const ANSWERS: Readonly<Record<string, AnswerElement>> = {
  SubmitClientMessage: 'SubmitClientResponse',
  ClientQuery: 'ClientQueryResponse',
  PollForMessages: 'PollResponse',
  SendMsgMulti: 'SendMsgMultiResponse',
  VersionQuery: 'VersionResponse',
};

/** Operations of some version that are not done here. */
const UNSUPPORTED: ReadonlySet<string> = new Set(['DeviceLocation', 'BindDomainAlias', 'LookupResponse']);

/**
 * Reads a request document. Lenient about what senders get wrong (order of elements, spelling of attributes and versions, odd
 * values, what no DTD knows), which it notes; strict about what would make it another message.
 */
export function readRequest(bytes: Uint8Array, charset: string | null = null): Result<Request, NotRead> {
  const parsed = parseXml(bytes, charset);
  if (!parsed.ok) return err({ failure: parsed.error, answerIn: 'Confirmation', version: 3 });
  const root = parsed.value;
  const notRead = (why: Failure, name = '', version: Version = 3): Result<Request, NotRead> =>
    err({ failure: why, answerIn: ANSWERS[name] ?? 'Confirmation', version });
  if (plainName(root) !== 'Operation') return notRead(failure(302, 'The document is no wctp-Operation'));
  const [only, another] = root.children;
  const name = only ? plainName(only) : '';
  const version = readVersion(root.attributes.get('wctpversion') ?? '');
  if (version === null) return notRead(failure(303, 'wctpVersion must be one of 1.0 to 1.3'), name);
  if (!only || another) return notRead(failure(302, 'There must be exactly one operation'), name, version);
  const fields = new Fields(only);
  const operation = readOperation(name, fields, version);
  if (isFailure(operation)) return notRead(operation, name, version);
  return ok({ version, operation, notes: fields.notes });
}

/**
 * The answer to something of ours: a Confirmation, or the bare Success or Failure that some gateways send in its place. Null when it
 * is neither.
 */
export function readConfirmation(bytes: Uint8Array): Received | null {
  const parsed = parseXml(bytes);
  if (!parsed.ok || plainName(parsed.value) !== 'Operation') return null;
  const root = new Fields(parsed.value);
  const confirmation = root.child('Confirmation') ?? root;
  return confirmation.child('Success') || confirmation.child('Failure') ? confirmation.received() : null;
}

/** `wctp-dtd-v1r3`, `wctp-dtd-v1r1.dtd`, `WCTP-DTD-V1R3`, `1.3`, and the names of the IHE's extensions. */
export function readVersion(written: string): Version | null {
  const minor = /(?<!\d)1[r.-]?([0-3])(?!\d)/i.exec(written)?.[1];
  return minor === undefined ? null : (Number(minor) as Version);
}

/** What the operation is called without `wctp-`; empty for an element of another protocol. */
const plainName = ({ name }: XmlElement): string => /^wctp-(.+)$/.exec(name)?.[1] ?? '';

function readOperation(name: string, fields: Fields, version: Version): Operation | Failure {
  switch (name) {
    case 'SubmitRequest':
      return submission(name, 'SubmitHeader', fields, version);
    case 'SubmitClientMessage':
      return submission(name, 'SubmitClientHeader', fields, version);
    case 'SendMsgMulti':
      return submission(name, 'MsgMultiHeader', fields, version);
    case 'ClientQuery':
      return clientQuery(fields);
    case 'PollForMessages':
      return pollForMessages(fields);
    case 'MessageReply':
    case 'StatusInfo':
      return response(name, fields, version);
    case 'LookupSubscriber': {
      const originator = fields.child('Originator')?.originator() ?? null;
      return originator ? { kind: 'LookupSubscriber', originator } : failure(302, 'There is no senderID');
    }
    case 'VersionQuery':
      return { kind: 'VersionQuery', inquirer: fields.attribute('inquirer') ?? '' };
    case 'ReturnToSvc':
      return { kind: 'ReturnToSvc' };
    case 'Confirmation':
      return { kind: 'Confirmation', received: fields.received() };
    default:
      return UNSUPPORTED.has(name) ? { kind: 'unsupported' } : failure(300, 'No such operation');
  }
}

function submission(
  kind: 'SubmitRequest' | 'SubmitClientMessage' | 'SendMsgMulti',
  header: string,
  fields: Fields,
  version: Version,
): Operation | Failure {
  const read = readSubmission(fields, header, version);
  return isFailure(read) ? read : { kind, submission: read };
}

function clientQuery(fields: Fields): Operation | Failure {
  const senderId = fields.attribute('senderID');
  const recipientId = fields.attribute('recipientID');
  const trackingNumber = fields.attribute('trackingNumber');
  if (senderId === null || recipientId === null || trackingNumber === null)
    return failure(302, 'senderID, recipientID and trackingNumber are required');
  return { kind: 'ClientQuery', senderId, recipientId, trackingNumber };
}

function pollForMessages(fields: Fields): Operation | Failure {
  const pollerId = fields.attribute('pollerID');
  if (pollerId === null) return failure(302, 'There is no pollerID');
  const most = fields.attribute('maxMessagesInBatch');
  const received = fields.children('MessageReceived').flatMap((one) => {
    const sequenceNo = one.attribute('sequenceNo');
    return sequenceNo === null ? [] : [{ sequenceNo, received: one.received() }];
  });
  return {
    kind: 'PollForMessages',
    pollerId,
    securityCode: fields.attribute('securityCode'),
    maxMessagesInBatch: most !== null && /^[1-9]\d{0,5}$/.test(most.trim()) ? Number(most) : null,
    received,
  };
}

function response(kind: 'MessageReply' | 'StatusInfo', fields: Fields, version: Version): Operation | Failure {
  const header = fields.child('ResponseHeader');
  const originator = header?.child('Originator')?.originator();
  if (!header || !originator) return failure(302, 'There is no senderID');
  const about = {
    originator,
    messageId: header.child('MessageControl')?.attribute('messageID') ?? null,
    responseToMessageId: header.attribute('responseToMessageID'),
  };
  if (kind === 'StatusInfo') {
    const received = fields.child('Failure') ? fields.received() : null;
    return {
      kind,
      response: about,
      notification: fields.child('Notification')?.attribute('type')?.trim().toUpperCase() ?? null,
      errorCode: received && !received.ok ? received.errorCode : null,
    };
  }
  const payload = readPayload(fields, version, false);
  return { kind, response: about, payload: isFailure(payload) ? null : payload };
}
