import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeClock, readClock } from '../../src/dev/clockFile.ts';
import { BusinessClock } from '../../src/server/businessClock.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'wardroom-clock-test-'));
  file = join(dir, 'clock.json');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const minutes = 60_000;

describe('the business clock of the embedded hospital', () => {
  it('is the real one until it is moved', async () => {
    expect(await readClock(file)).toEqual({ mode: 'real', offset_ms: 0 });
  });

  it('adds up what it is advanced by, and forgets it when it is real again', async () => {
    await changeClock(file, { advance: 25 * minutes });
    expect(await changeClock(file, { advance: 5 * minutes })).toEqual({ mode: 'offset', offset_ms: 30 * minutes });
    expect(await changeClock(file, { real: true })).toEqual({ mode: 'real', offset_ms: 0 });
  });

  it('is the instant it is set to, goes on from there, and is read by Wardroom', async () => {
    const at = Date.parse('2026-11-27T02:04:20-05:00');
    await changeClock(file, { set: at });
    const clock = new BusinessClock(file);
    const first = clock.now();
    expect(first).toBeGreaterThanOrEqual(at - 50);
    expect(first).toBeLessThan(at + 10_000);
    await changeClock(file, { advance: 25 * minutes });
    clock.reload();
    expect(clock.now() - first).toBeGreaterThanOrEqual(25 * minutes);
  });
});
