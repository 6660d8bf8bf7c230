import { accountId, type UserId } from '../../src/kernel/ids.ts';
import { buildDirectory } from '../../src/tickets/directory.ts';
import { dispatchFindings } from '../../src/tickets/dispatchFindings.ts';
import { type Dispatch, dispatchSchema } from '../../src/tickets/dispatchSchema.ts';
import { directory, dispatch, FENN, oncall, QUIST, STRANGER, T0, TOLLIVER } from './fixtures.ts';

const LARK = accountId('LARK-CARD');
const people = (account: string, target: string, using = directory) => {
  const resolution = using.resolve(accountId(account), target, T0);
  return resolution.kind === 'people' ? [resolution.people.map((one) => one.person), resolution.alarms] : resolution;
};
const keys = (account: string) =>
  directory
    .members(accountId(account))
    .map((one) => one.person)
    .sort();
const changed = (change: (copy: Dispatch) => void): Dispatch => {
  const copy = structuredClone(dispatch);
  change(copy);
  return copy;
};

describe('whom a step means', () => {
  it.each([
    ['LARK-CARD', 'oncall-cardiology', [['dr.fenn'], []]],
    ['LARK-CARD', 'oncall-cardiology.backup', [['dr.vantongeren'], []]],
    ['LARK-CARD', 'primary.cell', [['dr.fenn'], []]],
    ['LARK-CARD', 'backup.cell', [['dr.vantongeren'], []]],
    ['LARK-CARD', 'primary.second', [['dr.fenn'], []]],
    ['LARK-CARD', 'backup.second', { kind: 'skip', code: 'no-phone', alarms: [] }],
    ['LARK-CARD', 'mgr.hale', [['mgr.hale'], []]],
    ['LARK-CARD', 'oncall-nephrology', [['dr.fenn'], ['target-unknown']]],
    ['LARK-CARD', 'oncall-nephrology.backup', [['dr.tolliver'], ['target-unknown']]],
    ['LARK-CARD', 'constructor', [['dr.fenn'], ['target-unknown']]],
    ['LARK-CARD', 'site.default_oncall', [['sup.merrow'], []]],
    ['LARK-CARD', 'dispatcher', { kind: 'dispatcher' }],
    [
      'LARK-CARD',
      'cross_org_backup',
      { kind: 'organisation', org: 'fenwickvale.example', role: 'hospitalist-night', agreement: 'COV-2026-014' },
    ],
    ['ORRIN-HOME', 'cross_org_backup', { kind: 'skip', code: 'no-coverage', alarms: [] }],
    ['ORRIN-HOME', 'homecare-rn.backup', { kind: 'skip', code: 'no-backup', alarms: [] }],
    ['LARK-CARD', '#larkmoor-frontdesk:larkmoor.example', { kind: 'skip', code: 'no-report-room', alarms: [] }],
    ['BRINE-PEDS', 'oncall-peds.backup', [['np.tarrow'], []]],
    ['TAMSIN-OB', 'oncall-ob', [['sup.merrow'], ['no-schedule']]],
    ['TAMSIN-OB', 'site.default_oncall', [['sup.merrow'], []]],
    ['NO-SUCH-ACCOUNT', 'anybody', [['sup.merrow'], ['no-schedule']]],
  ])('%s: %s', (account, target, expected) => {
    expect(people(account, target)).toEqual(expected);
  });

  it('falls to the site when a default list names nobody we know', () => {
    const using = buildDirectory(
      changed((copy) => {
        copy.practices['LARK-CARD']!.default = ['dr.gone'];
        copy.practices['LARK-CARD']!.roles = { 'oncall-cardiology': {} };
      }),
    );
    expect(people('LARK-CARD', 'oncall-cardiology', using)).toEqual([['sup.merrow'], ['schedule-hole']]);
    expect(
      using.mayAcknowledge(LARK, 'stat', using.members(LARK).find((one) => one.person === 'sup.merrow')!.userId),
    ).toBe(true);
  });

  it('is nobody, with an alarm, only when there is nobody at all', () => {
    const using = buildDirectory(
      changed((copy) => {
        copy.site.default_oncall = [];
      }),
    );
    expect(people('TAMSIN-OB', 'oncall-ob', using)).toEqual({
      kind: 'skip',
      code: 'nobody',
      alarms: ['no-schedule', 'schedule-hole'],
    });
  });

  it('is never a bot', () => {
    const using = buildDirectory(dispatch, (user) => user === FENN);
    expect(people('LARK-CARD', 'oncall-cardiology', using)).toEqual([['dr.tolliver'], ['schedule-hole']]);
    expect(using.mayAcknowledge(LARK, 'stat', FENN)).toBe(false);
  });
});

