import { accountId } from '../src/kernel/ids.ts';
import { roleOfLadder } from '../src/tickets/climb.ts';
import { compileLadder } from '../src/tickets/compileLadder.ts';
import { buildDirectory, type DispatchDirectory } from '../src/tickets/directory.ts';
import { type Dispatch, dispatchSchema } from '../src/tickets/dispatchSchema.ts';
import { quantile, type Ratio, round } from './ratios.ts';

const SIZES = [100, 1_000] as const;
const ROUNDS = 7;
const START = Date.UTC(2026, 10, 28);
const DAY_MS = 24 * 3_600_000;
const ZONES = ['America/New_York', 'America/Chicago', 'America/Phoenix', 'Asia/Kolkata', 'UTC'];

/**
 * Whom a STAT ticket would alert now and with each later step, for every account of a roster of 1,000 / of 100: the cost of one account
 * against the other, in alternating blocks; and the 99th percentile of one computation, in ms (bound: 5).
 */
export async function nextAlert(say: (line: string) => void): Promise<Ratio> {
  const rosters = SIZES.map((accounts) => ({ accounts, directory: buildDirectory(rosterOf(accounts)) }));
  const times: number[] = [];
  const costs: number[][] = SIZES.map(() => []);
  for (let round = -1; round < ROUNDS; round += 1)
    for (const [index, { accounts, directory }] of rosters.entries()) {
      // As many computations of either size, and each account once in the larger one.
      const from = performance.now();
      for (let done = 0; done < SIZES[1]; done += 1) {
        const one = performance.now();
        alerts(directory, done % accounts, START + ((done * 7_919) % 400) * DAY_MS + done * 61_000);
        if (round >= 0 && accounts === SIZES[1]) times.push(performance.now() - one);
      }
      if (round >= 0) costs[index]!.push((performance.now() - from) / SIZES[1]);
    }
  const [small, large] = costs.map((list) => quantile(list, 0.5)) as [number, number];
  say(`  ${SIZES[0]} accounts: ${round(small, 3)} ms each; ${SIZES[1]}: ${round(large, 3)} ms each`);
  return {
    value: round(large / small),
    parts: { ms_each_100: round(small, 3), ms_each_1000: round(large, 3), p99_ms: round(quantile(times, 0.99), 3) },
  };
}

function alerts(directory: DispatchDirectory, index: number, at: number): number {
  const account = accountId(`ACCOUNT-${index}`);
  const { protocol } = directory.protocolFor(account, 'stat');
  const { plan } = compileLadder(protocol, 'stat', at, directory.placeOf(account));
  let people = 0;
  for (const planned of plan) {
    if (planned.to === undefined) continue;
    const role = roleOfLadder(directory, account, plan, planned);
    const found = directory.resolve(account, planned.to, planned.dueAt, { urgency: 'stat', role });
    if (found.kind === 'people') people += found.people.length;
  }
  return people;
}

function rosterOf(accounts: number): Dispatch {
  const people = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [
      `p${index}`,
      { mxid: `@p${index}:hospital.example`, cell: '+12125550100', dnd: ['Sat 09:00-13:00'] },
    ]),
  );
  const person = (index: number) => `p${index % 200}`;
  const names = Array.from({ length: accounts }, (_, index) => index);
  return dispatchSchema.parse({
    site: { default_oncall: ['p0'] },
    services: { harrier: { accounts: names.map((index) => `ACCOUNT-${index}`) } },
    people,
    practices: Object.fromEntries(
      names.map((index) => [
        `ACCOUNT-${index}`,
        {
          tz: ZONES[index % ZONES.length],
          default: [person(index), person(index + 1)],
          roles: {
            oncall: {
              rotation: {
                type: 'weekly',
                anchor: '2026-11-02',
                handover: 'Mon 07:00',
                order: [0, 1, 2, 3].map((n) => person(index + n)),
              },
              backup: {
                type: 'daily',
                anchor: '2026-11-02',
                handover: '19:00',
                order: [4, 5, 6].map((n) => person(index + n)),
              },
              overrides: Array.from({ length: 12 }, (_, month) => ({
                from: `2027-${String(month + 1).padStart(2, '0')}-05T07:00`,
                to: `2027-${String(month + 1).padStart(2, '0')}-06T07:00`,
                who: person(index + month),
              })),
            },
          },
        },
      ]),
    ),
    protocols: Object.fromEntries(
      names.map((index) => [
        `ACCOUNT-${index}/STAT`,
        {
          steps: [
            { at: '0m', do: 'room', to: 'oncall', mention: true },
            { every: '2m', times: 5, do: 'renotify' },
            { at: '10m', do: 'voice', to: 'primary.cell' },
            { at: '15m', do: 'room', to: 'oncall.backup', mention: true },
            { at: '25m', do: 'todo', to: 'dispatcher' },
          ],
        },
      ]),
    ),
  });
}
