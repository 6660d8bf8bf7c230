/**
 * `npm test`: all tests, in two runs of jest side by side, or with arguments one run of what they name. The end-to-end tests that share a hospital run one
 * after the other and mostly wait for it; meanwhile the other run does the rest. Each has its own PostgreSQL and its own hospitals.
 */
import { spawn } from 'node:child_process';

/** End-to-end tests that start a hospital of their own, and so may run beside the others. */
const APART = ['pair', 'retention', 'timelines'];

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const ALWAYS = ['/node_modules/', '/.cache/'];
const ignoring = (...patterns) => ['--testPathIgnorePatterns', ...ALWAYS, ...patterns];

/** Runs jest; resolves to its exit code, and to what it printed where that was kept. */
const jest = (args, keeps) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...JEST, ...args], {
      stdio: ['inherit', keeps ? 'pipe' : 'inherit', keeps ? 'pipe' : 'inherit'],
    });
    const printed = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => printed.push(chunk));
    child.on('error', reject);
    child.on('exit', (code) => resolve({ code: code ?? 1, printed: Buffer.concat(printed).toString() }));
  });

const given = process.argv.slice(2);
if (given.length > 0) {
  process.exitCode = (await jest(given, false)).code;
} else {
  const apart = `test/e2e/(${APART.join('|')})\\.test\\.ts$`;
  const rest = jest(ignoring(`test/e2e/(?!(${APART.join('|')})\\.test\\.ts$)`), true);
  const shared = await jest([...ignoring(apart), '--testPathPatterns', 'test/e2e/'], false);
  const { code, printed } = await rest;
  process.stdout.write(`\nThe other run, beside the end-to-end tests of one hospital:\n\n${printed}`);
  const failed = [shared.code, code].filter((one) => one !== 0).length;
  process.stdout.write(failed === 0 ? '\nBoth runs passed.\n' : `\n${failed} of 2 runs failed.\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}
