import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { checkout } from '../../src/dev/checkout.ts';
import { devDown, devKill, devStart, devStatus, devUp } from '../../src/dev/commands.ts';
import { searchDatabase, searchTree } from '../../src/dev/demo/canary.ts';
import type { DevUp, HospitalInfo } from '../../src/dev/hospitalInfo.ts';
import { House, joinedIn, sessionOf } from '../../src/dev/house.ts';
import { layoutOf } from '../../src/dev/layout.ts';
import { Person } from '../../src/dev/person.ts';
import { removeHospital } from '../../src/dev/removeHospital.ts';
import { readState } from '../../src/dev/state.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { durationMs } from '../../src/policy/index.ts';
import { BusinessTime } from './support/businessTime.ts';
import { ask } from './support/database.ts';
import { blankRedacted, foundInFiles, foundInRows } from './support/forgotten.ts';

const dir = mkdtempSync(join(tmpdir(), 'wardroom-consult-test-'));
afterAll(() => removeHospital(dir));

const DAY_MS = 86_400_000;

/** Cases of the data with a partner whose limit counts, too. */
const shared = (
  parse(readFileSync(new URL('../fixtures/data/policy-samples.yaml', import.meta.url), 'utf8')) as {
    readonly retention_cases: readonly {
      readonly class: string;
      readonly age: string;
      readonly partner_max_age?: string;
      readonly expect: string;
      readonly winner: string;
    }[];
  }
).retention_cases.filter((one) => one.partner_max_age !== undefined);
const [shorter, longer] = [
  shared.find(({ expect: is }) => is === 'delete')!,
  shared.find(({ expect: is }) => is === 'keep')!,
];

/** How long something took, in milliseconds. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Somebody of a hospital, on a verified device. */
async function somebody(hospital: HospitalInfo, key: string): Promise<Person> {
  const { user_id: userId, password, recovery_key: recoveryKey } = hospital.people.find((one) => one.key === key)!;
  return Person.logIn({ url: hospital.homeserver_url, userId, password, recoveryKey });
}

let document: DevUp;
const [first, second] = [() => document.hospitals[0]!, () => document.hospitals[1]!];

beforeAll(async () => {
  const overlay = join(dir, 'overlay.yaml');
  writeFileSync(overlay, 'dev: { domains: { brinewater.example: two } }\n');
  const data = join(checkout, 'test/fixtures/data/oncall.yaml');
  document = await devUp({ dir, hospitals: 2, data, config: [overlay], tied: true });
});

