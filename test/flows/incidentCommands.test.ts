import type { CommandAnswer } from '../../src/flows/commandsPort.ts';
import { Incidents } from '../../src/flows/oversight/incidents.ts';
import { eventId } from '../../src/kernel/ids.ts';
import { ash, birch, cedar } from './controlRig.ts';
import { audited, type OversightBench, openOversight, oversightWard, rowsIn, unit } from './oversightRig.ts';

let here: OversightBench;

beforeAll(async () => {
  here = await openOversight();
});
beforeEach(() => here.begin('2026-11-28T15:00:00Z'));
afterAll(() => here?.close());

const CANARY = 'Ottis Marlow-Vane';
const open = '!wr incident open A phone with pages of Ottis Marlow-Vane was left in a taxi --discovered 2026-11-20';

type Ward = Awaited<ReturnType<typeof oversightWard>>;

const assessAll = async ({ say }: Ward, id = 'INC-1') => {
  for (const factor of ['information', 'recipient', 'acquired', 'mitigated'])
    expect((await say(ash, `!wr incident assess ${id} ${factor} low --because ${CANARY} was not named`))?.outcome).toBe(
      'ok',
    );
};

/** What people read of the answer that was posted last. */
const lastBody = ({ answers }: Ward): string => String([...answers.values()].at(-1)?.body);

const shown = async ({ say }: Ward, id = 'INC-1') => (await say(birch, `!wr incident show ${id}`))?.data;

