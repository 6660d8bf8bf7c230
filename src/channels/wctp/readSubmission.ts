import { type Failure, failure } from './codes.ts';
import type { Fields } from './fields.ts';
import type { MessageControl, Submission, Version } from './operation.ts';
import { isFailure, readPayload } from './readPayload.ts';

/** SendMsgMultiResponse, `maxNumRecips`. */
export const MAX_RECIPIENTS = 100;

/** 302: sender, recipient or text is missing; see `readPayload` for the rest. */
export function readSubmission(operation: Fields, header: string, version: Version): Submission | Failure {
  const head = operation.child(header);
  if (!head) return failure(302, `There is no wctp-${header}`);
  const originator = (head.child('Originator') ?? head.child('ClientOriginator'))?.originator();
  if (!originator) return failure(302, 'There is no senderID');
  const control = readControl(
    head.child('MessageControl') ?? head.child('ClientMessageControl') ?? head.child('MsgMultiControl'),
  );
  const recipientIds = head
    .children('Recipient')
    .map((one) => one.attribute('recipientID')?.trim() ?? '')
    .filter((id) => id !== '');
  if (recipientIds.length === 0) return failure(302, 'There is no recipientID');
  if (recipientIds.length > MAX_RECIPIENTS) return failure(302, `There are more than ${MAX_RECIPIENTS} recipients`);
  const payload = readPayload(operation, version, control.preformatted);
  if (isFailure(payload)) return payload;
  return { submitTimestamp: head.instant('submitTimestamp'), originator, control, recipientIds, payload };
}

function readControl(control: Fields | null): MessageControl {
  const truth = (name: string, otherwise: boolean) => control?.truth(name, otherwise) ?? otherwise;
  return {
    messageId: control?.attribute('messageID') ?? null,
    transactionId: control?.attribute('transactionID') ?? null,
    sendResponsesToId: control?.attribute('sendResponsesToID')?.trim() ?? null,
    allowResponse: truth('allowResponse', true),
    notifyWhenQueued: truth('notifyWhenQueued', false),
    notifyWhenDelivered: truth('notifyWhenDelivered', false),
    notifyWhenRead: truth('notifyWhenRead', false),
    deliveryPriority: readPriority(control),
    deliveryAfter: control?.instant('deliveryAfter') ?? null,
    deliveryBefore: control?.instant('deliveryBefore') ?? null,
    preformatted: truth('preformatted', false),
    allRecipsRequired: truth('allRecipsRequired', false),
  };
}

function readPriority(control: Fields | null): MessageControl['deliveryPriority'] {
  const written = control?.attribute('deliveryPriority')?.trim().toUpperCase();
  if (written === undefined) return null;
  if (written === 'HIGH' || written === 'NORMAL' || written === 'LOW') return written;
  control?.notes.push('odd-deliveryPriority');
  return null;
}
