import type { HospitalInfo } from '../hospitalInfo.ts';
import { House } from '../house.ts';
import type { Person, SeenEvent } from '../person.ts';
import { pollUntil } from '../wait.ts';
import { searchHospital } from './canary.ts';
import { checkAudit, short } from './scenes.ts';
import type { Timeline } from './timeline.ts';

export interface TextingStory {
  readonly hospital: HospitalInfo;
  readonly timeline: Timeline;
  readonly canary: string;
}

/** A patient's telephone, and how the practice calls the patient. */
const PHONE = '+13175550142';
const PATIENT = 'P-1042';
const SOON_MS = 20_000;

/** A patient texts: refused without consent, answered with it, health information held back and then allowed, STOP obeyed. */
export async function playTexting({ hospital, timeline, canary }: TextingStory): Promise<void> {
  const house = new House(hospital);
  const phone = new Telephone(hospital, timeline);
  timeline.heading('Third act. A patient texts the practice');
  try {
    await house.open('dr.ashdown', 'dr.birchall');
    const ashdown = await house.person('dr.ashdown');
    const command = async (words: string) => {
      await house.done(words);
      timeline.happened('marshgate, admins', `!wr ${words.replace(PHONE, 'NUMBER').slice(0, 70)}`, performance.now());
    };

    await phone.writes(`Can I have my results? ${canary}`);
    const unknown = await ashdown.waitFor(
      (event) => event.content['org.wardroom.text'] !== undefined && has(event, canary),
    );
    timeline.check('the team reads it, encrypted, where nobody knows the telephone', unknown.encrypted);
    await ashdown.say(unknown.roomId, `!patient ${PATIENT}`, { replyTo: unknown.eventId });
    const own = await ashdown.waitFor((event) => event.roomId !== unknown.roomId && has(event, canary));
    timeline.happened(short(ashdown.userId), `replies !patient ${PATIENT}: a room of its own`, performance.now());

    timeline.heading('Without a consent on file nothing leaves');
    const answers = new Answers(ashdown, own.roomId, timeline);
    timeline.check(
      'an answer is refused, and the room is told why',
      (await answers.say('Please come in.')) === 'block',
    );

    timeline.heading('Consent is recorded, with evidence');
    await command(`consent record ${PATIENT} ${PHONE} --scope reminder,clinical_link --method paper --evidence Form 7`);
    await answers.say('Please come in tomorrow.');
    timeline.check('the telephone shows it', await phone.shows('Please come in tomorrow.'));
    const result = 'Your potassium is 5.9, stop the lisinopril.';
    timeline.check('health information is held back', (await answers.say(result)) === 'rewrite');
    timeline.check('the telephone shows a notice to call', await phone.shows('You have a message from'));

    timeline.heading('The patient asks for it, is warned, and the practice allows it');
    const asked = '--scope reminder,content --method in_person --risk-notice 2026-01 --evidence Asked at the desk';
    await command(`consent record ${PATIENT} ${PHONE} ${asked}`);
    await command('texting-policy set content true');
    await answers.say(result);
    timeline.check('the telephone shows it', await phone.shows(result));

    timeline.heading('STOP is obeyed at once, in any wording');
    await phone.writes('please stop texting me');
    timeline.check('it is confirmed', await phone.shows('no more texts'));
    timeline.check('nothing is sent any more', (await answers.say('Are you there?')) === 'block');
    const { found } = await searchHospital(hospital, [canary, PHONE]);
    timeline.check('words and number are nowhere in databases, media and logs', found.length === 0, found.join(', '));
    await checkAudit(timeline, hospital);
  } finally {
    await house.close();
  }
}

const has = ({ content }: SeenEvent, words: string): boolean => String(content.body).includes(words);

/** The telephone of the local carrier. */
class Telephone {
  readonly #inbound: URL;
  readonly #line: string;
  readonly #timeline: Timeline;

  constructor({ sms }: HospitalInfo, timeline: Timeline) {
    const [line] = sms;
    if (!line) throw new Error('there is no line for texts');
    this.#inbound = new URL(line.inbound_url);
    this.#line = line.number;
    this.#timeline = timeline;
  }

  async writes(body: string): Promise<void> {
    const form = new URLSearchParams({ From: PHONE, To: this.#line, Body: body });
    const { status } = await fetch(this.#inbound, { method: 'POST', body: form });
    if (status !== 200) throw new Error(`the carrier was answered ${status}`);
    this.#timeline.happened('a telephone', `texts: ${body.slice(0, 40)}`, performance.now());
  }

  /** Whether it does, soon. */
  async shows(words: string): Promise<boolean> {
    const url = new URL('texts', this.#inbound);
    url.searchParams.set('phone', PHONE);
    const isThere = async () => {
      const { texts } = (await (await fetch(url)).json()) as { texts: { direction: string; body: string }[] };
      return texts.some(({ direction, body }) => direction === 'in' && body.includes(words));
    };
    return pollUntil(`the telephone to show ${words}`, isThere, { deadlineMs: SOON_MS, everyMs: 50 }).then(
      () => true,
      () => false,
    );
  }
}

/** What somebody of the team writes in the patient's room. */
class Answers {
  readonly #who: Person;
  readonly #room: string;
  readonly #timeline: Timeline;

  constructor(who: Person, room: string, timeline: Timeline) {
    this.#who = who;
    this.#room = room;
    this.#timeline = timeline;
  }

  /** What the room is told becomes of it: `allow`, `rewrite`, `hold` or `block`. */
  async say(words: string): Promise<string> {
    const said = await this.#who.say(this.#room, words);
    const isAnswer = ({ content }: SeenEvent) => {
      const relation = content['m.relates_to'] as { 'm.in_reply_to'?: { event_id?: string } } | undefined;
      return relation?.['m.in_reply_to']?.event_id === said && content['org.wardroom.text'] !== undefined;
    };
    const { content } = await this.#who.waitFor(isAnswer);
    const { verdict } = content['org.wardroom.text'] as { verdict: string };
    this.#timeline.happened(short(this.#who.userId), `writes “${words}”: ${verdict}`, performance.now());
    return verdict;
  }
}