describe('the protocol of a ticket', () => {
  it.each([
    ['LARK-CARD', 'stat', 'LARK-CARD/STAT', [], []],
    ['TAMSIN-OB', 'urgent', 'SITE-DEFAULT/URGENT', ['no-schedule'], ['no_schedule']],
    ['ORRIN-HOME', 'stat', 'SITE-DEFAULT/STAT', ['no-protocol'], ['no_protocol']],
    ['__proto__', 'fyi', 'SITE-DEFAULT/FYI', ['no-schedule'], ['no_schedule']],
  ] as const)('%s %s is %s', (account, urgency, name, alarms, flags) => {
    expect(directory.protocolFor(accountId(account), urgency)).toMatchObject({ name, alarms, flags });
  });

  it('tells somebody and the operator even when the site has none', () => {
    const using = buildDirectory(
      changed((copy) => {
        copy.protocols = {};
      }),
    );
    const { protocol, alarms } = using.protocolFor(LARK, 'stat');
    expect(protocol.steps.map((step) => step.do)).toEqual(['room', 'todo']);
    expect(alarms).toEqual(['no-protocol', 'no-default-protocol']);
  });
});

describe('the members of an account’s room', () => {
  it('are all whom any of its protocols can name at any time', () => {
    expect(keys('LARK-CARD')).toEqual(['dr.fenn', 'dr.tolliver', 'dr.vantongeren', 'np.quist']);
    expect(keys('BRINE-PEDS')).toEqual(['dr.averkamp', 'dr.oyelowe', 'dr.sundqvist', 'np.tarrow']);
    expect(keys('VESPER-RECOVERY')).toEqual(['dr.ketterby', 'lcsw.drayholt', 'sup.merrow']);
    expect(keys('ORRIN-HOME')).toEqual(['rn.osmere', 'rn.quarrie', 'sup.merrow']);
    expect(keys('TAMSIN-OB')).toEqual(['sup.merrow']);
  });

  it('include everyone a step resolves to', () => {
    for (const account of ['LARK-CARD', 'BRINE-PEDS', 'ORRIN-HOME', 'VESPER-RECOVERY', 'TAMSIN-OB'].map(accountId)) {
      const members = new Set(directory.members(account).map((one) => one.userId));
      for (const urgency of ['stat', 'urgent', 'routine', 'fyi'] as const) {
        for (const { to } of directory.protocolFor(account, urgency).protocol.steps) {
          const resolution = to ? directory.resolve(account, to, T0) : null;
          for (const one of resolution?.kind === 'people' ? resolution.people : []) {
            expect(members.has(one.userId)).toBe(true);
            expect(directory.mayAcknowledge(account, urgency, one.userId)).toBe(true);
          }
        }
      }
    }
  });
});

describe('who may acknowledge', () => {
  const may = (urgency: 'stat' | 'urgent' | 'fyi', user: UserId, account = LARK) =>
    directory.mayAcknowledge(account, urgency, user);
  it('is anyone whom a step of the protocol can name', () => {
    expect([FENN, TOLLIVER, QUIST].map((user) => may('stat', user))).toEqual([true, true, true]);
    expect(may('stat', STRANGER)).toBe(false);
    expect(may('stat', '@hale:larkmoor.example' as UserId)).toBe(false);
  });
  it('is any member where the protocol names rooms only', () => {
    expect(may('fyi', FENN)).toBe(true);
    expect(may('fyi', STRANGER)).toBe(false);
  });
  it('is not the site’s default where the account has its own protocol', () => {
    expect(may('urgent', '@merrow:nightjar.example' as UserId, accountId('ORRIN-HOME'))).toBe(false);
    expect(may('stat', '@merrow:nightjar.example' as UserId, accountId('ORRIN-HOME'))).toBe(true);
  });
  it('knows people by their Matrix id, never by its look', () => {
    expect(directory.personOf(QUIST)).toBe('np.quist');
    expect(directory.personOf('@quist:larkmoor.example' as UserId)).toBeNull();
  });
});

describe('where a ticket is listed whatever becomes of it', () => {
  const everything = structuredClone(dispatch);
  for (const practice of Object.values(everything.practices)) practice.report_includes = 'all';
  const listed = (account: string, urgency: 'stat' | 'fyi' | 'routine', using = everything) =>
    buildDirectory(using).summaryStep(accountId(account), urgency);
  it('is nowhere unless the practice wants it', () => {
    expect(listed('LARK-CARD', 'stat', dispatch)).toBeNull();
    expect(buildDirectory(dispatch).reportsEverything(accountId('LARK-CARD'))).toBe(false);
  });
  it('is its own report or digest, else the report of the practice', () => {
    const [lark, brine] = ['#larkmoor-frontdesk:larkmoor.example', '#brinewater-desk:brinewater.example'];
    expect(listed('LARK-CARD', 'fyi')).toEqual({ to: lark, at: '07:30' });
    expect(listed('LARK-CARD', 'stat')).toEqual({ to: lark, at: 'next_office_open' });
    expect(listed('BRINE-PEDS', 'routine')).toEqual({ to: brine, at: 'next_office_open' });
    expect(listed('TAMSIN-OB', 'stat')).toBeNull();
  });
});

