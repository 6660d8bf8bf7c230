import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { textOn } from './support/telephone.ts';
import { about, mentioned, relation, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let beech: Person;

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
});
afterAll(async () => {
  await ward?.dev('clock', 'real');
  await ward?.close();
});

/** Who was alerted, as the message says it, with its times left out; the clock may pass midnight while this runs. */
const whoElse = (event: SeenEvent): string | undefined =>
  String(event.content.body)
    .split('\n')
    .find((line) => line.startsWith('Alerted: '))
    ?.replace(/(\w{3} \d+ \w{3} )?\d\d:\d\d/g, 'TIME');

describe('a ladder', () => {
  it('reminds, texts, escalates, hands over to a human operator, and ends undelivered', async () => {
    const id = await ward.post('CLIMB');
    const root = await alder.waitFor(about(id, 'ticket'));
    await ward.untilState(id, 'delivered');

    await ward.dev('clock', 'advance', '2m');
    const reminder = await alder.waitFor(about(id, 'renotify'));
    expect(relation(reminder)).toMatchObject({ rel_type: 'm.thread', event_id: root.eventId });
    expect(mentioned(reminder)).toEqual([ward.userId('dr.alder')]);
    expect(whoElse(reminder)).toMatch(/^Alerted: dr\.alder TIME\. Next: dr\.beech TIME\.$/);

    await ward.dev('clock', 'advance', '13m');
    const escalation = await beech.waitFor(about(id, 'escalation'));
    expect(mentioned(escalation)).toEqual([ward.userId('dr.beech')]);
    expect(relation(escalation)).toMatchObject({ rel_type: 'm.thread', event_id: root.eventId });
    expect(whoElse(escalation)).toMatch(
      /^Alerted: dr\.alder TIME; dr\.beech TIME\. Next: the answering service’s operator TIME\.$/,
    );
    const climbed = await ward.look(id);
    expect(climbed.timeline.find((line) => line.code === 'SMS')).toMatchObject({
      event: 'step_due',
      who: ward.userId('dr.alder'),
      step: 2,
    });
    await textOn(ward.hospital, '+12125550121', ({ body }) => /^Call in for a message\. Ref [0-9A-F]{6}$/.test(body));

    await ward.dev('clock', 'advance', '10m');
    const todo = await ward.told(id, 'ticket.todo');
    expect(todo.data.text).toBe('Call alternates');
    await ward.dev('clock', 'advance', '10m');
    await ward.dev('clock', 'advance', '10m');
    const ended = await ward.untilState(id, 'undelivered');
    expect(ended.next_step_at).toBeNull();
    expect(ended.timeline.filter((line) => line.event === 'renotified')).toHaveLength(2);
    expect(ended.timeline.filter((line) => line.event === 'todo')).toHaveLength(2);
    await ward.told(id, 'ticket.undelivered');

    await alder.react(ward.room('CLIMB'), root.eventId, '✅');
    expect((await ward.untilState(id, 'acknowledged')).acknowledged?.by).toBe(ward.userId('dr.alder'));
  });

  it('does once, and marks late, what fell due while Wardroom was away', async () => {
    const id = await ward.post('CLIMB', { urgency: 'URGENT' });
    await ward.untilState(id, 'delivered');
    await ward.dev('kill', 'wardroom');
    await ward.dev('clock', 'advance', '21m');
    await ward.dev('start', 'wardroom');
    const escalation = await beech.waitFor(about(id, 'escalation'));
    expect(mentioned(escalation)).toEqual([ward.userId('dr.beech')]);
    const ticket = await ward.until(id, (one) =>
      one.timeline.some((line) => line.event === 'step_due' && line.step === 1),
    );
    const due = ticket.timeline.filter((line) => line.event === 'step_due' && line.step === 1);
    expect(due).toHaveLength(1);
    expect(due[0]?.late).toBe(true);
    await alder.react(ward.room('CLIMB'), ticket.event_id ?? '', '✅');
    await ward.untilState(id, 'acknowledged');
  });

  it('gives the ticket of an account without a schedule to the site-wide default, flagged', async () => {
    const id = await ward.post('NO-PRACTICE');
    const ticket = await ward.untilState(id, 'delivered');
    expect(ticket.flags).toContain('no_schedule');
    const root = await alder.waitFor(about(id, 'ticket'));
    expect(mentioned(root)).toEqual([ward.userId('dr.alder')]);
    const todo = await ward.told(id, 'ticket.todo');
    expect(todo.data.text).toBe('Account has no schedule, call the practice');
    await alder.react(ward.room('NO-PRACTICE'), root.eventId, '✅');
    await ward.untilState(id, 'acknowledged');
  });

  it('puts a ticket whose protocol has no step for a room into the room all the same', async () => {
    const id = await ward.post('QUIET', { urgency: 'ROUTINE' });
    const root = await alder.waitFor(about(id, 'ticket'));
    expect(mentioned(root)).toEqual([]);
  });
});
