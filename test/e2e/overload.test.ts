import { overload } from '../../src/dev/overload/overload.ts';
import { Ward } from './support/ward.ts';

const SECONDS = 20;
/** Node lets its heap grow before it collects; what is not bounded grows with every ticket. */
const MOST_GROWTH_MB = 300;

let ward: Ward;

beforeAll(async () => {
  ward = await Ward.open();
});
afterAll(() => ward?.close());

describe('twice as many tickets as the homeserver can take', () => {
  it('wait or are refused with a time to come back; the urgent overtake; nothing is lost or doubled; it ends by itself', async () => {
    const report = await overload({
      hospital: ward.hospital,
      service: 'nightjar',
      account: 'OVERLOAD',
      seconds: SECONDS,
      say: () => undefined,
    });
    const { lost, doubled, others, accepted, refused, offered, stat, routine, memory } = report;
    process.stdout.write(`${JSON.stringify(report)}\n`);
    expect({ lost, doubled, others }).toEqual({ lost: 0, doubled: 0, others: {} });
    expect(accepted + refused).toBe(offered);
    // A STAT does not wait for the ROUTINE before it.
    expect(stat.count).toBe(Math.ceil(offered / 5));
    expect(stat.p95).toBeLessThan(routine.p50);
    expect(memory.most - memory.before).toBeLessThan(MOST_GROWTH_MB);
    expect((await fetch(`${ward.hospital.api_url}/ready`)).status).toBe(200);
    expect(report.afterwardsSeconds).toBeLessThan(stat.p95 + 5);
  }, 600_000);
});
