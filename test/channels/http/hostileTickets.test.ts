import { readFileSync } from 'node:fs';
import { type Rig, startRig, TOKENS } from './rig.ts';

interface Case {
  readonly channel: string;
  readonly case: string;
  readonly input: { base: string; patch?: object; each_of?: object[] };
  readonly checks: { flag?: string };
}

const lines = (name: string) =>
  readFileSync(new URL(`../../fixtures/data/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const bases = new Map<string, Record<string, unknown>>(lines('tickets.jsonl').map((ticket) => [ticket.id, ticket]));
const cases: Case[] = lines('hostile.jsonl').filter((line) => line.channel === 'ticket');

const requests = cases.flatMap(({ case: name, input, checks }) =>
  (input.each_of ?? [input.patch ?? {}]).map((patch, index) => ({
    title: `${name.slice(0, 60)} (${index + 1})`,
    document: merge(bases.get(input.base)!, patch),
    flag: checks.flag,
  })),
);

describe('a hostile ticket at the HTTP edge', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  });
  afterAll(() => rig.stop());

  it('has its cases in the data', () => {
    expect(requests.length).toBeGreaterThanOrEqual(10);
  });

  it.each(requests.map((request) => [request.title, request] as const))(
    'is admitted: %s',
    async (title, { document, flag }) => {
      const answer = await rig.post({ ...document, id: title });
      expect(answer.status).toBe(202);
      if (flag === 'dob') expect(answer.body.flags).toContain('dob');
      expect(answer.text).not.toContain('CNRY');
    },
  );
});

describe('a canary in a bad request', () => {
  const CANARY = 'CNRY-Z9-heron';

  it('comes out in no answer and reaches no observer, whatever is wrong with the request', async () => {
    const rig = await startRig({ limits: { servicePerMinute: 1000, badTokensPerMinute: 4 } });
    try {
      const json = { 'content-type': 'application/json' };
      const good = { authorization: `Bearer ${TOKENS.nightjar}` };
      rig.tickets.failure = null;
      const attempts: readonly (readonly [string, RequestInit])[] = [
        [`/api/v1/tickets/${CANARY}?x=${CANARY}`, { headers: good }],
        [`/${CANARY}`, { headers: good }],
        [`/api/v1/tickets?state=${CANARY}&cursor=${CANARY}`, { headers: good }],
        ['/api/v1/tickets', { method: 'POST', headers: { ...good, ...json }, body: `{"id": "${CANARY}` }],
        ['/api/v1/tickets', { method: 'POST', headers: { ...good, ...json }, body: `"${CANARY}"` }],
        [
          '/api/v1/tickets',
          {
            method: 'POST',
            headers: { ...good, ...json },
            body: JSON.stringify({ id: [CANARY], reason: { [CANARY]: 1 }, [CANARY]: 1 }),
          },
        ],
        [
          '/api/v1/tickets',
          {
            method: 'POST',
            headers: { ...good, ...json },
            body: JSON.stringify({ id: 'x', reason: CANARY, account: CANARY }),
          },
        ],
        ['/api/v1/tickets', { method: 'POST', headers: { ...good, 'content-type': CANARY }, body: CANARY }],
        ['/api/v1/tickets', { method: 'POST', headers: { ...good, ...json }, body: CANARY.repeat(30_000) }],
        ['/api/v1/tickets', { method: 'PUT', headers: { ...good, 'x-note': CANARY }, body: CANARY }],
        ...Array.from(
          { length: 6 },
          () => ['/api/v1/tickets', { headers: { authorization: `Bearer ${CANARY}` } }] as const,
        ),
      ];
      for (const [path, init] of attempts) {
        const answer = await rig.call(path, init);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(answer.text + JSON.stringify([...answer.headers])).not.toContain(CANARY);
      }
      rig.tickets.failure = new Error(`cannot store ${CANARY}`);
      const failed = await rig.post({ id: 'x', account: 'LARK-CARD', reason: CANARY });
      expect(failed.status).toBe(503);
      expect(failed.text).not.toContain(CANARY);
      expect(rig.requests).toHaveLength(attempts.length + 1);
      expect(JSON.stringify(rig.requests)).not.toContain(CANARY);
    } finally {
      await rig.stop();
    }
  });
});

function merge(base: Record<string, unknown>, patch: object): Record<string, unknown> {
  const merged = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    const below = merged[key];
    const both = [below, value].every((side) => typeof side === 'object' && side !== null && !Array.isArray(side));
    merged[key] = both ? merge(below as Record<string, unknown>, value as object) : value;
  }
  return merged;
}
