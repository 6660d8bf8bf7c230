import { postTicket } from '../../src/dev/demo/answeringService.ts';
import { overload } from '../../src/dev/overload/overload.ts';
import { ROUTINE_BACKLOG } from '../support/hospital.ts';
import { Ward } from './support/ward.ts';

const SECONDS = 20;
/** Node lets its heap grow before it collects; what is not bounded grows with every ticket. */
const MOST_GROWTH_MB = 300;

let ward: Ward;

beforeAll(async () => {
  ward = await Ward.open();
});
afterAll(() => ward?.close());

const control = (what: 'pause' | 'resume') =>
  fetch(new URL(`/dev/${what}`, ward.hospital.metrics_url), { method: 'POST' });

describe('a backlog that is full', () => {
  it('refuses ROUTINE tickets with a time to come back, takes STAT ones, and still answers for what it took before', async () => {
    const post = async (ticket: Record<string, unknown>) => {
      const response = await fetch(`${ward.hospital.api_url}/api/v1/tickets`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ward.service('nightjar').token}`, 'content-type': 'application/json' },
        body: JSON.stringify(ticket),
      });
      return { status: response.status, retryAfter: Number(response.headers.get('retry-after')) };
    };
    const routine = () => ward.ticket('OVERLOAD', { urgency: 'ROUTINE' });
    const first = routine();
    await control('pause');
    try {
      expect((await post(first)).status).toBe(202);
      const answers = [];
      for (let count = 0; count <= ROUTINE_BACKLOG; count += 1) answers.push(await post(routine()));
      const refused = answers.filter(({ status }) => status !== 202);
      expect(refused.length).toBeGreaterThan(0);
      for (const { status, retryAfter } of refused) expect([status, retryAfter > 0]).toEqual([503, true]);
      expect((await post(ward.ticket('OVERLOAD'))).status).toBe(202);
      expect((await post(first)).status).toBe(200);
    } finally {
      await control('resume');
    }
    const { body } = await postTicket(ward.hospital.api_url, ward.service('nightjar').token, first);
    await ward.until(String(body.ticket_id), ({ timeline }) => timeline.some(({ event }) => event === 'sent'));
    // When what waited is gone, ROUTINE tickets are taken again.
    for (let status = 503; status !== 202; ) {
      status = (await post(routine())).status;
      expect([202, 503]).toContain(status);
    }
  }, 300_000);
});

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
    expect(refused).toBeGreaterThan(0);
    // A STAT does not wait for the ROUTINE before it.
    expect(stat.count).toBe(Math.ceil(offered / 5));
    expect(stat.p95).toBeLessThan(routine.p50);
    expect(memory.most - memory.before).toBeLessThan(MOST_GROWTH_MB);
    expect((await fetch(`${ward.hospital.api_url}/ready`)).status).toBe(200);
    expect(report.afterwardsSeconds).toBeLessThan(stat.p95 + 5);
  }, 600_000);
});
