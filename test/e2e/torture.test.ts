import { randomInt } from 'node:crypto';
import { holds, torture } from '../../src/dev/torture/torture.ts';
import { Ward } from './support/ward.ts';

const seed = Number(process.env.WARDROOM_TEST_SEED ?? randomInt(2 ** 31));
const KILLS = 25;

let ward: Ward;
beforeAll(async () => {
  ward = await Ward.open();
});
afterAll(() => ward?.close());

describe(`every part killed with -9 (WARDROOM_TEST_SEED=${seed})`, () => {
  it(`${KILLS} times while tickets arrive and people acknowledge: nothing lost, doubled, unheard or untold`, async () => {
    const [reader, answerer] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
    const report = await torture({
      dir: ward.dir,
      hospital: ward.hospital,
      service: 'nightjar',
      account: 'TORTURE',
      receiver: ward.receiver,
      reader,
      answerer,
      kills: KILLS,
      seed,
      say: () => undefined,
    });
    process.stdout.write(`torture.test.ts: ${JSON.stringify(report)}\n`);
    expect([holds(report), report]).toEqual([true, report]);
    expect(report.accepted).toBeGreaterThan(KILLS);
    expect(report.acknowledged).toBeGreaterThan(0);
  });
});
