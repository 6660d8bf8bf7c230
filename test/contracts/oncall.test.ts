import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { checkout } from '../../src/dev/checkout.ts';
import { loadConfig } from '../../src/server/config/index.ts';
import { importFile, override, setNow, swap, withdraw } from '../../src/server/oncall/change.ts';
import { gapsOf, shiftsOf, whoIs } from '../../src/server/oncall/look.ts';
import { type Roster, withRoster } from '../../src/server/oncall/roster.ts';
import { type Installation, installation } from '../support/installation.ts';

const data = (name: string) => fileURLToPath(new URL(`../fixtures/data/${name}`, import.meta.url));
const wardroom = (args: readonly string[]) =>
  spawnSync(process.execPath, [join(checkout, 'bin/wardroom.js'), 'oncall', ...args], { encoding: 'utf8' });

interface Simulated {
  readonly simulate: string;
  readonly expect: readonly {
    readonly resolve?: string;
    readonly finding?: string;
    readonly gap?: string;
    readonly fallback?: string;
    readonly alarm?: string;
  }[];
}
const { simulations } = parse(readFileSync(data('timelines.yaml'), 'utf8')) as { simulations: readonly Simulated[] };

let dir: string;
let home: Installation;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'wardroom-oncall-'));
  writeFileSync(
    join(dir, 'wardroom.yaml'),
    'homeserver: {url: "http://127.0.0.1:1", server_name: hospital.example}\ndata_dir: data\n',
  );
  cpSync(data('oncall.yaml'), join(dir, 'dispatch.yaml'));
  home = await installation();
  // As its first start does.
  home.secrets.referenceKey();
  home.secrets.keyEncryptionKey();
  cpSync(data('oncall.yaml'), join(home.dir, 'dispatch.yaml'));
});
afterAll(async () => {
  await home?.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('wardroom oncall simulate, with nothing but the configuration', () => {
  it.each(simulations.map((one) => [one.simulate, one.expect] as const))('%s', (words, expected) => {
    const files = ['wardroom.yaml', 'dispatch.yaml'].flatMap((name) => ['--config', join(dir, name)]);
    const { status, stdout } = wardroom(['simulate', ...words.split(' '), ...files, '--json']);
    expect(status).toBe(0);
    const said = JSON.parse(stdout) as {
      resolve: string[];
      alarms: string[];
      alarms_to: string[];
      findings: { code: string; what: string }[];
    };
    const found = said.findings.map(({ what }) => what).join('\n');
    for (const { resolve, finding, gap, fallback, alarm } of expected) {
      if (resolve !== undefined) expect(said.resolve).toEqual([resolve]);
      if (finding !== undefined) expect(found).toContain(finding);
      // The day stands before the hours.
      if (gap !== undefined) expect(found.replace(/\d{4}-\d{2}-\d{2} /g, '')).toContain(gap);
      if (fallback !== undefined) expect(said.resolve).toEqual([fallback.split(' ').at(-1)]);
      if (alarm !== undefined)
        expect([said.alarms, said.alarms_to]).toEqual([['schedule-hole'], ['dispatcher', 'mgr.hale']]);
    }
  });
});

/** Works on the schedules of an installation with a database, as a command does. The clock stands. */
function at<T>(iso: string, work: (roster: Roster) => T | Promise<T>): Promise<T> {
  const loaded = loadConfig([home.file, join(home.dir, 'dispatch.yaml')]);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return withRoster(loaded.value, async (roster) => work({ ...roster, clock: { now: () => Date.parse(iso) } }));
}
const by = { tier: 'primary', by: 'scheduler' } as const;
const ROLE = 'oncall-cardiology';
const holder = (iso: string) => at(iso, (roster) => whoIs(roster, 'LARK-CARD', {}).roles[0]?.holder);
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

describe('changes to a schedule', () => {
  it('count from their beginning up to their end, the later before the earlier, and can be taken back', async () => {
    const inside = '2027-01-05T12:00:00-05:00';
    expect(await holder(inside)).toEqual(['dr.fenn']);
    const times = ['2027-01-05T07:00', '2027-01-06T07:00'] as const;
    const first = await at(inside, (roster) => override(roster, 'LARK-CARD', ROLE, 'mgr.hale', ...times, by));
    const second = await at(inside, (roster) =>
      override(roster, 'LARK-CARD', ROLE, '@jory:larkmoor.example', ...times, by),
    );
    expect(await holder(inside)).toEqual(['np.quist']);
    expect(await holder('2027-01-06T07:00:00-05:00')).toEqual(['dr.fenn']);
    await at(inside, (roster) => withdraw(roster, second.changes[0]!.id!, 'scheduler'));
    expect(await holder(inside)).toEqual(['mgr.hale']);
    await at(inside, (roster) => withdraw(roster, first.changes[0]!.id!, 'scheduler'));
    await expect(at(inside, (roster) => withdraw(roster, first.changes[0]!.id!, 'scheduler'))).rejects.toThrow(
      'no change',
    );
    expect(await holder(inside)).toEqual(['dr.fenn']);
  });

  it('are audited, with who made them', async () => {
    const rows = await home.sql(`SELECT body->>'action' AS action FROM wardroom.audit_entries ORDER BY entry_id`);
    expect(rows.map(({ action }) => action)).toEqual([
      'oncall.overridden',
      'oncall.overridden',
      'oncall.withdrawn',
      'oncall.withdrawn',
    ]);
  });

  it('set lasts until the shift that runs now would end, or until a time', async () => {
    const now = '2027-02-03T12:00:00-05:00';
    const set = await at(now, (roster) => setNow(roster, 'LARK-CARD', ROLE, 'mgr.hale', by));
    expect(set.changes).toMatchObject([{ from: '2027-02-03T12:00', to: '2027-02-08T07:00', who: 'mgr.hale' }]);
    const until = await at(now, (roster) =>
      setNow(roster, 'LARK-CARD', ROLE, 'nobody', { ...by, until: '2027-02-03T13:00' }),
    );
    expect(until.findings).toMatchObject([{ code: 'hole' }]);
    expect(await at(now, (roster) => whoIs(roster, 'LARK-CARD', {}).roles[0])).toMatchObject({
      holder: ['dr.fenn'],
      alarms: ['schedule-hole'],
    });
  });

  it('swap lets each hold what the other would have held, within the period', async () => {
    const now = '2027-03-01T12:00:00-05:00';
    const shifts = (roster: Roster) =>
      shiftsOf(roster, 'LARK-CARD', { from: '2027-03-01', days: 21, role: ROLE })
        .shifts.filter(({ tier }) => tier === 'primary')
        .map(({ who }) => who);
    // From midnight to the first handover it is still the shift of the week before.
    const [, one, other] = await at(now, shifts);
    await at(now, (roster) =>
      swap(roster, 'LARK-CARD', ROLE, [one!, other!], '2027-03-01T07:00', '2027-03-15T07:00', by),
    );
    expect((await at(now, shifts)).slice(1, 3)).toEqual([other, one]);
    await expect(
      at(now, (roster) =>
        swap(roster, 'LARK-CARD', ROLE, ['mgr.hale', 'sup.merrow'], '2027-03-01T07:00', '2027-03-15T07:00', by),
      ),
    ).rejects.toThrow('nothing was changed');
  });

  it.each([
    ['an unknown account', ['NOPE', ROLE, 'dr.fenn', '2027-01-01T00:00', '2027-01-02T00:00'], 'has no practice'],
    ['an unknown role', ['LARK-CARD', 'nephrology', 'dr.fenn', '2027-01-01T00:00', '2027-01-02T00:00'], 'no role'],
    ['an unknown person', ['LARK-CARD', ROLE, 'dr.gone', '2027-01-01T00:00', '2027-01-02T00:00'], 'under people'],
    ['a time that is none', ['LARK-CARD', ROLE, 'dr.fenn', 'soon', '2027-01-02T00:00'], 'is no time'],
    [
      'an end before the beginning',
      ['LARK-CARD', ROLE, 'dr.fenn', '2027-01-02T00:00', '2027-01-01T00:00'],
      'is not after',
    ],
  ])('%s is refused, and nothing kept', async (_name, words, why) => {
    const [account, role, person, from, to] = words as [string, string, string, string, string];
    const count = async () => (await home.sql('SELECT count(*) AS n FROM wardroom.oncall_overrides'))[0]!.n;
    const before = await count();
    await expect(
      at('2027-01-01T00:00:00Z', (roster) => override(roster, account, role, person, from, to, by)),
    ).rejects.toThrow(why);
    expect(await count()).toBe(before);
  });
});

describe('import', () => {
  const now = '2027-04-01T12:00:00-04:00';

  it('takes a CSV file, after a dry run that keeps nothing', async () => {
    const csv = file(
      'shifts.csv',
      '\ufefffrom,to,who\r\n2027-04-05T07:00,2027-04-06T07:00,mgr.hale\r\n2027-04-06 07:00,2027-04-07T11:00:00Z,"@jory:larkmoor.example"\r\n',
    );
    const dry = await at(now, (roster) => importFile(roster, 'LARK-CARD', ROLE, csv, { ...by, dryRun: true }));
    expect(dry.changes).toMatchObject([
      { id: null, from: '2027-04-05T07:00', to: '2027-04-06T07:00', who: 'mgr.hale' },
      { id: null, from: '2027-04-06T07:00', to: '2027-04-07T07:00', who: 'np.quist' },
    ]);
    expect(await holder('2027-04-05T12:00:00-04:00')).not.toEqual(['mgr.hale']);
    await at(now, (roster) => importFile(roster, 'LARK-CARD', ROLE, csv, { ...by, dryRun: false }));
    expect(await holder('2027-04-05T12:00:00-04:00')).toEqual(['mgr.hale']);
    expect(await holder('2027-04-06T12:00:00-04:00')).toEqual(['np.quist']);
  });

  it('takes an iCalendar file: zones, times without one, recurring events, attendees', async () => {
    const lines = [
      'BEGIN:VCALENDAR',
      'VERSION:2.0',
      'PRODID:-//Invented//Roster//EN',
      'BEGIN:VEVENT',
      'UID:1',
      'DTSTAMP:20270101T000000Z',
      'DTSTART:20270503T110000Z',
      'DTEND:20270504T110000Z',
      'SUMMARY:mgr.hale',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'UID:2',
      'DTSTAMP:20270101T000000Z',
      'DTSTART:20270504T070000',
      'DTEND:20270505T070000',
      'SUMMARY:On call',
      'ATTENDEE;CN=np.quist:mailto:quist@larkmoor.example',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'UID:3',
      'DTSTAMP:20270101T000000Z',
      'DTSTART:20270510T190000',
      'DTEND:20270510T230000',
      'RRULE:FREQ=WEEKLY;COUNT=3',
      'SUMMARY:dr.tolliver',
      'END:VEVENT',
      'END:VCALENDAR',
      '',
    ];
    const ics = file('shifts.ics', lines.join('\r\n'));
    const kept = await at(now, (roster) => importFile(roster, 'LARK-CARD', ROLE, ics, { ...by, dryRun: true }));
    expect(kept.changes.map(({ from, to, who }) => [from, to, who])).toEqual([
      ['2027-05-03T07:00', '2027-05-04T07:00', 'mgr.hale'],
      ['2027-05-04T07:00', '2027-05-05T07:00', 'np.quist'],
      ['2027-05-10T19:00', '2027-05-10T23:00', 'dr.tolliver'],
      ['2027-05-17T19:00', '2027-05-17T23:00', 'dr.tolliver'],
      ['2027-05-24T19:00', '2027-05-24T23:00', 'dr.tolliver'],
    ]);
    expect(kept.findings.map(({ code }) => code)).toEqual(['between', 'between', 'between']);
  });

  it('keeps nothing of a file with any fault, and says each with its place', async () => {
    const csv = file(
      'bad.csv',
      'from,to,who\n2027-06-01T07:00,2027-06-02T07:00,dr.gone\nsoon,later,dr.fenn\n2027-06-03T07:00,2027-06-02T07:00,dr.fenn\n',
    );
    const wrong = at(now, (roster) => importFile(roster, 'LARK-CARD', ROLE, csv, { ...by, dryRun: false }));
    await expect(wrong).rejects.toThrow(
      /line 3: from and to must be times[\s\S]*line 2: there is no dr\.gone[\s\S]*line 4: 2027-06-02T07:00 is not after[\s\S]*nothing was kept/,
    );
    const nonsense = file('nonsense.ics', 'BEGIN:VCALENDAR\nnonsense');
    await expect(
      at(now, (roster) => importFile(roster, 'LARK-CARD', ROLE, nonsense, { ...by, dryRun: true })),
    ).rejects.toThrow('neither a CSV file');
  });
});

it('gaps lists holes, accounts without a schedule and agreements that end', async () => {
  const found = await at('2026-11-28T12:00:00-05:00', (roster) =>
    gapsOf(roster, undefined, { days: 2, unseenDays: 7, devices: false }),
  );
  expect(found.gaps.map(({ what }) => what)).toEqual(
    expect.arrayContaining([
      'LARK-CARD: oncall-cardiology empty 2026-11-29 00:00-12:00: falls to dr.fenn',
      'ORRIN-HOME: homecare-rn empty 2026-11-28 20:00-21:00: falls to rn.quarrie',
      'TAMSIN-OB: no schedule: tickets go to sup.merrow',
    ]),
  );
  const later = await at('2027-06-29T12:00:00-04:00', (roster) =>
    gapsOf(roster, 'LARK-CARD', { days: 7, unseenDays: 7, devices: false }),
  );
  expect(later.gaps.map(({ code }) => code)).toContain('agreement-ends');
  await expect(
    at('2027-06-29T12:00:00-04:00', (roster) => gapsOf(roster, 'NOPE', { days: 7, unseenDays: 7, devices: false })),
  ).rejects.toThrow('no account');
});

describe.each(['constructor', '__proto__', 'toString'])('%s, a word that every object knows', (word) => {
  const now = '2026-11-28T12:00:00-05:00';

  it('is no account of a practice, no role and nobody', async () => {
    const shows = at(now, (roster) => shiftsOf(roster, word, { days: 1 }));
    await expect(shows).rejects.toThrow(`${word} has no practice in dispatch.yaml`);
    const gaps = at(now, (roster) => gapsOf(roster, word, { days: 1, devices: false }));
    await expect(gaps).rejects.toThrow(`${word} is no account`);
    const role = at(now, (roster) => setNow(roster, 'LARK-CARD', word, 'dr.fenn', by));
    await expect(role).rejects.toThrow(`no role ${word}`);
    const person = at(now, (roster) => setNow(roster, 'LARK-CARD', ROLE, word, by));
    await expect(person).rejects.toThrow(`there is no ${word} under people`);
  });

  it('as an account is answered like any that has no practice', async () => {
    const [odd, other] = await at(now, (roster) => [whoIs(roster, word, {}), whoIs(roster, 'TAMSIN-OB', {})]);
    expect({ ...odd, account: '' }).toEqual({ ...other, account: '' });
  });
});
