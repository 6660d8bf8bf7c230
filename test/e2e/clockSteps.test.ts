import type { Person } from '../../src/dev/person.ts';
import { postUntilTaken } from './support/persistentCaller.ts';
import { messagesAbout } from './support/rooms.ts';
import { about, Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;
let life: WardroomProcess;

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('CLOCK');
  life = new WardroomProcess(ward);
});
afterAll(async () => {
  await ward?.dev('clock', 'real');
  await life?.start();
  await ward?.close();
});

const kindsOf = async (id: string): Promise<readonly string[]> =>
  (await messagesAbout(alder, room, [id])).map(({ kind }) => kind);

/** What the service was told, without repetitions of the same callback. */
const told = (id: string): readonly string[] => [...new Set(ward.toldOf(id))];

it('a clock that steps forward by an hour skips no step of a ladder and does each once, in order', async () => {
  const id = await ward.post('CLOCK');
  await ward.told(id, 'ticket.delivered');
  await ward.dev('clock', 'advance', '1h');
  await ward.told(id, 'ticket.todo');
  await beech.waitFor(about(id, 'escalation'));
  expect(await kindsOf(id)).toEqual(['ticket', 'renotify', 'escalation']);
  const { timeline, next_step_at } = await ward.look(id);
  expect(
    timeline.filter(({ event }) => ['renotified', 'step_due', 'todo'].includes(event)).map(({ event }) => event),
  ).toEqual(['step_due', 'renotified', 'step_due', 'todo']);
  // The last step is still to come.
  expect(next_step_at).not.toBeNull();
  expect(ward.toldOf(id).filter((status) => status === 'todo')).toHaveLength(1);
});

it('a clock that steps back by an hour holds up no message and no callback of before, also not over a restart', async () => {
  // The clock is an hour ahead; Wardroom dies between the acceptance and everything that follows.
  await life.kill();
  ward.crashAt({ 'accept.committed': 1 });
  const ticket = ward.ticket('CLOCK');
  const crash = life.startUntilCrash({ 'accept.committed': 1 });
  const given = postUntilTaken(ward, ticket);
  await crash;
  await ward.dev('clock', 'real');
  await life.start();
  const { ticketId } = await given;
  await alder.waitFor(about(ticketId, 'ticket'), { timeoutMs: 30_000 });
  await ward.told(ticketId, 'ticket.delivered', 30_000);
  expect(told(ticketId)).toEqual(['accepted', 'sent', 'delivered']);

  // Its ladder counts from then, an hour ahead: nothing is early, nothing is left out, nothing comes twice.
  await ward.dev('clock', 'advance', '30m');
  expect(await kindsOf(ticketId)).toEqual(['ticket']);
  await ward.dev('clock', 'advance', '33m');
  await alder.waitFor(about(ticketId, 'renotify'));
  await ward.dev('clock', 'real');
  await ward.dev('clock', 'advance', '2h');
  await ward.told(ticketId, 'ticket.todo');
  await beech.waitFor(about(ticketId, 'escalation'));
  expect(await kindsOf(ticketId)).toEqual(['ticket', 'renotify', 'escalation']);

  const root = await alder.waitFor(about(ticketId, 'ticket'));
  await alder.react(room, root.eventId, '✅');
  await ward.untilState(ticketId, 'acknowledged');
});
