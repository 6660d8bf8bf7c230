/** A ticket of the data as a console writes it in WCTP (reference of the words: docs/wctp.md). */
interface Data {
  readonly id: string;
  readonly account: string;
  readonly urgency: string;
  readonly reason: string;
  readonly canary: string;
  readonly caller: { readonly name: string; readonly relation?: string; readonly callback: string };
  readonly patient?: { readonly name: string; readonly dob: string };
}

export interface Sender {
  readonly id: string;
  readonly code: string;
}

export const CHOICES = ['Calling now', 'Accept', 'Send to backup', 'Reject'] as const;

const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

export function wctpPage(ticket: Data, sender: Sender): string {
  const { id, account, urgency, reason, canary, caller, patient } = ticket;
  const words = [
    `${urgency} ${account} ${id}`,
    ...(patient ? [`Pt ${patient.name} DOB ${patient.dob.replace(/^(\d+)-(\d+)-(\d+)$/, '$2/$3/$1')}`] : []),
    `Clr ${caller.name} (${caller.relation ?? 'caller'}) ${caller.callback.replace(/^\+1(\d{3})(\d{3})/, '$1-$2-')}`,
    `${reason} ${canary}`,
  ].join(' | ');
  const choices = CHOICES.map((choice) => `<wctp-Choice>${choice}</wctp-Choice>`).join('');
  return (
    '<?xml version="1.0" encoding="UTF-8"?><wctp-Operation wctpVersion="wctp-dtd-v1r3"><wctp-SubmitRequest>' +
    `<wctp-SubmitHeader submitTimestamp="${new Date().toISOString().slice(0, 19)}">` +
    `<wctp-Originator senderID="${sender.id}" securityCode="${sender.code}"/>` +
    `<wctp-MessageControl messageID="${escaped(id)}" transactionID="${escaped(id)}" notifyWhenQueued="true" notifyWhenDelivered="true" notifyWhenRead="true"/>` +
    `<wctp-Recipient recipientID="${escaped(account)}"/></wctp-SubmitHeader>` +
    `<wctp-Payload><wctp-MCR><wctp-MessageText>${escaped(words)}</wctp-MessageText>${choices}</wctp-MCR></wctp-Payload>` +
    '</wctp-SubmitRequest></wctp-Operation>'
  );
}
