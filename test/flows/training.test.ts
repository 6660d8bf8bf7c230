import { factsOf } from '../../src/flows/policyFacts.ts';
import { importTraining, readTrainingList } from '../../src/flows/training/importTraining.ts';
import { TrainingDesk } from '../../src/flows/training/trainingDesk.ts';
import { noticesOf, TrainingNotices } from '../../src/flows/training/trainingNotices.ts';
import { eventId, roomId, type UserId, userId } from '../../src/kernel/ids.ts';
import type { Phi } from '../../src/kernel/phi.ts';
import { ok } from '../../src/kernel/result.ts';
import { decide, demands, foldTraining, nextChange } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { ash, birch, bot, installation, policyOf, storeOn } from './controlRig.ts';

let bench: AuditBench;
let store: PostgresStore;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(async () => {
  await bench.admin.query(
    `TRUNCATE wardroom.administrators, wardroom.command_answers, wardroom.confirmations, wardroom.role_events, wardroom.training_events,
       wardroom.direct_rooms, wardroom.audit_entries CASCADE`,
  );
});
afterAll(() => bench?.close());

const amsel = userId('@amsel:example');
const DAY = 86_400_000;
const document = {
  classes: { clinical: { training: ['hipaa'], terms: ['phone-use'] } },
  terms: { 'phone-use': { title: 'Use of private phones', text: 'I lock my phone.' } },
};
const clinical = { class: 'clinical', roles: [] };

/** Two administrators, a nurse, and a class that asks for a course and terms. */
async function ward(start = '2026-11-28T10:00:00Z') {
  const clock = { at: Date.parse(start), now: () => clock.at };
  const world = { policy: policyOf(document), reads: true };
  const facts = (read: Parameters<typeof factsOf>[0]) =>
    factsOf(read, {
      policy: world.policy,
      now: clock.now(),
      ownServer: 'example',
      bot,
      voices: [],
      agreements: async () => [],
    });
  const desk = new TrainingDesk({ clock, policy: () => world.policy, facts });
  const here = installation(store, { api: { training: desk }, clock });
  await here.confirm(birch, ash);
  await here.confirm(ash, birch);
  await store.change(async (tx) => {
    const granted = {
      type: 'granted',
      user: amsel,
      role: 'nurse',
      from: clock.at,
      until: null,
      by: ash,
      at: clock.at,
    } as const;
    await tx.roles.append({ ...granted, reviewed: null } as unknown as Parameters<typeof tx.roles.append>[0]);
    return { value: null, audit: [{ action: 'role.granted', outcome: 'ok', actor: ash }] };
  });
  const posted: { readonly room: string; readonly body: string; readonly id: string }[] = [];
  const lines: string[] = [];
  const notices = new TrainingNotices({
    store,
    clock,
    facts,
    voices: {
      bot,
      encrypt: async (_voice, room, _type, content: Phi<Record<string, unknown>>) =>
        ok({
          content: { ...content.reveal(), room },
          sessionId: 's',
          readers: world.reads ? { [amsel]: ['PHONE'] } : {},
        } as never),
      send: async (_voice, room, _type, id, content) => {
        if (!posted.some((one) => one.id === id)) posted.push({ room, id, body: String(content.body) });
        return ok(eventId(`$${id}`));
      },
    },
    directRoom: async (user: UserId) => ok(roomId(`!direct-${user}`)),
    classesInUse: () => ['clinical'],
    tellAdministrators: async (_id, text) => lines.push(text) > 0,
  });
  const barred = async () =>
    decide({ kind: 'join', user: amsel, room: clinical }, await facts(store.read))
      .map(({ code }) => code)
      .sort();
  const accepts = (strength: 'device' | 'server' = 'device') =>
    store.change(async (tx) => {
      const said = {
        room: roomId('!direct'),
        account: null,
        event: eventId('$accept'),
        sender: amsel,
        thread: null,
        target: null,
        replyTo: null,
        mentions: [],
        strength,
        isCrossSigned: true,
        isOld: false,
      };
      const done = await desk.accept(tx, said, 'phone-use');
      return { value: done, audit: [{ action: 'command.given', outcome: 'ok', actor: amsel }, ...done.audit] };
    });
  return { clock, world, here, notices, posted, lines, barred, accepts, facts };
}

