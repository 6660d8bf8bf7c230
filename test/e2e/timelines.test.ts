/** timelines.yaml, every second of it, with a real homeserver, real clients and a real console. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from '../../src/dev/checkout.ts';
import { WctpConsole } from '../../src/dev/demo/wctpConsole.ts';
import type { Person } from '../../src/dev/person.ts';
import { removeHospital } from '../../src/dev/removeHospital.ts';
import { ownHospital } from '../support/hospital.ts';
import { timelines } from '../tickets/fixtures.ts';
import { BusinessTime } from './support/businessTime.ts';
import { Ward } from './support/ward.ts';
import { check, type DryRun, excuse, type Hall, unknownKeys } from './timelines/checks.ts';
import { dispatchOfTimelines, ticketFor } from './timelines/data.ts';
import { NOT_APPLICABLE, NOT_PLAYED, SOONER } from './timelines/notApplicable.ts';
import { PLAYERS } from './timelines/players.ts';
import { Replay } from './timelines/replay.ts';
import type { Run } from './timelines/run.ts';

/** Everybody who is called, reads a report or hears an alarm. */
const PEOPLE = [
  'dr.fenn',
  'dr.tolliver',
  'dr.vantongeren',
  'np.quist',
  'mgr.hale',
  'dr.averkamp',
  'dr.sundqvist',
  'rn.quarrie',
  'rn.osmere',
  'lcsw.drayholt',
  'sup.merrow',
];
/** Rooms that their owners made, with who did; the alias is that of the data. */
const REPORT_ROOMS: Readonly<Record<string, string>> = {
  '#larkmoor-frontdesk:larkmoor.example': 'mgr.hale',
  '#orrin-office:orrin.example': 'rn.quarrie',
};

let ward: Ward;
let console_: WctpConsole;
let replay: Replay;
let runs: readonly Run[];
let people: Map<string, Person>;
const rooms = new Map<string, string>();

beforeAll(async () => {
  console_ = new WctpConsole();
  const settings = {
    services: { nightjar: { wctp_url: await console_.listen() } },
    dev: { control: ['mgr.hale', 'mgr.pryce'] },
  };
  ward = await Ward.open(await ownHospital('timelines', dispatchOfTimelines(), settings));
  people = new Map(await Promise.all(PEOPLE.map(async (key) => [key, await ward.person(key)] as const)));
  for (const [alias, owner] of Object.entries(REPORT_ROOMS))
    rooms.set(alias, await makeRoom(people.get(owner)!, alias));
  const time = new BusinessTime(ward.dir);
  await time.begin(Math.min(...timelines.map(({ t0 }) => Date.parse(t0))) - 3_600_000);
  const sender = { id: 'nightjar-ops', code: 's3cr3tc0de16ch' };
  const began = performance.now();
  replay = new Replay({ ward, time, console: console_, sender, people }, timelines);
  runs = await replay.play();
  process.stdout.write(`timelines.test.ts: replayed in ${Math.round((performance.now() - began) / 1000)} s\n`);
});
afterAll(async () => {
  await ward?.close();
  await console_?.close();
  if (ward) await removeHospital(ward.dir);
});

async function makeRoom(owner: Person, alias: string): Promise<string> {
  const { room_id: room } = await owner.api<{ room_id: string }>('POST', '/_matrix/client/v3/createRoom', {
    preset: 'private_chat',
    room_alias_name: alias.slice(1, alias.indexOf(':')),
    power_level_content_override: { invite: 0 },
    invite: [ward.hospital.bot_user_id],
    initial_state: [{ type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
  });
  return room;
}

const dryRuns = new Map<string, DryRun>();
const hall: Hall = {
  userId: (key) => ward.userId(key),
  async dryRun({ account, acceptedAt, timeline }) {
    const known = dryRuns.get(account);
    if (known) return known;
    const [, urgency = ''] = timeline.protocol.split('/');
    const command = ['oncall', 'simulate', account, new Date(acceptedAt).toISOString(), urgency];
    const args = [join(checkout, 'bin/wardroom.js'), ...command, '--dir', ward.dir, '--json'];
    const found = JSON.parse((await promisify(execFile)(process.execPath, args)).stdout) as DryRun;
    dryRuns.set(account, found);
    return found;
  },
  alarms: ({ account }) =>
    people
      .get('mgr.hale')!
      .events.all()
      .filter(({ roomId }) => roomId === ward.hospital.control_room_id)
      .map(({ content }) => String(content.body))
      .filter((body) => body.startsWith('Alarm: ') && body.includes(account)),
  textsOn: (phone) => [...(replay.texts.get(phone) ?? [])],
  async reportRoom(alias) {
    return rooms.get(alias) ?? '';
  },
};

describe.each(timelines.map((one) => [one.id, one] as const))('timeline %s', (id, timeline) => {
  const run = (): Run => {
    const found = runs.find((one) => one.timeline === timeline);
    if (!found) throw new Error(`${id} was not lived`);
    return found;
  };

  it.each(timeline.expect.map((expected) => [JSON.stringify(expected), expected] as const))('%s', (_, expected) => {
    expect(unknownKeys(expected)).toEqual([]);
    return check(expected, run(), hall);
  });

  if (timeline.final !== undefined)
    it(`ends ${timeline.final}`, () => {
      expect(run().ended?.state).toBe(timeline.final);
    });
});

describe('all timelines', () => {
  it('are lived with every signal, but for those that are named with a reason', () => {
    const signals = timelines.flatMap(({ inputs }) => inputs.map(({ sig }) => sig));
    expect(signals.filter((sig) => PLAYERS[sig] === undefined)).toEqual([]);
    for (const { timeline, sig } of NOT_PLAYED)
      expect(timelines.find(({ id }) => id === timeline)?.inputs.map((input) => input.sig)).toContain(sig);
  });

  it('are excused from nothing that they do not ask for', () => {
    const asked = timelines.flatMap(({ id, expect: all }) =>
      all.flatMap((one) => Object.entries(one).map(([key, value]) => [id, key, value] as const)),
    );
    for (const one of NOT_APPLICABLE)
      expect(asked.some(([id, key, value]) => excuse(id, key, value) === one.why)).toBe(true);
    for (const { timeline, t } of SOONER)
      expect(timelines.find(({ id }) => id === timeline)?.expect.some((one) => one.t === t)).toBe(true);
  });

  it('keep every canary inside encrypted events, and give each callback its signature', async () => {
    const canaries = timelines.map((one) => String(ticketFor(one, one.ticket).canary));
    expect(await ward.leaks(canaries)).toEqual([]);
    expect(ward.receiver.callbacks.filter(({ raw }) => canaries.some((canary) => raw.includes(canary)))).toEqual([]);
  });
});
