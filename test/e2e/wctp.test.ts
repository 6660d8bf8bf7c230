/** An answering service that speaks WCTP, with a real homeserver and real clients: what it submits, and what it fetches by polls. */
import { parseXml, type XmlElement } from '../../src/channels/wctp/parseXml.ts';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { roomHistory, ticketPart, ticketRoots } from '../../src/dev/roomHistory.ts';
import { find } from '../channels/wctp/rig.ts';
import { Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('WCTP');
});
afterAll(() => ward?.close());

async function post(xml: string): Promise<XmlElement> {
  const response = await fetch(ward.hospital.wctp_url, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body: xml,
  });
  expect(response.status).toBe(200);
  const parsed = parseXml(new Uint8Array(await response.arrayBuffer()));
  if (!parsed.ok) throw new Error('no WCTP came back');
  return parsed.value;
}
const operation = (inner: string) => `<wctp-Operation wctpVersion="wctp-dtd-v1r3">${inner}</wctp-Operation>`;
const submission = (id: string, text: string, choices: readonly string[] = []) =>
  operation(
    `<wctp-SubmitRequest><wctp-SubmitHeader submitTimestamp="${new Date().toISOString().slice(0, 19)}"><wctp-Originator senderID="nightjar-ops" securityCode="only-in-tests"/>` +
      `<wctp-MessageControl messageID="${id}" transactionID="${id}" notifyWhenQueued="true" notifyWhenDelivered="true" notifyWhenRead="true"/><wctp-Recipient recipientID="WCTP.oncall"/></wctp-SubmitHeader>` +
      `<wctp-Payload>${
        choices.length === 0
          ? `<wctp-Alphanumeric>${text}</wctp-Alphanumeric>`
          : `<wctp-MCR><wctp-MessageText>${text}</wctp-MessageText>${choices.map((one) => `<wctp-Choice>${one}</wctp-Choice>`).join('')}</wctp-MCR>`
      }</wctp-Payload></wctp-SubmitRequest>`,
  );
const codeOf = (root: XmlElement) =>
  Number(find(root, 'Success')?.attributes.get('successcode') ?? find(root, 'Failure')?.attributes.get('errorcode'));

