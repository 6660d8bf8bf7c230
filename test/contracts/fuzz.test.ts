import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPython } from '../../src/dev/pythonInstall.ts';
import { Ward } from '../e2e/support/ward.ts';

const schemathesis = {
  name: 'schemathesis',
  requirements: 'test/support/schemathesis/requirements.txt',
  module: 'schemathesis',
};
const hooks = fileURLToPath(new URL('../support/schemathesis/hooks.py', import.meta.url));
/** Of each operation, beside the cases that the document itself suggests. */
const EXAMPLES = 60;

let ward: Ward;
let dir: string;

beforeAll(async () => {
  ward = await Ward.open();
  dir = mkdtempSync(join(tmpdir(), 'wardroom-fuzz-'));
});
afterAll(async () => {
  await ward?.close();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

/** Everything that was asked and answered, as the fuzzer recorded it (HAR). */
interface Recorded {
  readonly request: { readonly url: string; readonly postData?: { readonly text?: string } };
  readonly response: { readonly status: number; readonly content: { readonly text?: string } };
}

/** @param expected statuses of answers to what fits the document, if others than usual */
async function fuzz(
  token: string,
  args: readonly string[],
  expected: readonly string[] = [],
): Promise<readonly Recorded[]> {
  const python = await installPython(schemathesis, () => undefined);
  const reports = mkdtempSync(join(dir, 'report-'));
  const accepted = `[checks.positive_data_acceptance]\nexpected-statuses = ${JSON.stringify(expected)}\n`;
  writeFileSync(join(dir, 'schemathesis.toml'), expected.length > 0 ? accepted : '');
  const seed = String(randomInt(2 ** 31));
  const child = spawn(
    join(dirname(python), 'schemathesis'),
    [
      'run',
      `${ward.hospital.api_url}/api/v1/openapi.json`,
      ...['--url', ward.hospital.api_url, '--workers', '1', '--checks', 'all', '--continue-on-failure'],
      ...['--header', `Authorization: Bearer ${token}`, '--phases', 'examples,coverage,fuzzing'],
      ...['--seed', seed, '--max-examples', String(EXAMPLES)],
      ...['--report', 'har', '--report-dir', reports, '--no-color', '--request-timeout', '30'],
      ...args,
    ],
    {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: hooks,
        FUZZ_ACCOUNT: 'QUIET',
        FUZZ_TICKET: await ward.post('QUIET'),
        FUZZ_USER: `@fuzz:${ward.hospital.server_name}`,
      },
    },
  );
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number>((resolve) => child.on('close', (status) => resolve(status ?? -1)));
  const said = Buffer.concat(chunks).toString('utf8').replaceAll(token, 'TOKEN');
  if (code !== 0) throw new Error(`seed ${seed}\n${said}`);
  const recorded = readdirSync(reports).flatMap((name) => {
    const { log } = JSON.parse(readFileSync(join(reports, name), 'utf8')) as { log: { entries: Recorded[] } };
    return log.entries;
  });
  return recorded;
}

/** Long enough not to be in an answer by chance. */
const words = (text: string): readonly string[] => text.match(/[\p{L}\p{N}]{12,}/gu) ?? [];

/** Words of requests in refusals of them. */
const leaksOf = (recorded: readonly Recorded[]): readonly string[] =>
  recorded.flatMap(({ request, response }) => {
    const answer = response.content.text ?? '';
    if (response.status < 400) return [];
    return [...words(request.postData?.text ?? ''), ...words(decodeURIComponent(new URL(request.url).search))].filter(
      (word) => answer.includes(word),
    );
  });

const statusesOf = (recorded: readonly Recorded[]): readonly number[] => [
  ...new Set(recorded.map(({ response }) => response.status)),
];

const ROLES = '^/api/v1/roles';

describe('the HTTP surface under a fuzzer that nobody here wrote', () => {
  it('answers only what its own OpenAPI document says, never with an error of its own, and never with a value that was sent', async () => {
    const recorded = await fuzz(ward.service('nightjar').token, ['--exclude-path-regex', ROLES]);
    expect(recorded.length).toBeGreaterThan(200);
    // Otherwise nothing was tried.
    for (const status of [200, 202, 401, 403, 404, 405, 415, 422]) expect(statusesOf(recorded)).toContain(status);
    // Of a ticket that there is.
    const told = recorded.filter(
      ({ request, response }) => /tkt_.*\/events$/.test(request.url) && response.status < 400,
    );
    expect(told.length).toBeGreaterThan(0);
    expect(leaksOf(recorded)).toEqual([]);
  });

  it('does so for roles, too', async () => {
    // Which roles there are the document does not say, so that much that fits it is refused.
    const expected = ['2xx', '401', '404', '422'];
    const token = ward.hospital.roles_api_token ?? '';
    const recorded = await fuzz(token, ['--include-path-regex', ROLES], expected);
    for (const status of [200, 401, 405, 415, 422]) expect(statusesOf(recorded)).toContain(status);
    // What is right does what it says in rolesApi.test.ts; a fuzzer may find no list that is.
    for (const path of [/roles\/import/, /roles\/[^/?]/])
      expect(recorded.filter(({ request }) => path.test(request.url)).length).toBeGreaterThan(0);
    expect(leaksOf(recorded)).toEqual([]);
  });
});
