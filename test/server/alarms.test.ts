import { accountId } from '../../src/kernel/ids.ts';
import { createAlarms } from '../../src/server/alarms.ts';
import { createLog } from '../../src/server/log.ts';

const MINUTE = 60_000;

/** Alarms whose clock and whose way to the control room the test turns. */
function desk() {
  const state = { now: 0, reachable: true, shown: [] as string[], counted: [] as string[] };
  const alarms = createAlarms(createLog('silent'), (code) => void state.counted.push(code), { now: () => state.now });
  const connect = () =>
    alarms.notifyBy(async (text) => {
      if (state.reachable) state.shown.push(text);
      return { ok: state.reachable };
    });
  return { alarms, state, connect };
}
const about = { account: accountId('LARK-CARD') };

describe('alarms', () => {
  it('are shown in the control room, the same one once a minute, and all counted', () => {
    const { alarms, state, connect } = desk();
    connect();
    for (const at of [0, 30_000, 61_000]) {
      state.now = at;
      alarms.raise('undelivered', about);
    }
    expect(state.shown).toEqual(Array(2).fill('Alarm: undelivered (account LARK-CARD)'));
    expect(state.counted).toHaveLength(3);
  });

  it('say where to look when they do not say enough', () => {
    const { alarms, state, connect } = desk();
    connect();
    alarms.raise('schedule-gap', about);
    alarms.raise('oncall-unreachable', {});
    expect(state.shown).toEqual([
      'Alarm: schedule-gap (account LARK-CARD): see `wardroom oncall gaps`',
      'Alarm: oncall-unreachable: see `wardroom oncall gaps`',
    ]);
  });

  it('that were raised while the control room could not be reached are shown once, when it can', async () => {
    const { alarms, state, connect } = desk();
    alarms.raise('schedule-gap', about);
    connect();
    state.reachable = false;
    alarms.raise('undelivered', about);
    await alarms.showAgain();
    expect(state.shown).toEqual([]);
    state.reachable = true;
    await alarms.showAgain();
    await alarms.showAgain();
    expect(state.shown).toEqual([
      'Alarm: schedule-gap (account LARK-CARD): see `wardroom oncall gaps`',
      'Alarm: undelivered (account LARK-CARD)',
    ]);
  });

  it('that could not be shown for an hour are not shown as if they were news', async () => {
    const { alarms, state, connect } = desk();
    alarms.raise('undelivered', about);
    await alarms.showAgain();
    connect();
    state.now = 61 * MINUTE;
    await alarms.showAgain();
    expect(state.shown).toEqual([]);
  });
});