describe('dispatch.yaml', () => {
  const codes = (document: Dispatch) =>
    dispatchFindings(document).map((finding) => `${finding.severity} ${finding.code} ${finding.path.join('.')}`);
  it('of the data is taken as it is, without an error', () => {
    expect(dispatchSchema.safeParse(oncall).success).toBe(true);
    expect(codes(dispatch)).toEqual([
      'warning clock-change practices.BRINE-PEDS.roles.oncall-peds.overrides.0.from',
      'warning clock-change practices.BRINE-PEDS.roles.oncall-peds.overrides.1.from',
      'warning account-without-protocol services.nightjar.accounts.2',
      'warning account-without-protocol services.nightjar.accounts.3',
      'warning account-without-schedule services.nightjar.accounts.4',
      'warning practice-unknown protocols.TAMSIN-OB/URGENT',
      'warning target-unknown protocols.TAMSIN-OB/URGENT.steps.1.to',
      'warning phone-unreachable protocols.TAMSIN-OB/URGENT.steps.2.to',
    ]);
  });
  it.each<[string, (copy: Dispatch) => void, string]>([
    [
      'an override that ends before it begins',
      (copy) => {
        copy.practices['LARK-CARD']!.roles['oncall-cardiology']!.overrides![0]!.to = '2026-11-26T06:00';
      },
      'error empty-period practices.LARK-CARD.roles.oncall-cardiology.overrides.0.to',
    ],
    [
      'an anchor that is not the weekday of the handover',
      (copy) => {
        (copy.practices['LARK-CARD']!.roles['oncall-cardiology']!.rotation as { anchor: string }).anchor = '2026-11-03';
      },
      'error anchor-weekday practices.LARK-CARD.roles.oncall-cardiology.rotation.anchor',
    ],
    [
      'an unknown delegate',
      (copy) => {
        copy.people['dr.fenn']!.dnd_delegate = 'dr.gone';
      },
      'error person-unknown people.dr.fenn.dnd_delegate',
    ],
    [
      'a report of everything that nobody makes',
      (copy) => {
        copy.practices['VESPER-RECOVERY']!.report_includes = 'all';
      },
      'warning no-report practices.VESPER-RECOVERY.report_includes',
    ],
    [
      'somebody unknown at another organisation',
      (copy) => {
        copy.practices['LARK-CARD']!.cross_org_backup!.people = ['dr.gone'];
      },
      'error person-unknown practices.LARK-CARD.cross_org_backup.people.0',
    ],
    [
      'an unknown person in a default list',
      (copy) => {
        copy.practices['LARK-CARD']!.default.push('dr.gone');
      },
      'error person-unknown practices.LARK-CARD.default.3',
    ],
    [
      'an unknown person on call for the site',
      (copy) => {
        copy.site.default_oncall = ['x'];
      },
      'error person-unknown site.default_oncall.0',
    ],
    [
      'nobody on call for the site',
      (copy) => {
        copy.site.default_oncall = [];
      },
      'error nobody site.default_oncall',
    ],
    [
      'an unknown person in an override',
      (copy) => {
        copy.practices['LARK-CARD']!.roles['oncall-cardiology']!.overrides![0]!.who = 'x';
      },
      'error person-unknown practices.LARK-CARD.roles.oncall-cardiology.overrides.0.who',
    ],
    [
      'a missing default protocol',
      (copy) => {
        delete copy.protocols['SITE-DEFAULT/STAT'];
      },
      'warning default-missing site.default_protocol',
    ],
    [
      'a practice nobody sends to',
      (copy) => {
        copy.services.nightjar!.accounts.shift();
      },
      'warning account-without-service practices.LARK-CARD',
    ],
  ])('with %s says so', (_name, change, expected) => {
    expect(codes(changed(change))).toContain(expected);
  });
  it.each([
    ['an unknown key', { sites: {} }],
    ['an unknown time zone', { practices: { A: { tz: 'Mars/Olympus', default: ['x'] } } }],
    ['an empty default list', { practices: { A: { tz: 'UTC', default: [] } } }],
    ['a protocol of no urgency', { protocols: { 'A/SOON': { steps: [{ at: '0m', do: 'todo' }] } } }],
    [
      'an unknown rotation',
      { practices: { A: { tz: 'UTC', default: ['x'], roles: { r: { rotation: { type: 'hourly' } } } } } },
    ],
  ])('with %s is refused', (_name, document) => {
    expect(dispatchSchema.safeParse(document).success).toBe(false);
  });
});