/** What was fetched about each message, in order; every number is confirmed once. */
const fetched = new Map<string, string[]>();
let confirm = '';
async function poll(): Promise<void> {
  const root = await post(
    operation(
      `<wctp-PollForMessages pollerID="nightjar-ops" securityCode="only-in-tests" maxMessagesInBatch="3">${confirm}</wctp-PollForMessages>`,
    ),
  );
  confirm = '';
  for (const message of find(root, 'PollResponse')?.children ?? []) {
    if (message.name !== 'wctp-Message') continue;
    expect(JSON.stringify(message)).not.toContain(ward.canary);
    const about = find(message, 'ResponseHeader')?.attributes.get('responsetomessageid') ?? '';
    const says =
      find(message, 'Notification')?.attributes.get('type') ??
      (find(message, 'Failure') ? 'failure' : `reply ${find(message, 'Alphanumeric')?.text}`);
    fetched.set(about, [...(fetched.get(about) ?? []), says]);
    confirm += `<wctp-MessageReceived sequenceNo="${message.attributes.get('sequenceno')}"><wctp-Success successCode="200"/></wctp-MessageReceived>`;
  }
}
async function untilTold(id: string, says: string): Promise<readonly string[]> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    await poll();
    const told = fetched.get(id) ?? [];
    if (told.includes(says)) return told;
    if (performance.now() > deadline) throw new Error(`never told ${says}, but ${told.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
const shows = (text: string) => (event: SeenEvent) =>
  event.roomId === room && ticketPart(event.content)?.kind === 'ticket' && String(event.content.body).includes(text);

describe('a page by WCTP', () => {
  it('is shown, told and answered in the words of its protocol', async () => {
    const text = `STAT WCTP T-1 | Pt Ottis ${ward.canary} DOB 03/09/1951 | Clr Maren Ziegelow (spouse) 212-555-0142 | Chest pressure | Reply with 7`;
    expect(codeOf(await post(submission('T-1', text, ['Calling now', 'Send to backup'])))).toBe(200);
    const root = await alder.waitFor(shows(`ref T-1`));
    const body = String(root.content.body);
    for (const part of ['STAT', ward.canary, '212-555-0142', '1951-03-09', 'Calling now, Send to backup'])
      expect(body).toContain(part);
    expect(body).not.toContain('Reply with 7');
    expect(String(root.content.formatted_body)).toContain('tel:+12125550142');
    await untilTold('T-1', 'DELIVERED');
    await alder.read(room, root.eventId);
    await untilTold('T-1', 'READ');
    await alder.say(room, 'who is on the floor?', { thread: root.eventId });
    await untilTold('T-1', 'reply 7: who is on the floor?');
    await alder.say(room, 'Send to backup', { thread: root.eventId });
    await beech.waitFor(
      (event) =>
        event.roomId === room &&
        ((event.content['m.mentions'] as { user_ids?: string[] } | undefined)?.user_ids ?? []).includes(beech.userId),
    );
    await beech.say(room, 'calling now', { thread: root.eventId });
    expect(await untilTold('T-1', 'reply Calling now')).toEqual([
      'QUEUED',
      'DELIVERED',
      'READ',
      'reply 7: who is on the floor?',
      'reply Send to backup',
      'reply Calling now',
    ]);
  });

  it('can be taken by a tap on the choice that is offered under it', async () => {
    expect(codeOf(await post(submission('T-4', 'STAT WCTP T-4', ['Accept', 'Ottis is dying', 'Reject'])))).toBe(200);
    const root = await alder.waitFor(shows('ref T-4'));
    const offers = (key: string) => (event: SeenEvent) => {
      const relation = event.content['m.relates_to'] as { event_id?: string; key?: string } | undefined;
      return event.type === 'm.reaction' && relation?.event_id === root.eventId && relation.key === key;
    };
    await alder.waitFor(offers('Accept'));
    await alder.waitFor(offers('Reject'));
    expect(alder.events.all().filter(offers('Ottis is dying'))).toEqual([]);
    await alder.react(room, root.eventId, 'Accept');
    await untilTold('T-4', 'reply Accept');
    await poll();
  });

  it('of 65,535 characters is in the room whole', async () => {
    const words = Array.from({ length: 9361 }, (_, n) => `w${String(n).padStart(5, '0')} `);
    const text = `STAT ${words.join('')}`.padEnd(65_535, 'x');
    expect(text).toHaveLength(65_535);
    expect(codeOf(await post(submission('T-2', text)))).toBe(200);
    await alder.waitFor(shows('ref T-2'));
    await alder.waitFor((event) => event.roomId === room && String(event.content.body).includes('w09360'));
    // Further parts follow each other without a break, each under a heading of its own.
    const further = alder.events
      .all()
      .filter((event) => event.roomId === room && String(event.content.body).includes('ref T-2, part '));
    const shown = further
      .map((event) => String(event.content.body).replace(/^.*\n/, ''))
      .join('')
      .concat(' ');
    expect(words.filter((word) => !shown.includes(word))).toEqual([]);
    const root = alder.events.all().find(shows('ref T-2'))!;
    await alder.react(room, root.eventId, '\u2705');
    await untilTold('T-2', 'reply ok');
  });

  it('is held until the time that was set for it, over a restart, and told when it cannot be delivered by another', async () => {
    const life = new WardroomProcess(ward);
    const inAMinute = new Date(Date.now() + 60_000).toISOString().slice(0, 19);
    const held = submission('T-5', `STAT WCTP T-5 ${ward.canary}`).replace(
      'notifyWhenRead="true"',
      `notifyWhenRead="true" deliveryAfter="${inAMinute}"`,
    );
    expect(codeOf(await post(held))).toBe(200);
    await life.kill();
    await life.start();
    expect(alder.events.all().filter(shows('ref T-5'))).toEqual([]);
    await ward.dev('clock', 'advance', '1m');
    const root = await alder.waitFor(shows('ref T-5'));
    expect((root.content['m.mentions'] as { user_ids?: string[] } | undefined)?.user_ids).toEqual([alder.userId]);
    await untilTold('T-5', 'DELIVERED');
    await alder.react(room, root.eventId, '\u2705');
    await untilTold('T-5', 'reply ok');
    await ward.dev('clock', 'real');
  });

  it('is one page when Wardroom is killed before it could say that it has it, and told to its end', async () => {
    const life = new WardroomProcess(ward);
    await life.kill();
    const xml = submission('T-3', `STAT WCTP T-3 | ${ward.canary} | Reply with 9`);
    let isOver = false;
    const crash = life.startUntilCrash({ 'accept.committed': 1 }).finally(() => {
      isOver = true;
    });
    // The console hears nothing, or that nobody is there, and tries again.
    while (!isOver) {
      await post(xml).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(await crash).toBe('accept.committed');
    await life.start();
    expect(codeOf(await post(xml))).toBe(200);
    const root = await alder.waitFor(shows('ref T-3'));
    await untilTold('T-3', 'DELIVERED');
    await life.kill();
    await life.start();
    await alder.react(room, root.eventId, '\u{1F44D}');
    expect((await untilTold('T-3', 'reply 9 ok')).filter((one) => one === 'reply 9 ok')).toHaveLength(1);
    const roots = ticketRoots(await roomHistory(alder, room));
    expect(roots.filter((one) => String(one.content?.body).includes('ref T-3'))).toHaveLength(1);
  });

  it('leaves its text nowhere but in encrypted events', async () => {
    expect(await ward.leaks()).toEqual([]);
  });
});