describe('a class that asks for a course and for terms', () => {
  it('lets nobody in without both, and whoever has both until the course ends', async () => {
    const { here, barred, accepts, clock, facts } = await ward();
    expect(await barred()).toEqual(['terms-missing', 'training-missing']);
    const recorded = await here.say(
      ash,
      `!wr training record ${amsel} hipaa --until 2027-11-30 --evidence Certificate 4711`,
    );
    expect(recorded).toMatchObject({
      outcome: 'ok',
      data: { user_id: amsel, course: 'hipaa', until: '2027-12-01T00:00:00.000Z' },
    });
    expect(await barred()).toEqual(['terms-missing']);
    await accepts();
    expect(await barred()).toEqual([]);
    const end = Date.parse('2027-12-01T00:00:00Z');
    clock.at = end - 1;
    expect(await barred()).toEqual([]);
    expect(nextChange(await facts(store.read))).toBe(end);
    clock.at = end;
    expect(await barred()).toEqual(['training-missing']);
  });

  it('asks again when the terms have a new version', async () => {
    const { barred, accepts, world } = await ward();
    await accepts();
    expect(await barred()).toEqual(['training-missing']);
    world.policy = policyOf({ ...document, terms: { 'phone-use': { title: 'T', text: 'x', version: 2 } } });
    expect(await barred()).toEqual(['terms-missing', 'training-missing']);
    await accepts();
    expect(await barred()).toEqual(['training-missing']);
  });

  it('takes terms only from a device that its owner signed', async () => {
    const { barred, accepts } = await ward();
    expect(await accepts('server')).toMatchObject({ outcome: 'refused', code: 'unverified-device' });
    expect(await barred()).toContain('terms-missing');
  });

  it('has records that nobody keeps of themselves, that can be withdrawn, and that are listed', async () => {
    const { here, barred } = await ward();
    expect(await here.say(ash, `!wr training record ${ash} hipaa --until 2027-11-30`)).toMatchObject({
      code: 'for-yourself',
    });
    expect(await here.say(ash, `!wr training record ${amsel} hipa --until 2027-11-30`)).toMatchObject({
      code: 'bad-argument',
      data: { did_you_mean: ['hipaa'] },
    });
    expect(await here.say(ash, `!wr training record ${amsel} hipaa --until 2026-11-01`)).toMatchObject({
      code: 'bad-argument',
    });
    expect(await here.say(ash, `!wr training withdraw ${amsel} hipaa`)).toMatchObject({ code: 'no-record' });
    await here.say(ash, `!wr training record ${amsel} hipaa --until 2026-12-10`);
    const due = await here.say(birch, '!wr training due');
    expect(due?.data).toEqual({
      lacking: [{ user_id: amsel, class: 'clinical', courses: [], terms: ['phone-use'] }],
      ending: [{ user_id: amsel, course: 'hipaa', until: '2026-12-11T00:00:00.000Z' }],
    });
    expect((await here.say(ash, '!wr terms list'))?.data).toMatchObject({
      terms: [{ terms: 'phone-use', asked: 1, accepted: 0 }],
    });
    await here.say(ash, `!wr training withdraw ${amsel} hipaa`);
    expect(await barred()).toContain('training-missing');
    expect((await here.say(ash, `!wr training list ${amsel}`))?.data).toMatchObject({ training: [] });
  });
});