describe('two hospitals with an agreement', () => {
  let marlow: House;
  let brine: House;
  let fenn: Person;
  let tolliver: Person;
  let averkamp: Person;
  let oyelowe: Person;
  let room: string;
  /** Of the class of the cases of the data. */
  let transfers: string;
  let time: BusinessTime;

  /** `there`, `redacted` or `gone`, at somebody's homeserver. */
  const standing = async (person: Person, event: string, where = room): Promise<string> => {
    const found = await person.stored(where, event).catch(() => null);
    if (found === null) return 'gone';
    return (found as { unsigned?: { redacted_because?: unknown } }).unsigned?.redacted_because ? 'redacted' : 'there';
  };

  /** As soon as the space is filled by which they may. */
  const comesIn = (person: Person, where: string) =>
    pollUntil(
      `${person.userId} in`,
      () =>
        person.join(where, [marlow.serverName]).then(
          () => true,
          () => false,
        ),
      { deadlineMs: 60_000, everyMs: 200 },
    );

  const heard = (event: string) =>
    pollUntil(
      'it is heard of',
      async () =>
        (await ask(marlow.hospital, 'SELECT 1 FROM wardroom.inbox_events WHERE event_id = $1', [event])).length > 0,
      { deadlineMs: 30_000 },
    );

  /** One story, in the order in which two hospitals would live it. */
  beforeAll(async () => {
    [marlow, brine] = document.hospitals.map((one) => new House(one)) as [House, House];
    time = new BusinessTime(dir);
    await Promise.all([marlow.open('dr.fenn', 'dr.tolliver'), brine.open('dr.averkamp', 'dr.sundqvist')]);
    [fenn, tolliver, averkamp, oyelowe] = await Promise.all([
      marlow.person('dr.fenn'),
      marlow.person('dr.tolliver'),
      brine.person('dr.averkamp'),
      brine.person('dr.oyelowe'),
    ]);
  });
  afterAll(() => {
    return Promise.all([marlow?.close(), brine?.close()]);
  });

  it('have a room for a consult, into which only who holds a role is let', async () => {
    for (const person of [fenn, tolliver]) await marlow.done(`role grant ${person.userId} physician`);
    const made = await marlow.done(`room create consult "Consult 1" --members ${fenn.userId},${tolliver.userId}`);
    room = String(made.data.room_id);
    expect(made.body).toContain('A consult with another hospital');
    const members = `--members ${fenn.userId},${tolliver.userId}`;
    transfers = String((await marlow.done(`room create ${shorter.class} "Transfer 1" ${members}`)).data.room_id);
    await Promise.all([fenn.room(room), tolliver.room(room), fenn.room(transfers)]);
    // Members are told once what is recorded, encrypted.
    const told = await fenn.waitFor(
      (event) =>
        event.roomId === room &&
        event.sender === marlow.hospital.bot_user_id &&
        String(event.content.body).startsWith('A consult'),
    );
    expect([told.encrypted, told.content.msgtype]).toEqual([true, 'm.notice']);
    // Nobody of the partner without an agreement, not even by asking the homeserver directly.
    await expect(averkamp.join(room, [marlow.serverName])).rejects.toThrow();
    const invitation = fenn.api('POST', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/invite`, {
      user_id: averkamp.userId,
    });
    await expect(invitation).rejects.toThrow(/403|M_FORBIDDEN/);
  });

  it('let the partner’s physicians in by the space that the partner’s Wardroom fills', async () => {
    const until = '2027-06-30';
    await marlow.done(
      `partner add ${brine.serverName} --baa BAA-1 --from 2026-01-01 --until ${until} --classes consult,${shorter.class} --max-age ${shorter.partner_max_age}`,
    );
    await brine.done(
      `partner add ${marlow.serverName} --baa BAA-1 --from 2026-01-01 --until ${until} --classes consult,${shorter.class}`,
    );
    for (const person of [averkamp, oyelowe]) await brine.done(`role grant ${person.userId} physician`);
    const roles = async () => (await marlow.done(`room explain ${room}`)).data;
    await comesIn(averkamp, room);
    await oyelowe.join(room, [marlow.serverName]);
    await comesIn(averkamp, transfers);
    expect(await roles()).toMatchObject({ corrections: [] });
    const event = await averkamp.say(room, 'the echo shows an effusion');
    const seen = await fenn.waitFor(({ eventId }) => eventId === event);
    expect([seen.encrypted, seen.content.body]).toEqual([true, 'the echo shows an effusion']);
    // Without the role at the partner nobody comes in.
    const tarrow = await brine.person('np.tarrow');
    await expect(tarrow.join(room, [marlow.serverName])).rejects.toThrow();
  });

  it('have whoever loses the role out of the room within five seconds, and write on with keys that they do not have', async () => {
    const before = await fenn.say(room, 'before');
    await oyelowe.waitFor(({ eventId }) => eventId === before);
    const took = await timed(async () => {
      await brine.done(`role revoke ${oyelowe.userId} physician`);
      await pollUntil('them out of the room', async () => !(await joinedIn(room, fenn)).includes(oyelowe.userId), {
        deadlineMs: 20_000,
        everyMs: 50,
      });
    });
    expect(took).toBeLessThan(5_000);
    await oyelowe.out(room);
    await fenn.waitFor(
      ({ roomId, type, stateKey, content }) =>
        roomId === room && type === 'm.room.member' && stateKey === oyelowe.userId && content.membership === 'leave',
    );
    await expect(oyelowe.join(room, [marlow.serverName])).rejects.toThrow();
    const after = await fenn.say(room, 'after');
    const readable = await averkamp.waitFor(({ eventId }) => eventId === after);
    expect(await sessionOf(after, room, fenn)).not.toBe(await sessionOf(before, room, fenn));
    expect(readable.content.body).toBe('after');
    // Their running client sees nothing of it, in the clear or not.
    await expect(
      oyelowe.waitFor(({ eventId }) => eventId === after, { timeoutMs: 1_500, unreadable: true }),
    ).rejects.toThrow();
  });

  it('take back what was said, at both', async () => {
    const wrong = await averkamp.say(room, 'about another patient');
    await fenn.waitFor(({ eventId }) => eventId === wrong);
    const asked = await averkamp.say(room, '!recall', { replyTo: wrong });
    const answer = await fenn.waitFor(
      ({ content }) =>
        (content['m.relates_to'] as { 'm.in_reply_to'?: { event_id?: string } } | undefined)?.['m.in_reply_to']
          ?.event_id === asked,
    );
    expect(answer.content['org.wardroom.answer']).toMatchObject({ outcome: 'ok', code: 'recalled' });
    for (const person of [fenn, averkamp])
      await pollUntil('taken back', async () => (await standing(person, wrong)) === 'redacted', {
        deadlineMs: 20_000,
        everyMs: 100,
      });
  });

  it('forget by the shorter limit of both, byte by byte: the partner by redaction, when its Synapse has blanked what was redacted', async () => {
    const said = await averkamp.say(room, 'the valve is tight');
    const moved = await fenn.say(transfers, 'she comes by ambulance');
    const traceOf = async (person: Person, where: string, event: string) =>
      ((await person.stored(where, event)) as { content: { ciphertext: string } }).content.ciphertext.slice(20, 60);
    await Promise.all([
      fenn.waitFor(({ eventId }) => eventId === said),
      averkamp.waitFor(({ eventId }) => eventId === moved),
    ]);
    const traces = [await traceOf(fenn, room, said), await traceOf(averkamp, transfers, moved)];
    const rows = async (hospital: HospitalInfo) =>
      (await searchDatabase(hospital.processes.synapse.database_url, traces)).found;
    for (const hospital of document.hospitals) expect(await rows(hospital)).toEqual(['table public.event_json']);
    const explained = async (event: string) => {
      const { decision, winner } = (await marlow.done(`retention explain ${event}`)).data;
      return [decision, winner];
    };
    await time.to(Date.now() + 6 * DAY_MS);
    expect(await explained(said)).toEqual(['keep', 'cross_org']);
    await time.to(Date.now() + durationMs(shorter.age));
    for (const event of [said, moved]) expect(await explained(event)).toEqual([shorter.expect, shorter.winner]);
    const { data } = await marlow.done('retention run');
    expect(data.could_not).toContainEqual(
      expect.objectContaining({ what: 'partner-servers', rooms: expect.arrayContaining([room, transfers]) }),
    );
    for (const [event, where] of [
      [said, room],
      [moved, transfers],
    ] as const) {
      expect(await standing(fenn, event, where)).not.toBe('there');
      await pollUntil('the partner to follow', async () => (await standing(averkamp, event, where)) !== 'there', {
        deadlineMs: 30_000,
        everyMs: 100,
      });
    }
    for (const [index, name] of (['one', 'two'] as const).entries()) {
      await blankRedacted(layoutOf(dir).hospital(name).synapse.dir, document.hospitals[index]!);
      expect(await foundInRows(document.hospitals[index]!, traces)).toEqual([]);
    }
    const partner = second();
    expect(await foundInFiles(partner, traces)).toEqual([]);
    expect((await searchTree(partner.processes.synapse.log, traces)).found).toEqual([]);
  });

  it('are rid of somebody although the partner’s homeserver is down, which learns of it when it is back', async () => {
    await brine.done(`role grant ${oyelowe.userId} physician`);
    await comesIn(oyelowe, room);
    await devKill({ dir, part: 'synapse', hospital: 2 });
    await marlow.done(`partner revoke ${brine.serverName}`);
    await pollUntil(
      'the partner’s people out',
      async () => (await joinedIn(room, fenn)).every((user) => !user.endsWith(brine.serverName)),
      { deadlineMs: 20_000, everyMs: 50 },
    );
    await devStart({ dir, part: 'synapse', hospital: 2 });
    await pollUntil('the partner to know', async () => !(await averkamp.rooms()).includes(room), {
      deadlineMs: 60_000,
      everyMs: 200,
    });
    expect((await averkamp.rooms()).includes(room)).toBe(false);
    expect((await fenn.rooms()).includes(room)).toBe(true);
  });

  it('are apart when the agreement ends by the clock, and both control rooms were warned', async () => {
    await marlow.done(
      `partner add ${brine.serverName} --baa BAA-2 --from 2026-01-01 --until 2027-06-30 --classes consult,${longer.class} --max-age ${longer.partner_max_age}`,
    );
    await comesIn(averkamp, room);
    // Where the partner keeps messages longer, ours is the shorter limit.
    const moved = await fenn.say(transfers, 'she came back');
    await heard(moved);
    await time.to(time.now() + durationMs(longer.age));
    expect((await marlow.done(`retention explain ${moved}`)).data).toMatchObject({
      decision: longer.expect,
      winner: longer.winner,
    });
    await marlow.done('retention run');
    expect(await standing(fenn, moved, transfers)).toBe('there');
    await time.to(Date.parse('2027-06-24T12:00:00Z'));
    for (const [person, house] of [
      [fenn, marlow],
      [averkamp, brine],
    ] as const)
      await person.waitFor(
        (event) =>
          event.roomId === house.hospital.control_room_id &&
          String(event.content.body).includes('BAA-') &&
          String(event.content.body).includes('days are left'),
      );
    await time.to(Date.parse('2027-07-01T00:00:30Z'));
    await pollUntil(
      'the partner’s people out',
      async () => (await joinedIn(room, fenn)).every((user) => !user.endsWith(brine.serverName)),
      { deadlineMs: 20_000, everyMs: 50 },
    );
    await averkamp.out(room);
    await expect(averkamp.join(room, [marlow.serverName])).rejects.toThrow();
    const [{ entries }] = (await ask(
      marlow.hospital,
      `SELECT count(*)::int AS entries FROM wardroom.audit_entries WHERE body->>'action' = 'room.member'`,
    )) as [{ entries: number }];
    expect(entries).toBeGreaterThan(8);
  });
});

/** Last: it ends with a hospital that is down. */
describe('wardroom dev up --hospitals 2', () => {
  it('puts people where their domain is, and accounts where the people of their practice are', () => {
    expect(document.hospitals.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(second().people.map(({ key }) => key)).toEqual([
      'dr.averkamp',
      'dr.sundqvist',
      'dr.oyelowe',
      'np.tarrow',
      'mgr.pryce',
    ]);
    expect(first().people.map(({ key }) => key)).not.toContain('dr.averkamp');
    const accounts = (hospital: HospitalInfo) =>
      new Set(hospital.services.flatMap((service) => service.accounts.map(({ id }) => id)));
    expect(accounts(first())).toEqual(new Set(['LARK-CARD', 'ORRIN-HOME', 'VESPER-RECOVERY', 'TAMSIN-OB']));
    expect(accounts(second())).toEqual(new Set(['BRINE-PEDS']));
    expect(first().services[0]?.token).not.toBe(second().services[0]?.token);
  });

  it('has the first two people of each hospital in its control room', async () => {
    const averkamp = await somebody(second(), 'dr.averkamp');
    expect(await averkamp.rooms()).toContain(second().control_room_id);
    expect(await averkamp.rooms()).not.toContain(first().control_room_id);
    await averkamp.logOut();
  });

  it('federates with certificates that are checked: a room of one reaches people of both, encrypted', async () => {
    const [fenn, averkamp] = [await somebody(first(), 'dr.fenn'), await somebody(second(), 'dr.averkamp')];
    const { room_id } = await fenn.api<{ room_id: string }>('POST', '/_matrix/client/v3/createRoom', {
      preset: 'private_chat',
      invite: [averkamp.userId],
      initial_state: [{ type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
    });
    await averkamp.join(room_id);
    await fenn.waitFor(({ type, sender }) => type === 'm.room.member' && sender === averkamp.userId);
    const event = await fenn.say(room_id, 'over both hospitals');
    const seen = await averkamp.waitFor(({ eventId }) => eventId === event);
    expect([seen.content.body, seen.encrypted]).toEqual(['over both hospitals', true]);
    const settings = readFileSync(join(layoutOf(dir).hospital('two').synapse.dir, 'homeserver.yaml'), 'utf8');
    expect(settings).not.toContain('federation_verify_certificates: false');
    await Promise.all([fenn.logOut(), averkamp.logOut()]);
  });

  it('kills and starts the parts of the hospital that is named, and refuses one there is not', async () => {
    const { hospitals } = await devKill({ dir, part: 'synapse', hospital: 2 });
    expect(hospitals.map(({ parts }) => parts.synapse.running)).toEqual([true, false]);
    await expect(devKill({ dir, part: 'synapse', hospital: 3 })).rejects.toThrow('--hospital: there are 2');
    await devStart({ dir, part: 'synapse', hospital: 2 });
    expect((await devStatus({ dir })).hospitals[1]?.parts.synapse.running).toBe(true);
  });

  it('refuses to call two what are fewer than were asked for', async () => {
    await expect(devUp({ dir, hospitals: 3 })).rejects.toThrow('2 of 3 run');
    await expect(devUp({ dir, hospitals: 5 })).rejects.toThrow('at most 4');
  });

  it('takes over a directory from when there was only one', async () => {
    await devDown({ dir });
    const layout = layoutOf(dir);
    const { hospitals, data, config } = (await readState(layout))!;
    writeFileSync(layout.state, JSON.stringify({ version: 1, ...hospitals[0], data, config }));
    const state = await readState(layout);
    expect(state).toEqual({ version: 2, hospitals: [hospitals[0]], data, config });
  });
});
