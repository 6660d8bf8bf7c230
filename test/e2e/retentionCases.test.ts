/** Every case of the data through the real stack, each in a room of its own, by the business clock; what is gone is nowhere, byte by byte. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { parse } from 'yaml';
import { wardroom } from '../../src/dev/demo/cli.ts';
import { House } from '../../src/dev/house.ts';
import type { Person } from '../../src/dev/person.ts';
import { removeHospital } from '../../src/dev/removeHospital.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { durationMs } from '../../src/policy/index.ts';
import { ownHospital } from '../support/hospital.ts';
import { BusinessTime } from './support/businessTime.ts';
import { ask } from './support/database.ts';
import { foundInBackup, foundInFiles, foundInRows } from './support/forgotten.ts';
import { ServerAdministrator } from './support/serverAdministrator.ts';
import { about, Ward } from './support/ward.ts';

interface Case {
  readonly class: string;
  readonly urgency?: string;
  readonly age: string;
  readonly seen?: boolean;
  readonly acknowledged?: boolean;
  readonly hold?: string;
  readonly partner_max_age?: string;
  readonly expect: 'keep' | 'delete';
  readonly winner: string;
}

interface HoldSample {
  readonly id: string;
  readonly covers: { readonly room_class: string; readonly patient: string };
}

const samples = parse(readFileSync(new URL('../fixtures/data/policy-samples.yaml', import.meta.url), 'utf8')) as {
  readonly retention_cases: readonly Case[];
  readonly holds: readonly HoldSample[];
};
/** Those with a partner are lived through by two hospitals: pair.test.ts. */
const cases = samples.retention_cases.filter((one) => one.partner_max_age === undefined);
const ages = [...new Set(cases.map(({ age }) => age))].sort((a, b) => durationMs(a) - durationMs(b));
/** A ticket's case has the account of its place in the list. */
const isTicket = ({ urgency, hold }: Case) => urgency !== undefined && hold === undefined;
const accountOf = (one: Case) => `CASE-${cases.indexOf(one)}`;
const accounts = cases.filter(isTicket).map(accountOf);

const dispatch = {
  site: { default_oncall: ['dr.alder'], default_protocol: 'SITE-DEFAULT' },
  services: { nightjar: { accounts }, wren: { accounts: accounts.slice(0, 1) } },
  practices: Object.fromEntries(
    cases
      .filter(isTicket)
      .map((one) => [
        accountOf(one),
        { tz: 'America/New_York', default: ['dr.alder'], roles: { oncall: {} }, room_class: one.class },
      ]),
  ),
  control: { members: ['adm.fir', 'adm.gorse'] },
  people: {
    'dr.alder': { mxid: '@alder:thornbury.example', roles: ['physician', 'psychiatry'] },
    'adm.fir': { mxid: '@fir:thornbury.example' },
    'adm.gorse': { mxid: '@gorse:thornbury.example' },
  },
  protocols: Object.fromEntries(
    ['SITE-DEFAULT', ...accounts]
      .flatMap((account) => ['STAT', 'URGENT', 'ROUTINE', 'FYI'].map((urgency) => `${account}/${urgency}`))
      .map((name) => [name, { steps: [{ at: '0m', do: 'room', to: 'site.default_oncall', mention: true }] }]),
  ),
};

let ward: Ward;
let house: House;
let alder: Person;
let server: ServerAdministrator;
let time: BusinessTime;
let scratch: string;

/** A message, as it is before its time is over. */
interface Placed {
  readonly room: string;
  readonly event: string;
  /** A piece of its ciphertext, as the homeserver stores it. */
  readonly trace: string;
  /** A piece of the sealed text of its ticket, as a row shows it. */
  readonly sealed: string | null;
}

const placed = new Map<Case, Placed>();
/** In rooms that were upgraded: one like any other, and one that a hold covers. */
let [forgotten, held]: Placed[] = [];
/** The hold of the command for the one of the data. */
const holds = new Map<string, string>();

beforeAll(async () => {
  ward = await Ward.open(await ownHospital('retentionCases', dispatch, { dev: { control: ['adm.fir', 'adm.gorse'] } }));
  house = new House(ward.hospital, (key) => ward.person(key));
  await house.open('adm.fir', 'adm.gorse');
  [alder, server] = [await ward.person('dr.alder'), await ServerAdministrator.of(ward.hospital)];
  time = new BusinessTime(ward.dir);
  scratch = mkdtempSync(join(tmpdir(), 'wardroom-cases-'));
});
afterAll(async () => {
  await server?.close();
  await ward?.close();
  if (scratch) rmSync(scratch, { recursive: true, force: true });
  if (ward) await removeHospital(ward.dir);
});

