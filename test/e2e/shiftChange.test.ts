import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../../src/dev/checkout.ts';
import type { Person } from '../../src/dev/person.ts';
import { about, mentioned, Ward } from './support/ward.ts';

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
  await ward?.dev('clock', 'real');
  await ward?.close();
});

const shiftChanges = async (id: string) =>
  (await ward.look(id)).timeline
    .filter(({ code }) => code === 'shift-change')
    .map(({ who, late }) => [who, late ?? false]);

/** The command line, beside the running service. */
const oncall = async (...args: string[]): Promise<{ readonly changes?: readonly { readonly id: number }[] }> => {
  const command = [join(checkout, 'bin/wardroom.js'), 'oncall', ...args, '--dir', ward.dir, '--json'];
  return JSON.parse((await promisify(execFile)(process.execPath, command)).stdout) as { changes?: { id: number }[] };
};

it('who comes on is handed the open tickets at the minute, and not those that somebody has', async () => {
  // The shift of dr.beech begins at 07:00 in Phoenix, 14:00 in UTC.
  await ward.dev('clock', 'set', '2031-06-02T13:59:00Z');
  const [open, taken] = [await ward.post('SHIFT'), await ward.post('SHIFT')];
  const root = await alder.waitFor(about(taken, 'ticket'));
  expect(mentioned(root)).toEqual([ward.userId('dr.alder')]);
  await alder.react(ward.room('SHIFT'), root.eventId, '✅');
  await ward.untilState(taken, 'acknowledged');
  await ward.told(open, 'ticket.delivered');
  await ward.dev('clock', 'advance', '1m');
  const handed = await beech.waitFor(about(open, 'escalation'));
  expect(mentioned(handed)).toEqual([ward.userId('dr.beech')]);
  await ward.told(open, 'ticket.escalated');
  expect(await shiftChanges(open)).toEqual([[ward.userId('dr.beech'), false]]);
  expect(await shiftChanges(taken)).toEqual([]);
  await beech.react(ward.room('SHIFT'), handed.eventId, '✅');
  expect((await ward.untilState(open, 'acknowledged')).acknowledged?.by).toBe(ward.userId('dr.beech'));
});

it('a change of shifts while Wardroom is away is done once, after it, and marked late', async () => {
  const id = await ward.post('SHIFT');
  expect(mentioned(await beech.waitFor(about(id, 'ticket')))).toEqual([ward.userId('dr.beech')]);
  await ward.told(id, 'ticket.delivered');
  await ward.dev('kill', 'wardroom');
  await ward.dev('clock', 'set', '2031-06-03T14:00:30Z');
  await ward.dev('start', 'wardroom');
  await alder.waitFor(about(id, 'escalation'));
  expect(await shiftChanges(id)).toEqual([[ward.userId('dr.alder'), true]]);
  // Another start finds nothing left to do.
  await ward.dev('kill', 'wardroom');
  await ward.dev('start', 'wardroom');
  const next = await ward.post('SHIFT');
  await ward.told(next, 'ticket.delivered');
  expect(await shiftChanges(id)).toEqual([[ward.userId('dr.alder'), true]]);
});

it('a change that a scheduler makes counts without a restart, is seen by who and show, and can be taken back', async () => {
  const made = await oncall(
    'override',
    'SHIFT',
    'oncall',
    'np.cedar',
    '2031-06-03T07:00',
    '2031-06-03T09:00',
    '--reason',
    'ill',
  );
  const change = made.changes?.[0]?.id;
  expect(await oncall('who', 'SHIFT')).toMatchObject({ roles: [{ role: 'oncall', holder: ['np.cedar'] }] });
  // The running service takes it up within a second: who holds the role now is alerted of what is open.
  const open = await ward.post('SHIFT');
  await cedar.waitFor(
    (event) =>
      ['ticket', 'escalation'].some((kind) => about(open, kind)(event)) &&
      mentioned(event).includes(ward.userId('np.cedar')),
  );
  await oncall('withdraw', String(change));
  expect(await oncall('who', 'SHIFT')).toMatchObject({ roles: [{ role: 'oncall', holder: ['dr.alder'] }] });
});