describe('an incident by command', () => {
  it('is opened, noted, assessed, closed by two people, and everything of it stands in order', async () => {
    const ward = await oversightWard(here);
    const { say, authority } = ward;
    const opened = await say(ash, `${open} --room 4 West 2 --user @amsel:example, @brandt:example`);
    expect(opened).toMatchObject({
      outcome: 'ok',
      code: 'opened',
      data: {
        incident: 'INC-1',
        state: 'open',
        discovered: '2026-11-20',
        last_day: '2027-01-19',
        days_left: 52,
        rooms: [unit],
        people: ['@amsel:example', '@brandt:example'],
      },
    });
    const noted = await say(
      birch,
      '!wr incident note 1 It was missed a day earlier --discovered 2026-11-19 --user @cedar:example',
    );
    expect(noted?.data).toMatchObject({ discovered: '2026-11-19', last_day: '2027-01-18' });
    await assessAll(ward);
    const asked = await say(ash, '!wr incident close INC-1 --decision low-probability --because no key reached it');
    expect([asked?.outcome, asked?.code, asked?.data.second_person]).toEqual(['confirm', 'shows-no-breach', true]);
    expect((await say(ash, `!wr confirm ${asked?.confirm}`))?.code).toBe('needs-second-person');
    expect((await shown(ward))?.state).toBe('open');
    const closed = await say(birch, `!wr confirm ${asked?.confirm}`);
    expect(closed).toMatchObject({ outcome: 'ok', data: { state: 'closed', closed_by: birch, proposed_by: ash } });
    expect(await audited(here, 'incident.%')).toEqual(
      expect.arrayContaining([
        'incident.opened',
        'incident.noted',
        'incident.assessed',
        'incident.proposed',
        'incident.closed',
      ]),
    );
    const entries = (await shown(ward))?.entries as readonly { readonly type: string }[];
    expect(entries.map(({ type }) => type)).toEqual([
      'opened',
      'noted',
      'assessed',
      'assessed',
      'assessed',
      'assessed',
      'proposed',
      'closed',
    ]);
    expect(authority.members()).toContain(ash);
  });

  it('shows what was written to people, and keeps it from programs, from the audit log and from whoever reads the database', async () => {
    const ward = await oversightWard(here);
    const { say, answers } = ward;
    await say(ash, open);
    await assessAll(ward);
    const shownTo = eventId('$show');
    await say(birch, '!wr incident show INC-1', { event: shownTo });
    expect(lastBody(ward)).toContain(CANARY);
    const first = answers.get(`wr.answer.${shownTo}`);
    // The same event again, as after a kill: the same words.
    answers.clear();
    await say(birch, '!wr incident show INC-1', { event: shownTo });
    expect(answers.get(`wr.answer.${shownTo}`)).toEqual(first);
    expect(JSON.stringify((first as { 'org.wardroom.answer': CommandAnswer })['org.wardroom.answer'])).not.toContain(
      CANARY,
    );
    const { rows } = await here.bench.admin.query<{ table_name: string }>(
      `SELECT table_name FROM information_schema.tables WHERE table_schema = 'wardroom'`,
    );
    for (const { table_name: table } of rows) {
      const dump = await here.bench.admin.query<{ line: string }>(`SELECT t::text AS line FROM wardroom."${table}" t`);
      const found = dump.rows.filter(
        ({ line }) => line.includes(CANARY) || line.includes(Buffer.from(CANARY).toString('hex')),
      );
      expect({ table, found }).toEqual({ table, found: [] });
    }
  });

  it('is not closed without all four factors, whatever is decided', async () => {
    const ward = await oversightWard(here);
    const { say } = ward;
    await say(ash, open);
    for (const decision of ['low-probability', 'breach']) {
      const refused = await say(ash, `!wr incident close INC-1 --decision ${decision} --because it seems so`);
      expect([refused?.code, refused?.data.missing]).toEqual([
        'not-assessed',
        ['information', 'recipient', 'acquired', 'mitigated'],
      ]);
    }
    await say(ash, '!wr incident assess INC-1 acquired high --because it was read');
    const refused = await say(ash, '!wr incident close INC-1 --decision breach --because it seems so');
    expect(refused?.data.missing).toEqual(['information', 'recipient', 'mitigated']);
    expect(lastBody(ward)).toContain('Missing: information, recipient, mitigated.');
    expect((await shown(ward))?.state).toBe('open');
  });

  it('as a breach it runs on until those whom it concerns were told, and can no more be called none', async () => {
    const ward = await oversightWard(here);
    const { say } = ward;
    await say(ash, open);
    await assessAll(ward);
    const close = '!wr incident close INC-1 --decision breach --because letters';
    const decided = await say(ash, `${close} --affected 612`);
    expect(decided).toMatchObject({
      outcome: 'ok',
      code: 'decided',
      data: { state: 'breach', days_left: 52, affected: 612 },
    });
    expect((await shown(ward))?.notifications).toMatchObject([
      { whom: 'individuals' },
      { whom: 'hhs', by: '2027-01-19' },
      { whom: 'media' },
    ]);
    const none = await say(ash, '!wr incident close INC-1 --decision low-probability --because after all');
    expect(none?.code).toBe('breach-decided');
    expect((await say(ash, `${close} --notified 2026-11-29`))?.code).toBe('in-the-future');
    expect((await say(ash, `${close} --notified 2026-11-19`))?.code).toBe('told-before-discovered');
    expect((await say(ash, `${close} --notified soon`))?.code).toBe('bad-argument');
    const closed = await say(ash, `${close} --notified 2026-11-28`);
    expect(closed?.data).toMatchObject({ state: 'closed', affected: 612, notified: '2026-11-28', days_left: null });
    expect((await say(ash, '!wr incident assess 1 acquired low --because late'))?.code).toBe('incident-closed');
    expect((await say(ash, '!wr incident note 1 A letter came back'))?.outcome).toBe('ok');
  });

  it('is not closed by a code when something was written meanwhile', async () => {
    const ward = await oversightWard(here);
    const { say } = ward;
    await say(ash, open);
    await assessAll(ward);
    const asked = await say(ash, '!wr incident close INC-1 --decision low-probability --because no key reached it');
    await say(birch, '!wr incident note 1 It did: the key log says so');
    expect((await say(birch, `!wr confirm ${asked?.confirm}`))?.code).toBe('state-changed');
    expect((await shown(ward))?.state).toBe('open');
  });

  it.each([
    ['incident open', 'missing'],
    ['incident open x --discovered 2026-11-31', '--discovered'],
    ['incident open x --discovered 2026-11-29', 'in-the-future'],
    ['incident open x --room 5 East', '--room'],
    ['incident open x --user amsel', '--user'],
    ['incident open x --from 2026-11-20', '--until'],
    ['incident open x --from 2026-11-21 --until 2026-11-20', '--until'],
    ['incident note 9 x', 'no-such-incident'],
    ['incident note seven x', 'ID'],
    ['incident assess 9 acquired low --because x', 'no-such-incident'],
    ['incident assess 1 acquired tiny --because x', 'LEVEL'],
    ['incident assess 1 luck low --because x', 'FACTOR'],
    ['incident assess 1 acquired low', '--because'],
    ['incident take 1 x', 'no-draft'],
    ['incident dismiss 9 x', 'no-such-incident'],
    ['incident close 1 --because x', '--decision'],
    ['incident close 1 --decision breach', '--because'],
    ['incident close 1 --decision breach --because x --affected many', '--affected'],
    ['incident export 9', 'no-such-incident'],
    ['incident show 9', 'no-such-incident'],
  ])('is refused where it cannot be meant: %s (%s)', async (words, why) => {
    const { say } = await oversightWard(here);
    await say(ash, open);
    const refused = await say(ash, `!wr ${words}`);
    expect(refused?.outcome).toBe('refused');
    expect([refused?.code, refused?.data.argument, refused?.data.why]).toContain(why);
  });

  it('is for whoever holds a role for it, from a device that their identity signs', async () => {
    const { say } = await oversightWard(here);
    expect((await say(cedar, open))?.code).toBe('not-admin');
    expect((await say(ash, open, { signedBy: null }))?.code).toBe('unverified-device');
  });

  it('is listed by what is left of its days; closed and dismissed ones only when asked for', async () => {
    const ward = await oversightWard(here);
    const { say } = ward;
    await say(ash, open);
    await say(ash, '!wr incident open Older --discovered 2026-10-01');
    await assessAll(ward, 'INC-1');
    const asked = await say(ash, '!wr incident close 1 --decision low-probability --because x');
    await say(birch, `!wr confirm ${asked?.confirm}`);
    const names = async (words: string) => rowsIn(await say(ash, words), 'incidents').map(({ incident }) => incident);
    expect(await names('!wr incident list')).toEqual(['INC-2']);
    expect(await names('!wr incident list --all')).toEqual(['INC-2', 'INC-1']);
  });
});