async function traced(by: Person, room: string, event: string, ticket: string | null): Promise<Placed> {
  await pollUntil(
    'it is heard of',
    async () =>
      (await ask(ward.hospital, 'SELECT 1 FROM wardroom.inbox_events WHERE event_id = $1', [event])).length > 0,
    { deadlineMs: 30_000 },
  );
  const { content } = (await by.stored(room, event)) as { content: { ciphertext?: unknown } };
  const [row] = await ask<{ piece: string }>(
    ward.hospital,
    `SELECT encode(substring(text_ciphertext FROM 5 FOR 24), 'hex') AS piece FROM wardroom.tickets WHERE ticket_id = $1`,
    [ticket],
  );
  return { room, event, trace: String(content.ciphertext).slice(20, 60), sealed: row?.piece ?? null };
}

async function ticketOf(one: Case): Promise<Placed> {
  const room = ward.room(accountOf(one));
  const id = await ward.post(accountOf(one), { urgency: one.urgency });
  const { eventId: event } = await alder.waitFor(about(id, 'ticket'));
  if (one.seen === true) {
    await alder.read(room, event);
    await ward.untilState(id, 'seen');
  }
  if (one.acknowledged === true) {
    await alder.react(room, event, '✅');
    await ward.untilState(id, 'acknowledged');
  } else expect((await ward.look(id)).acknowledged).toBeNull();
  // Something comes after it: a purge leaves the last message of a room, which is redacted.
  await alder.say(room, 'Noted in the chart');
  return traced(alder, room, event, id);
}

/** A clinical room of this name, with a message in it. */
async function saidIn(name: string): Promise<Placed> {
  let room = '';
  // Where Wardroom has just started the answer is to try again in a moment.
  await pollUntil(
    'the room is made',
    async () => {
      const { outcome, code, data } = await house.say(`room create clinical ${name}`);
      if (outcome !== 'ok' && code !== 'not-ready') throw new Error(`${name}: ${outcome}, ${code}`);
      room = String(data.room_id);
      return outcome === 'ok';
    },
    { deadlineMs: 60_000, everyMs: 500 },
  );
  await alder.room(room);
  const event = await alder.say(room, 'Echo at eight');
  await alder.say(room, 'And a culture');
  return traced(alder, room, event, null);
}

