import type { Person } from '../../src/dev/person.ts';
import type { SeenEvent } from '../../src/dev/seenEvents.ts';
import { about, mentioned, relation, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let beech: Person;
let cedar: Person;

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech, cedar] = await Promise.all([
    ward.person('dr.alder'),
    ward.person('dr.beech'),
    ward.person('np.cedar'),
  ]);
});
afterAll(async () => {
  ward?.crashAt({});
  await ward?.dev('clock', 'real');
  await ward?.close();
});

/** Everything of this ticket that somebody's client has. */
const seenOf = (person: Person, id: string): readonly SeenEvent[] =>
  person.events
    .all()
    .filter(({ content }) => (content['org.wardroom.ticket'] as { ticket_id?: string } | undefined)?.ticket_id === id);
const saying = (id: string, words: string) => (event: SeenEvent) =>
  about(id, 'notice')(event) && String(event.content.body).includes(words);

describe('an account whose tickets go to the one who is called', () => {
  it('rings one phone, the next one whole when it escalates, and either stops the ladder; the other is told', async () => {
    const id = await ward.post('OWN');
    const root = await alder.waitFor(about(id, 'ticket'));
    expect(root.roomId).not.toBe(ward.room('OWN'));
    expect([mentioned(root), relation(root)]).toEqual([[ward.userId('dr.alder')], undefined]);
    await ward.told(id, 'ticket.delivered');
    expect((await ward.look(id)).room_id).toBe(root.roomId);
    await ward.dev('clock', 'advance', '10m');
    const reminder = await alder.waitFor(about(id, 'renotify'));
    expect([reminder.roomId, relation(reminder)]).toMatchObject([root.roomId, { event_id: root.eventId }]);
    expect([seenOf(beech, id), seenOf(cedar, id)]).toEqual([[], []]);
    await ward.dev('clock', 'advance', '50m');
    const called = await beech.waitFor(about(id, 'escalation'));
    const whole = await beech.waitFor(about(id, 'posted_again'));
    expect(called.roomId).not.toBe(root.roomId);
    expect(whole.roomId).toBe(called.roomId);
    // The thread in this room begins in this room.
    expect([relation(called), relation(whole)]).toMatchObject([undefined, { event_id: called.eventId }]);
    expect(whole.content.body).toContain(ward.canary);
    await beech.react(called.roomId, whole.eventId, '✅');
    expect((await ward.untilState(id, 'acknowledged')).acknowledged?.by).toBe(ward.userId('dr.beech'));
    const told = await alder.waitFor(saying(id, `Taken by ${ward.userId('dr.beech')}`));
    expect([told.roomId, relation(told)]).toMatchObject([root.roomId, { event_id: root.eventId }]);
    expect(seenOf(cedar, id)).toEqual([]);
  });

  it('takes words, commands and what is handed on in those rooms', async () => {
    const id = await ward.post('OWN');
    const root = await alder.waitFor(about(id, 'ticket'));
    await alder.say(root.roomId, 'Send to backup', { thread: root.eventId });
    const handed = await beech.waitFor(about(id, 'escalation'));
    await beech.say(handed.roomId, `!pass ${ward.userId('np.cedar')}`, { thread: handed.eventId });
    const passed = await cedar.waitFor(about(id, 'escalation'));
    await cedar.waitFor(about(id, 'posted_again'));
    // Without a thread: it is the only one in this room.
    await cedar.say(passed.roomId, 'ok');
    expect((await ward.untilState(id, 'acknowledged')).acknowledged?.by).toBe(ward.userId('np.cedar'));
    await cedar.say(passed.roomId, '!done called the family');
    await ward.untilState(id, 'closed');
  });

  it('hears a note of the operator in every room that has the ticket, and a repeat call is delivered', async () => {
    const ticket = ward.ticket('OWN-BOTH');
    const id = await ward.post('OWN-BOTH', ticket);
    const [first, second] = await Promise.all([
      alder.waitFor((event) => seenOf(alder, id).includes(event)),
      beech.waitFor((event) => seenOf(beech, id).includes(event)),
    ]);
    await ward.told(id, 'ticket.delivered');
    // Nobody was told that somebody cannot read what was only on its way.
    expect(ward.toldOf(id).filter((type) => ['undecryptable', 'todo'].includes(type))).toEqual([]);
    expect(first.roomId).not.toBe(second.roomId);
    await ward.tell(id, { type: 'note', text: 'The daughter holds the line' });
    await Promise.all([alder, beech].map((person) => person.waitFor(saying(id, 'The daughter holds the line'))));
    const again = await ward.post('OWN-BOTH', { relates_to: ticket.id, reason: 'Rings again' });
    await Promise.all([alder, beech].map((person) => person.waitFor(saying(id, 'Rings again'))));
    await ward.told(again, 'ticket.delivered');
    await alder.react(first.roomId, first.eventId, '✅');
    await ward.untilState(id, 'acknowledged');
    await beech.waitFor(saying(id, 'Taken by'));
  });

  it('asks in the room in which somebody says an ok that could mean two, and lists them where they are', async () => {
    const ids = [await ward.post('OWN'), await ward.post('OWN')];
    const roots = [await alder.waitFor(about(ids[0]!, 'ticket')), await alder.waitFor(about(ids[1]!, 'ticket'))];
    const room = roots[0]!.roomId;
    const said = await alder.say(room, 'ok');
    const asked = await alder.waitFor((event) => String(event.content.body).startsWith('Which ticket? 2 are open'));
    expect([asked.roomId, JSON.stringify(asked.content['m.relates_to'])]).toEqual([
      room,
      expect.stringContaining(said),
    ]);
    await alder.say(room, '!tickets');
    const listed = await alder.waitFor((event) => {
      const answer = event.content['org.wardroom.answer'] as { command?: string } | undefined;
      return answer?.command === 'tickets' && event.roomId === room;
    });
    const { tickets } = (listed.content['org.wardroom.answer'] as { data: { tickets: { event_id: string }[] } }).data;
    expect(tickets.map(({ event_id: event }) => event)).toEqual(roots.map(({ eventId }) => eventId));
    for (const [index, root] of roots.entries()) {
      await alder.react(room, root.eventId, '✅');
      await ward.untilState(ids[index]!, 'acknowledged');
    }
  });

  it('finds the rooms again after a kill, and posts once', async () => {
    const before = (await alder.waitFor(about(await ward.post('OWN'), 'ticket'))).roomId;
    ward.crashAt({ 'post.sent': 1 });
    await ward.dev('kill', 'wardroom');
    await ward.dev('start', 'wardroom');
    const id = await ward.post('OWN');
    const root = await alder.waitFor(about(id, 'ticket'));
    expect(root.roomId).toBe(before);
    ward.crashAt({});
    await ward.dev('start', 'wardroom');
    await ward.told(id, 'ticket.delivered');
    expect(seenOf(alder, id)).toHaveLength(1);
    await alder.react(root.roomId, root.eventId, '✅');
    await ward.untilState(id, 'acknowledged');
  });
});