describe('the 60 days', () => {
  it('are reminded of at 30, 14, 7 and 1 days and from the last one daily, once each, in spite of deaths in between', async () => {
    const ward = await oversightWard(here);
    await ward.say(ash, open);
    const seen: string[] = [];
    for (let day = 0; day < 64; day += 1) {
      here.clock.at = Date.parse('2026-11-28T15:00:00Z') + day * 86_400_000;
      ward.told.clear();
      await ward.look();
      // As another process would, that knows only what is written.
      const other = await oversightWard(here);
      await other.look();
      for (const [id, notice] of [...ward.told, ...other.told])
        if (notice.kind === 'clock') seen.push(`${notice.daysLeft} ${id.split('.').at(-1)}`);
    }
    expect(seen).toEqual([
      '30 30',
      '14 14',
      '7 7',
      '1 1',
      ...Array.from({ length: 12 }, (_, n) => `${-n} ${-n}`).map((one) => one.replaceAll('-0', '0')),
    ]);
    expect(ward.alarmed.filter((code) => code === 'incident-overdue')).toHaveLength(11);
  });

  it('are said again under the same id when the saying could not be kept, and wait while nobody can be told', async () => {
    const ward = await oversightWard(here);
    await ward.say(ash, '!wr incident open x --discovered 2026-10-01');
    ward.world.hears = false;
    await ward.look();
    expect([...ward.told.keys()]).toEqual([]);
    ward.world.hears = true;
    const change = async () => {
      throw new Error('killed');
    };
    const dying = new Incidents({ ...ward.parts, store: Object.assign(Object.create(here.store), { change }) });
    await expect(dying.look()).rejects.toThrow('killed');
    await ward.look();
    await ward.look();
    expect(ward.said).toEqual(['wr.incident.INC-1.clock.7', 'wr.incident.INC-1.clock.7']);
  });
});

describe('the export of a worksheet', () => {
  it('is a PDF that goes to the officers, is posted once, and is named by its digest in the audit log', async () => {
    const ward = await oversightWard(here);
    await ward.say(ash, `${open} --room 4 West 2`);
    const answer = await ward.say(ash, '!wr incident export INC-1');
    expect([answer?.outcome, answer?.code]).toEqual(['ok', 'exported']);
    const [file] = [...ward.files.values()];
    expect(Buffer.from(file!.subarray(0, 5)).toString()).toBe('%PDF-');
    expect([...ward.posted.values()].map((one) => one['org.wardroom.worksheet'])).toMatchObject([
      { incident: 'INC-1', digest: answer?.data.digest },
    ]);
    const { rows } = await here.bench.pool.query('SELECT mxc, event_id FROM wardroom.incident_exports');
    expect(rows).toEqual([{ mxc: 'mxc://example/0', event_id: answer?.data.event_id }]);
    // What deletes the message deletes the file.
    const media = await here.bench.pool.query('SELECT mxc, event_id FROM wardroom.event_media');
    expect(media.rows).toEqual(rows);
    expect(await audited(here, 'incident.%')).toEqual(
      expect.arrayContaining(['incident.printed', 'incident.exported']),
    );
  });

  /** The answer as it was while the work was under way. */
  const setBack = () =>
    here.store.change(async (tx) => {
      const answer = await tx.commands.answerTo(eventId('$export'));
      if (answer === null) throw new Error('no answer');
      await tx.commands.finish(eventId('$export'), { ...answer, outcome: 'running' }, 0);
      return { value: null, audit: [{ action: 'test.set_back', outcome: 'ok', actor: 'wardroom' }] };
    });

  it('after a death between upload and message the same file is posted, under the same id', async () => {
    const ward = await oversightWard(here);
    await ward.say(ash, open);
    ward.world.posts = false;
    const died = await ward.say(ash, '!wr incident export INC-1', { event: '$export' });
    expect(died?.outcome).toBe('failed');
    ward.world.posts = true;
    await setBack();
    await ward.say(ash, '!wr incident export INC-1', { event: '$export' });
    const final = ward.answers.get('wr.answer.$export.final')?.['m.new_content'] as Record<string, unknown>;
    expect(final['org.wardroom.answer']).toMatchObject({ outcome: 'ok', code: 'exported' });
    // And once more, after a death between the message and its answer.
    await setBack();
    ward.posted.clear();
    await ward.say(ash, '!wr incident export INC-1', { event: '$export' });
    expect([ward.files.size, [...ward.posted.keys()]]).toEqual([1, ['wr.incident.export.$export']]);
    expect((await audited(here, 'incident.exported')).length).toBe(1);
  });
});
