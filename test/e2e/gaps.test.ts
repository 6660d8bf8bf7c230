import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from '../../src/dev/checkout.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { loadConfig } from '../../src/server/config/index.ts';
import { deviceFindings } from '../../src/server/oncall/devices.ts';
import { Ward } from './support/ward.ts';

const DAY_MS = 24 * 3_600_000;

let ward: Ward;

beforeAll(async () => {
  ward = await Ward.open();
  // np.hazel has no device at all.
  await ward.person('dr.ivy', { verify: false });
  await ward.person('dr.juniper');
});
afterAll(() => ward?.close());

interface Gaps {
  readonly ok: boolean;
  readonly gaps: readonly { readonly code: string; readonly account: string | null; readonly person?: string }[];
  readonly notes: readonly string[];
}

/** The command line, beside the running service, and its exit code. */
const gapsOf = (...args: string[]): Promise<Gaps & { readonly status: number }> =>
  new Promise((resolve) => {
    const command = [join(checkout, 'bin/wardroom.js'), 'oncall', 'gaps', ...args, '--dir', ward.dir, '--json'];
    execFile(process.execPath, command, (error, stdout) =>
      resolve({ ...(JSON.parse(stdout) as Gaps), status: Number(error?.code ?? 0) }),
    );
  });

/** What is said of people if now were so much later, and people of whom nobody heard for a week were missed. */
async function later(ms: number): Promise<readonly string[]> {
  const config = loadConfig(ward.hospital.config_files);
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  const people = new Map(['np.hazel', 'dr.ivy', 'dr.juniper'].map((key) => [key, ward.userId(key)]));
  const { findings, seenKnown } = await deviceFindings(config.value, people, Date.now() + ms, 7 * DAY_MS);
  expect(seenKnown).toBe(true);
  return findings.map(({ code, person }) => `${person} ${code}`);
}

const alarms = async (code: string): Promise<number> => {
  const text = await (await fetch(new URL('/metrics', ward.hospital.metrics_url))).text();
  return Number(new RegExp(`^wardroom_alarms_total\\{code="${code}"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
};

it('gaps names who has no device that is sent keys, an unsigned one included, and ends with 1', async () => {
  const found = await gapsOf('WATCH', '--days', '2');
  expect(found).toMatchObject({ status: 1, ok: false, notes: [] });
  const people = found.gaps.filter(({ account }) => account === null).map(({ code, person }) => `${person} ${code}`);
  expect(people.sort()).toEqual(['dr.ivy no-device', 'np.hazel no-device']);
  expect(found.gaps.filter(({ account }) => account === 'WATCH').map(({ code }) => code)).toContain('hole');
});

it('somebody whose devices the homeserver did not hear of for a week is named, by the day', async () => {
  // Synapse writes down when it heard of a device some seconds after.
  await pollUntil('last seen', async () => (await later(8 * DAY_MS)).includes('dr.juniper not-seen'), {
    deadlineMs: 60_000,
  });
  expect(await later(6 * DAY_MS)).toEqual(['np.hazel no-device', 'dr.ivy no-device']);
});

it('both are alarms of the running service, days before, not only answers of a command', async () => {
  await ward.dev('kill', 'wardroom');
  await ward.dev('start', 'wardroom');
  await pollUntil(
    'the alarms',
    async () => (await alarms('oncall-unreachable')) === 1 && (await alarms('schedule-gap')) >= 1,
    {
      deadlineMs: 30_000,
    },
  );
});
