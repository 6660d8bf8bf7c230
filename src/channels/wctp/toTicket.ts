import type { WctpTicket } from '../../flows/wctpPort.ts';
import { isoInstant } from '../../kernel/clock.ts';
import { Phi } from '../../kernel/phi.ts';
import type { MessageControl, Note, Submission, Version } from './operation.ts';
import { readText } from './readText.ts';
import type { Recipient } from './recipient.ts';

/** What a clinician must know of what could not be read: there is more than is shown. */
const FOR_READERS: Readonly<Record<Note, string>> = {
  'unknown-element': 'a part of the message that is no text',
  'odd-encoding': 'the encoding of the text',
  'odd-deliveryPriority': 'the delivery priority',
  'odd-deliveryAfter': 'the time to deliver after',
  'odd-deliveryBefore': 'the time to deliver before',
};

/**
 * A message as a ticket. The urgency is the word that the text begins with; without one, the delivery priority that was given: HIGH
 * means STAT, LOW means ROUTINE, and NORMAL, which is what consoles send when nobody chose, leaves it open (URGENT, flagged).
 */
export function toTicket(
  submission: Submission,
  recipient: Recipient,
  about: {
    readonly recipientId: string;
    readonly isClient: boolean;
    readonly version: Version;
    readonly responsesTo: string;
    readonly notes: readonly Note[];
  },
): WctpTicket {
  const { control, originator, payload, submitTimestamp } = submission;
  const text = readText(payload.text.reveal());
  const choices = payload.choices.filter(({ send }) => send !== '');
  const urgency = text.urgency ?? urgencyOf(control);
  const notUnderstood = about.notes.flatMap((note) => FOR_READERS[note] ?? []);
  const isAtOdds = control.deliveryPriority === 'HIGH' && /^(routine|fyi)$/i.test(text.urgency ?? '');
  return {
    account: recipient.account,
    document: new Phi({
      ...(urgency !== null && { urgency }),
      reason: text.reason,
      ...(text.caller && { caller: text.caller }),
      ...(text.patient && { patient: text.patient }),
      ...(recipient.requested !== null && { provider_requested: recipient.requested }),
      ...(choices.length > 0 && { answers_offered: choices.map(({ send }) => send) }),
      ...(text.operator !== null && { operator: text.operator }),
      ...(notUnderstood.length > 0 && { not_understood: [...new Set(notUnderstood)] }),
      ...(isAtOdds && { delivery_priority: 'HIGH' }),
      ...(submitTimestamp !== null && { taken_at: isoInstant(submitTimestamp) }),
    }),
    sameness: new Phi({ reason: text.reason, choices, requested: recipient.requested }),
    messageId: control.messageId,
    submittedAt: submitTimestamp,
    deliverAfter: control.deliveryAfter,
    deliverBefore: control.deliveryBefore,
    isRepeatCall: text.isRepeatCall,
    isClient: about.isClient,
    origin: {
      senderId: originator.senderId,
      responsesTo: about.responsesTo,
      transactionId: control.transactionId,
      recipientId: about.recipientId,
      version: about.version,
      wants: {
        queued: control.notifyWhenQueued,
        delivered: control.notifyWhenDelivered,
        read: control.notifyWhenRead,
        response: control.allowResponse,
      },
      replyToken: text.replyToken,
      choices: new Phi(choices),
    },
  };
}

function urgencyOf({ deliveryPriority }: MessageControl): string | null {
  if (deliveryPriority === 'HIGH') return 'STAT';
  return deliveryPriority === 'LOW' ? 'ROUTINE' : null;
}
