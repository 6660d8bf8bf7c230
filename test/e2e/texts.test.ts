import { randomBytes } from 'node:crypto';
import { House } from '../../src/dev/house.ts';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { sendText, textOn, textsOn } from './support/telephone.ts';
import { Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

/** Of this run: a telephone and a patient that nobody knew before. */
const tail = String(1000 + (randomBytes(2).readUInt16BE() % 9000));
const PHONE = `+1317555${tail}`;
const PATIENT = `P-${tail}`;

let ward: Ward;
let house: House;
let alder: Person;
let beech: Person;
let life: WardroomProcess;
let room: string;

/** One after the other: each test begins where the one before it ended. */
beforeAll(async () => {
  ward = await Ward.open();
  house = new House(ward.hospital, (key) => ward.person(key));
  await house.open('adm.gorse', 'adm.fir');
  [alder, beech] = await Promise.all([house.person('dr.alder'), house.person('dr.beech')]);
  life = new WardroomProcess(ward);
});
afterAll(async () => {
  await life?.start();
  await ward?.close();
});

interface TextMark {
  readonly direction: string;
  readonly state: string;
  readonly verdict?: string;
  readonly reasons?: readonly string[];
}
const markOf = ({ content }: SeenEvent): TextMark | null =>
  ((content['m.new_content'] as Record<string, unknown> | undefined) ?? content)[
    'org.wardroom.text'
  ] as TextMark | null;
const bodyOf = ({ content }: SeenEvent): string => String(content.body);
const shown = (who: Person, words: string) =>
  who.waitFor((event) => markOf(event)?.direction === 'in' && bodyOf(event).includes(words));

/** Writes in the patient's room; what the room is told of it. */
async function answered(words: string): Promise<TextMark> {
  const said = await alder.say(room, words);
  const told = await alder.waitFor(
    ({ content }) =>
      (content['m.relates_to'] as { 'm.in_reply_to'?: { event_id: string } } | undefined)?.['m.in_reply_to']
        ?.event_id === said,
  );
  return markOf(told)!;
}

/** Until the message about a text was edited to say this. */
const edited = (state: string) =>
  alder.waitFor((event) => event.content['m.new_content'] !== undefined && markOf(event)?.state === state);

describe('a patient who texts', () => {
  it('is shown to the team of the line, encrypted, where nobody knows the telephone', async () => {
    expect(await sendText(ward.hospital, PHONE, `Is this the clinic? ${ward.canary}`, `SM-${tail}-1`)).toBe(200);
    // The carrier had no answer, and sends it again.
    expect(await sendText(ward.hospital, PHONE, `Is this the clinic? ${ward.canary}`, `SM-${tail}-1`)).toBe(200);
    const first = await shown(alder, ward.canary);
    expect(bodyOf(first)).toContain(PHONE);
    expect(await shown(beech, ward.canary)).toBeDefined();
    await alder.say(first.roomId, `!patient ${PATIENT}`, { replyTo: first.eventId });
    const moved = await alder.waitFor((event) => event.roomId !== first.roomId && bodyOf(event).includes(ward.canary));
    room = moved.roomId;
    expect(
      alder.events.all().filter((event) => event.roomId === room && bodyOf(event).includes(ward.canary)),
    ).toHaveLength(1);
  });

  it('gets no answer without a consent on file, and the team is told why', async () => {
    expect(await answered('Yes, come at ten.')).toMatchObject({ verdict: 'block' });
    expect(await textsOn(ward.hospital, PHONE)).toEqual([]);
  });

  it('gets it with a consent, and the room hears that it was delivered', async () => {
    await house.done(
      `consent record ${PATIENT} ${PHONE} --scope reminder,clinical_link --method paper --evidence Form 7`,
    );
    expect(await answered('Yes, come at ten.')).toMatchObject({ verdict: 'allow' });
    await textOn(ward.hospital, PHONE, ({ body }) => body === 'Yes, come at ten.');
    await edited('delivered');
  });

  it('gets a notice to call in place of health information', async () => {
    expect(await answered('Your potassium is 5.9, stop the lisinopril.')).toMatchObject({ verdict: 'rewrite' });
    await textOn(ward.hospital, PHONE, ({ body }) => body.startsWith('You have a message from '));
    expect((await textsOn(ward.hospital, PHONE)).map(({ body }) => body).join()).not.toContain('potassium');
  });

  it('is obeyed at once with STOP, in any wording, and nothing follows but one confirmation', async () => {
    const before = (await textsOn(ward.hospital, PHONE)).length;
    await sendText(ward.hospital, PHONE, 'please stop texting me');
    await textOn(ward.hospital, PHONE, ({ body }) => /no more texts/.test(body));
    await shown(alder, 'please stop texting me');
    expect(await answered('See you tomorrow.')).toMatchObject({ verdict: 'block' });
    await sendText(ward.hospital, PHONE, 'STOP');
    await pollUntil('staff saw it', async () => alder.events.all().some((event) => bodyOf(event).includes('“STOP”')), {
      deadlineMs: 20_000,
    });
    expect(await textsOn(ward.hospital, PHONE)).toHaveLength(before + 1);
    const { data } = await house.done('suppress list');
    expect(JSON.stringify(data)).toContain(PHONE);
  });

  it('is heard once and lost never when Wardroom is killed with the text in its hands', async () => {
    await life.kill();
    let isOver = false;
    const started = life.startUntilCrash({ 'text.received': 1 }).finally(() => {
      isOver = true;
    });
    // The carrier tries until somebody answers.
    await pollUntil(
      'the end of Wardroom',
      async () => {
        if (!isOver) await sendText(ward.hospital, PHONE, 'START', `SM-${tail}-9`).catch(() => 0);
        return isOver;
      },
      { deadlineMs: 90_000, everyMs: 300 },
    );
    expect(await started).toBe('text.received');
    await life.start();
    expect(await sendText(ward.hospital, PHONE, 'START', `SM-${tail}-9`)).toBe(200);
    await shown(alder, 'START');
    await textOn(ward.hospital, PHONE, ({ body }) => /texts are on again/.test(body));
    expect((await textsOn(ward.hospital, PHONE)).filter(({ body }) => /on again/.test(body))).toHaveLength(1);
    expect(alder.events.all().filter((event) => bodyOf(event).includes('“START”'))).toHaveLength(1);
  });

  it('leaves neither words nor number where they are not encrypted', async () => {
    expect(await ward.leaks([ward.canary, PHONE, PHONE.slice(2)])).toEqual([]);
  });
});
