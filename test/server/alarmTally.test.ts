import { AlarmTally } from '../../src/server/alarmTally.ts';

describe('the tally of alarms', () => {
  it('hands out what came since the last time, and again what could not be kept', async () => {
    const tally = new AlarmTally();
    const kept: object[] = [];
    const keep = async (times: ReadonlyMap<string, number>) => void kept.push(Object.fromEntries(times));
    await tally.flush(keep);
    for (const code of ['old-key-used', 'schedule-gap', 'old-key-used']) tally.add(code);
    const broken = tally.flush(async () => {
      throw new Error('database');
    });
    // While it is being kept, more may come.
    tally.add('old-key-used');
    await expect(broken).rejects.toThrow('database');
    await tally.flush(keep);
    await tally.flush(keep);
    expect(kept).toEqual([{ 'old-key-used': 3, 'schedule-gap': 1 }]);
  });
});