/** By whoever may: the room says that it was replaced, and the next one says of which it is. */
async function upgrade(room: string): Promise<string> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/upgrade`;
  return (await server.asBot<{ replacement_room: string }>('POST', path, { new_version: '11' })).replacement_room;
}

async function place(one: Case): Promise<Placed> {
  const sample = samples.holds.find(({ id }) => id === one.hold);
  if (sample) {
    const { room_class: roomClass, patient } = sample.covers;
    expect(roomClass).toBe(one.class);
    const made = await saidIn(`Ward 1 --patient ${patient}`);
    const hold = await house.done(`hold place --class ${roomClass} --patient ${patient} --reason Request of counsel`);
    holds.set(sample.id, String(hold.data.hold_id));
    return made;
  }
  if (one.class !== 'audit') return ticketOf(one);
  const [first] = house.administrators();
  const room = ward.hospital.audit_room_id ?? '';
  return traced(first, room, await first.say(room, 'The export of November was handed over'), null);
}

/** Whether the homeserver has a message with its content. */
async function isStored({ trace }: Placed): Promise<boolean> {
  const client = new pg.Client({ connectionString: ward.hospital.processes.synapse.database_url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM event_json WHERE position($1 IN json) > 0', [trace]);
    return rowCount === 1;
  } finally {
    await client.end();
  }
}

const wordsOf = (all: readonly Placed[]) =>
  all.flatMap(({ trace, sealed }) => (sealed === null ? [trace] : [trace, sealed]));

const explain = async ({ event }: Placed) => (await house.done(`retention explain ${event}`)).data;

/** One after the other: time only goes forward. */
describe('a message of the data', () => {
  const gone = new Set<Placed>();
  let written: number;
  /** The one on a room that was upgraded. */
  let hold: string;

  beforeAll(async () => {
    for (const one of cases) placed.set(one, await place(one));
    [forgotten, held] = [await saidIn('Ward 2'), await saidIn('Ward 3')];
    const byRoom = await house.done(`hold place ${held!.room} --reason Letter of counsel`);
    hold = String(byRoom.data.hold_id);
    written = time.now();
    for (const one of placed.values()) expect(await isStored(one)).toBe(true);
    const [sealed] = [...placed.values()].flatMap((one) => one.sealed ?? []);
    expect(await foundInRows(ward.hospital, [sealed!])).toEqual(['table wardroom.tickets']);
  });

  it('has cases of each kind', () => {
    expect(new Set(cases.map(({ winner }) => winner))).toEqual(
      new Set(['max_age', 'unread_stat', 'hold', 'audit.keep']),
    );
    expect(cases.length + 2).toBe(samples.retention_cases.length);
  });

  it('stands in a room that was upgraded like in any other, and `room show` of the old one names the new one', async () => {
    for (const { room } of [forgotten!, held!]) {
      const next = await upgrade(room);
      await pollUntil(
        'the upgrade is followed',
        async () => (await house.say(`room show ${room}`)).data.replaced_by === next,
        { deadlineMs: 30_000, everyMs: 500 },
      );
      const old = await house.done(`room show ${room}`);
      expect([old.data.state, old.body.includes(next)]).toEqual(['replaced', true]);
      const shown = (await house.done(`room show ${next}`)).data;
      expect(shown).toMatchObject({ state: 'kept', replaced_by: null, holds: room === held!.room ? [hold] : [] });
      expect(await house.say(`room explain ${room}`)).toMatchObject({
        outcome: 'refused',
        code: 'replaced',
        data: { replaced_by: next },
      });
    }
  });

  it.each(ages)('of the age of %s is explained and dealt with as they say', async (age) => {
    await time.to(written + durationMs(age));
    const due = cases.filter((one) => one.age === age);
    for (const one of due) {
      const { decision, winner, holds: by } = await explain(placed.get(one)!);
      expect([one, decision, winner]).toEqual([one, one.expect, one.winner]);
      expect(by).toEqual(one.hold === undefined ? [] : [holds.get(one.hold)]);
    }
    await house.done('retention run');
    for (const one of due) {
      expect([one, await isStored(placed.get(one)!)]).toEqual([one, one.expect === 'keep']);
      if (one.expect === 'delete') gone.add(placed.get(one)!);
    }
    expect(await foundInRows(ward.hospital, wordsOf([...gone]))).toEqual([]);
  });

  it('that a room which was upgraded held is forgotten in its time, and what a hold covers is there', async () => {
    expect(await isStored(forgotten!)).toBe(false);
    expect(await isStored(held!)).toBe(true);
    expect(await explain(held!)).toMatchObject({ decision: 'keep', winner: 'hold' });
    gone.add(forgotten!);
  });

  it('that is gone is in no file of the databases, in no media, and in no backup made since; what stays is', async () => {
    const staying = cases
      .filter(({ winner }) => winner === 'unread_stat' || winner === 'hold')
      .map((one) => placed.get(one)!);
    expect(staying.length).toBeGreaterThan(2);
    for (const one of staying) expect(await isStored(one)).toBe(true);
    const words = wordsOf([...gone]);
    expect(words.length).toBeGreaterThan(6);
    expect(await foundInFiles(ward.hospital, words)).toEqual([]);
    for (const one of staying) expect(await foundInFiles(ward.hospital, [one.trace])).not.toEqual([]);

    const [file, key] = [join(scratch, 'after.age'), join(scratch, 'backup.key')];
    await wardroom(['backup', '--make-key', key], { quiet: true });
    const configuration = ward.hospital.config_files.flatMap((one) => ['--config', one]);
    const { code } = await wardroom(['backup', file, ...configuration, '--key-file', key, '--json'], { quiet: true });
    expect(code).toBe(0);
    expect(await foundInBackup(file, key, [...words, ward.canary])).toBe(false);
    const sealed = staying.flatMap((one) => one.sealed ?? []);
    expect(sealed.length).toBeGreaterThan(1);
    for (const piece of sealed) expect(await foundInBackup(file, key, [piece])).toBe(true);
  });
});