describe('people', () => {
  it('are told once what keeps them out and what to do, and administrators in one line', async () => {
    const { notices, posted, lines } = await ward();
    await notices.look();
    await notices.look();
    expect(posted).toHaveLength(1);
    for (const part of ['Clinical', 'Pass the course "hipaa"', 'I lock my phone.', '!accept phone-use'])
      expect(posted[0]?.body).toContain(part);
    expect(lines).toHaveLength(1);
    expect(notices.isDirect(roomId(`!direct-${amsel}`))).toBe(true);
  });

  it('who have no device that could read it are told when there is one', async () => {
    const { notices, posted, world, clock } = await ward();
    world.reads = false;
    await notices.look();
    expect(posted).toEqual([]);
    world.reads = true;
    clock.at += 5 * 60_000;
    await notices.look();
    expect(posted).toHaveLength(1);
    // What they accept there is heard after a restart, too.
    expect(await store.read.training.directRooms()).toEqual([{ user: amsel, room: `!direct-${amsel}` }]);
  });

  it('are told again when a course that they passed since has ended, or was withdrawn', async () => {
    const { here, notices, posted, lines, accepts, clock } = await ward();
    await accepts();
    await notices.look();
    expect(posted).toHaveLength(1);
    await here.say(ash, `!wr training record ${amsel} hipaa --until 2027-11-30`);
    clock.at = Date.parse('2027-12-01T00:00:00Z');
    await notices.look();
    await notices.look();
    expect([posted.length, lines.length]).toEqual([2, 2]);
    await here.say(ash, `!wr training record ${amsel} hipaa --until 2029-11-30`);
    await here.say(ash, `!wr training withdraw ${amsel} hipaa`);
    await notices.look();
    expect([posted.length, lines.length]).toEqual([3, 3]);
  });

  it('are reminded once 30, 7 and 1 days before a course ends, by what is nearest where time jumps', async () => {
    const { here, notices, posted, accepts, clock } = await ward();
    await accepts();
    await here.say(ash, `!wr training record ${amsel} hipaa --until 2027-11-30`);
    const end = Date.parse('2027-12-01T00:00:00Z');
    for (const [days, count] of [
      [31, 0],
      [30, 1],
      [20, 1],
      [7, 2],
      [0.5, 3],
    ] as const) {
      clock.at = end - days * DAY;
      await notices.look();
      expect([days, posted.length]).toEqual([days, count]);
    }
    clock.at = end;
    await notices.look();
    expect(posted.at(-1)?.body).toContain('closed to you until');
  });

  it('who hold no role that opens such rooms are told nothing', async () => {
    const { facts } = await ward();
    const now = await facts(store.read);
    expect(demands({ ...now, grants: [] }, ['clinical'])).toEqual([]);
    expect(noticesOf(demands(now, ['billing']), now, [])).toEqual([]);
  });
});

describe('a list of a learning system', () => {
  const read = (csv: string) => {
    const rows = readTrainingList(csv);
    if (!rows.ok) throw new Error(rows.error);
    return rows.value;
  };

  it('is put on record, all of it or nothing, and twice the same changes nothing', async () => {
    const { clock, world, barred } = await ward();
    const flow = { store, clock, policy: world.policy };
    const good = `user,course,until,evidence\n${amsel},hipaa,2027-06-30,Cert 1\n`;
    const bad = `${good}@x,hipaa,2027-06-30,\n${amsel},moon,2027-06-30,\n${amsel},hipaa,2026-02-30,\n${amsel},hipaa,2026-01-30,\n`;
    expect(await importTraining(flow, read(bad), { dryRun: false, by: 'lms' })).toMatchObject({
      done: false,
      refused: [
        { place: 'line 3', code: 'user' },
        { place: 'line 4', code: 'course-unknown' },
        { place: 'line 5', code: 'until' },
        { place: 'line 6', code: 'over' },
      ],
    });
    expect(foldTraining(await store.read.training.events())).toEqual([]);
    expect(await importTraining(flow, read(good), { dryRun: true, by: 'lms' })).toMatchObject({
      done: false,
      refused: [],
    });
    expect(await barred()).toContain('training-missing');
    expect(await importTraining(flow, read(good), { dryRun: false, by: 'lms' })).toMatchObject({
      done: true,
      unchanged: 0,
    });
    expect(await barred()).not.toContain('training-missing');
    expect(await importTraining(flow, read(good), { dryRun: false, by: 'lms' })).toMatchObject({
      recorded: [],
      unchanged: 1,
    });
  });

  it('names the line of a row as an editor counts them: blank ones too, and where a text of several lines begins', () => {
    const csv = `\ufeff\r\nuser,course,until,evidence\r\n\r\n  \r\n${amsel},hipaa,2027-06-30,"Cert\r\n1"\r\n\r\n${amsel},moon,2027-06-30,"two\r\n\r\nlines"\r\n@x,hipaa,2027-06-30`;
    expect(read(csv).map(({ place }) => place)).toEqual(['line 5', 'line 8', 'line 11']);
  });

  it.each([
    ['nothing', '', 'columns'],
    ['other columns', 'name,course\nx,y\n', 'columns'],
    ['no CSV', 'user,course,until\n"unclosed', 'csv'],
  ])('of %s is refused', (_what, csv, fault) => {
    expect(readTrainingList(csv)).toEqual({ ok: false, error: fault });
  });
});
