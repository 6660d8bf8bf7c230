import type { Alarms } from '../../src/flows/ports.ts';
import { accountId } from '../../src/kernel/ids.ts';
import type { DeviceFinding } from '../../src/server/oncall/devices.ts';
import { createRosterWatch } from '../../src/server/rosterWatch.ts';
import { type Dispatch, dispatchSchema } from '../../src/tickets/dispatchSchema.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LARK = accountId('LARK');

const person = (name: string) => ({ mxid: `@${name}:hospital.example` });
const dispatch: Dispatch = dispatchSchema.parse({
  site: { default_oncall: ['dr.averkamp'], default_protocol: 'SITE-DEFAULT' },
  services: {},
  practices: {
    LARK: {
      tz: 'Etc/UTC',
      default: ['dr.averkamp'],
      roles: {
        oncall: {
          rotation: {
            type: 'daily',
            anchor: '2026-12-01',
            handover: '07:00',
            order: ['dr.fenn', 'dr.tolliver', 'np.quist'],
          },
          overrides: [{ from: '2026-12-05T10:00', to: '2026-12-05T12:00', who: '' }],
        },
      },
      cross_org_backup: { org: 'fenwick.example', role: 'night', agreement: 'COV-1', valid_to: '2026-12-20' },
    },
  },
  protocols: {},
  people: {
    'dr.averkamp': person('averkamp'),
    'dr.fenn': person('fenn'),
    'dr.tolliver': person('tolliver'),
    'np.quist': person('quist'),
  },
});

const { LARK: lark } = dispatch.practices;
/** The same without the hole. */
const filled: Dispatch = {
  ...dispatch,
  practices: { LARK: { ...lark!, roles: { oncall: { ...lark!.roles.oncall!, overrides: [] } } } },
};

/** A watch three days ahead, whose clock and whose people's devices the test turns. */
function watch() {
  const raised: string[] = [];
  const alarms: Alarms = { raise: (code, about) => void raised.push(`${code} ${about.account ?? ''}`.trim()) };
  const state = {
    now: Date.parse('2026-12-01T08:00:00Z'),
    bad: new Map<string, DeviceFinding['code']>(),
    asked: [] as string[],
    dispatch,
  };
  const watching = createRosterWatch({
    dispatch: () => state.dispatch,
    accounts: [LARK],
    clock: { now: () => state.now },
    aheadMs: 3 * DAY,
    alarms,
    unreachable: async (people) => {
      state.asked = [...people.keys()];
      return [...state.bad].flatMap(([who, code]) =>
        who === '' || people.has(who) ? [{ code, person: who, what: who }] : [],
      );
    },
  });
  /** Looks at this time; what is raised by it. */
  const look = async (at: string): Promise<readonly string[]> => {
    state.now = Date.parse(at);
    raised.length = 0;
    await watching.look();
    return [...raised];
  };
  return { look, state };
}

describe('the roster watch', () => {
  it('raises schedule-gap once for a hole, as soon as it is three days ahead', async () => {
    const { look } = watch();
    expect(await look('2026-12-02T09:59:00Z')).toEqual([]);
    expect(await look('2026-12-02T10:59:00Z')).toEqual(['schedule-gap LARK']);
    for (const later of [
      '2026-12-02T12:00:00Z',
      '2026-12-02T13:00:00Z',
      '2026-12-04T10:00:00Z',
      '2026-12-05T11:00:00Z',
    ])
      expect(await look(later)).toEqual([]);
  });

  it('raises it again for a hole that was filled and is back', async () => {
    const { look, state } = watch();
    expect(await look('2026-12-03T08:00:00Z')).toEqual(['schedule-gap LARK']);
    state.dispatch = filled;
    expect(await look('2026-12-03T09:00:00Z')).toEqual([]);
    state.dispatch = dispatch;
    expect(await look('2026-12-03T10:00:00Z')).toEqual(['schedule-gap LARK']);
  });

  it('raises schedule-gap before an agreement ends, and once it has', async () => {
    const { look } = watch();
    expect(await look('2026-12-17T23:59:00Z')).toEqual([]);
    expect(await look('2026-12-18T00:01:00Z')).toEqual(['schedule-gap LARK']);
    expect(await look('2026-12-20T12:00:00Z')).toEqual([]);
    expect(await look('2026-12-21T00:01:00Z')).toEqual(['schedule-gap LARK']);
    expect(await look('2026-12-22T00:00:00Z')).toEqual([]);
  });

  it('asks about those on duty in the time to come, and who stands in for a hole', async () => {
    const { look, state } = watch();
    await look('2026-12-01T08:00:00Z');
    expect([...state.asked].sort()).toEqual(['dr.fenn', 'dr.tolliver', 'np.quist']);
    await look('2026-12-04T08:00:00Z');
    expect(state.asked).toContain('dr.averkamp');
  });

  it.each(['no-device', 'not-seen'] as const)(
    'raises oncall-unreachable for %s: once, and again when it comes back',
    async (code) => {
      const { look, state } = watch();
      state.bad.set('dr.tolliver', code);
      expect(await look('2026-12-01T08:00:00Z')).toEqual(['oncall-unreachable']);
      expect(await look('2026-12-01T09:00:00Z')).toEqual([]);
      state.bad.set('np.quist', code);
      expect(await look('2026-12-01T10:00:00Z')).toEqual(['oncall-unreachable']);
      state.bad.clear();
      expect(await look('2026-12-01T11:00:00Z')).toEqual([]);
      state.bad.set('dr.tolliver', code);
      expect(await look('2026-12-01T12:00:00Z')).toEqual(['oncall-unreachable']);
    },
  );

  it('says nothing of people it could not ask about, and forgets nothing meanwhile', async () => {
    const { look, state } = watch();
    state.bad.set('dr.fenn', 'no-device');
    expect(await look('2026-12-01T08:00:00Z')).toEqual(['oncall-unreachable']);
    state.bad = new Map([['', 'not-asked']]);
    expect(await look('2026-12-01T09:00:00Z')).toEqual([]);
    state.bad = new Map([
      ['dr.fenn', 'not-asked'],
      ['np.quist', 'not-asked'],
    ]);
    expect(await look('2026-12-01T10:00:00Z')).toEqual([]);
    state.bad = new Map([['dr.fenn', 'no-device']]);
    expect(await look('2026-12-01T11:00:00Z')).toEqual([]);
  });
});
