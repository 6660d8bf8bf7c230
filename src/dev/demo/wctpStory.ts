import type { HospitalInfo } from '../hospitalInfo.ts';
import type { SeenEvent } from '../person.ts';
import { arrived, checkAudit, checkNowhere, logIn, mentions, short, ticketPart } from './scenes.ts';
import type { Timeline } from './timeline.ts';
import type { WctpConsole } from './wctpConsole.ts';

export interface WctpStory {
  readonly hospital: HospitalInfo;
  readonly console: WctpConsole;
  /** The security code of the sender `harrier-ops`. */
  readonly code: string;
  readonly timeline: Timeline;
  readonly canary: string;
}

/** An answering service that speaks nothing but WCTP: the first clinician hands on, the backup takes it, the console hears all of it. */
export async function playWctp({ hospital, console, code, timeline, canary }: WctpStory): Promise<void> {
  const account = hospital.services[0]?.accounts.find((one) => one.id === 'MARSH-CARD');
  if (!account?.room_id) throw new Error('the demonstration account is missing');
  const room = account.room_id;
  const { wctp_url: url } = hospital;

  timeline.heading('Two clinicians log in and verify their devices');
  const [first, second] = await Promise.all([logIn(hospital, 'dr.ashdown'), logIn(hospital, 'dr.birchall')]);
  for (const person of [first, second])
    timeline.happened(short(person.userId), `logged in, device ${person.deviceId} cross-signed`, performance.now());

  try {
    timeline.heading("A page from the answering service's console");
    const text = `STAT MARSH-CARD DEMO-7 | Pt Ottoline ${canary} DOB 03/09/1951 | Clr Imogen Thackeray (spouse) 212-555-0142 | Crushing chest pressure for 20 minutes | Reply with 4`;
    const sentAt = performance.now();
    const outcome = await console.post(url, submit(code, text));
    const acceptedAt = performance.now();
    if (outcome !== 200) throw new Error(`the page was answered ${outcome}`);
    timeline.happened('console', 'SubmitRequest with two choices, answered 200', acceptedAt, {
      at: sentAt,
      of: 'the request',
    });
    const isTicket = (kind: string) => (event: SeenEvent) => event.roomId === room && ticketPart(event).kind === kind;
    const root = await first.waitFor(isTicket('ticket'));
    timeline.happened(short(first.userId), 'has the ticket, decrypted', arrived(root), { at: acceptedAt, of: '200' });
    const shown = String(root.content.body);
    timeline.check(
      'it shows the text, the call-back number and the choices, and not the reply token',
      [canary, '212-555-0142', 'Calling now', 'Send to backup'].every((part) => shown.includes(part)) &&
        !shown.includes('Reply with'),
    );
    await told(console, timeline, 'QUEUED', { at: acceptedAt, of: '200' });
    await told(console, timeline, 'DELIVERED', { at: acceptedAt, of: '200' });
    await first.read(room, root.eventId);
    await told(console, timeline, 'READ');

    const handedOnAt = performance.now();
    await first.say(room, 'Send to backup', { thread: root.eventId });
    timeline.happened(short(first.userId), 'writes "Send to backup", encrypted', handedOnAt);
    const escalation = await second.waitFor(
      (event) => event.roomId === room && mentions(event).includes(second.userId),
    );
    timeline.happened('Wardroom', 'calls the backup', arrived(escalation), { at: handedOnAt, of: 'the choice' });
    await told(console, timeline, 'Send to backup', { at: handedOnAt, of: 'the choice' });

    const takenAt = performance.now();
    await second.say(room, 'Calling now', { thread: root.eventId });
    timeline.happened(short(second.userId), 'writes "Calling now", encrypted', takenAt);
    await told(console, timeline, 'Calling now', { at: takenAt, of: 'the choice' });

    timeline.heading('What must hold');
    timeline.check(
      'the console was told everything, once and in order',
      console.pushed.map((one) => one.says).join() === 'QUEUED,DELIVERED,READ,Send to backup,Calling now',
      console.pushed.map((one) => one.says).join(', '),
    );
    timeline.check(
      'every answer is about its message, and choices are marked as such',
      console.pushed.every((one) => one.about === 'DEMO-7-1') &&
        console.pushed.filter((one) => one.isChoice).length === 2,
    );
    timeline.check(
      'no answer carried the text',
      console.pushed.every((one) => !one.raw.includes(canary)),
    );
    timeline.check('the same page again is the same ticket', (await console.post(url, submit(code, text))) === 200);
    timeline.check('a wrong code is refused (402)', (await console.post(url, submit('guess', text))) === 402);
    const entity = submit(code, '&x;').replace(
      '?>',
      '?><!DOCTYPE wctp-Operation [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    );
    timeline.check('an entity is refused (302)', (await console.post(url, entity)) === 302);
    await checkNowhere(hospital, timeline, canary, room);
    await checkAudit(timeline, hospital);
  } finally {
    for (const person of [first, second]) person.stop();
  }
}

const submit = (code: string, text: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><wctp-Operation wctpVersion="wctp-dtd-v1r3"><wctp-SubmitRequest>
  <wctp-SubmitHeader submitTimestamp="${new Date().toISOString().slice(0, 19)}">
    <wctp-Originator senderID="harrier-ops" securityCode="${code}"/>
    <wctp-MessageControl messageID="DEMO-7-1" transactionID="DEMO-7" notifyWhenQueued="true" notifyWhenDelivered="true" notifyWhenRead="true" deliveryPriority="HIGH"/>
    <wctp-Recipient recipientID="MARSH-CARD.oncall"/>
  </wctp-SubmitHeader>
  <wctp-Payload><wctp-MCR><wctp-MessageText>${text}</wctp-MessageText>
    <wctp-Choice>Calling now</wctp-Choice><wctp-Choice>Send to backup</wctp-Choice></wctp-MCR></wctp-Payload>
</wctp-SubmitRequest></wctp-Operation>`;

async function told(
  console: WctpConsole,
  timeline: Timeline,
  says: string,
  since?: { at: number; of: string },
): Promise<void> {
  const pushed = await console.waitFor(says);
  const what = pushed.isChoice ? `MessageReply "${says}"` : says;
  timeline.happened('console', `is told ${what}`, pushed.at, since);
}
