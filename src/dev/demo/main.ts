import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkout } from '../checkout.ts';
import type { DevUp, HospitalInfo } from '../hospitalInfo.ts';
import { removeHospital } from '../removeHospital.ts';
import { AnsweringService } from './answeringService.ts';
import { wardroom } from './cli.ts';
import { printStay } from './stay.ts';
import { play } from './story.ts';
import { Timeline } from './timeline.ts';

const usage = `npm run demo [-- --stay]

Starts an embedded hospital (PostgreSQL, Synapse, Wardroom), plays one STAT ticket from the call to the
acknowledgement with three clinicians on a real Matrix client, then checks that nothing leaked and that
the audit log holds. Exit 0 only if all of it held.

  --stay   leave the hospital running and print how to log in`;

const { values } = parseArgs({ options: { stay: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}

const parent = join(checkout, '.wardroom');
mkdirSync(parent, { recursive: true });
const dir = mkdtempSync(join(parent, 'demo-'));
const service = new AnsweringService();
let stays = false;
let cleaning: Promise<void> | null = null;

/** Nothing of a demonstration outlives it, however it ends. */
function cleanUp(): Promise<void> {
  cleaning ??= (async () => {
    await service.close().catch(() => undefined);
    if (stays) return;
    await removeHospital(dir);
  })();
  return cleaning;
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    process.stderr.write('\nstopping the hospital ...\n');
    stays = false;
    void cleanUp().finally(() => process.exit(code));
  });
}

try {
  process.exitCode = await demo();
} catch (error) {
  if (cleaning === null) {
    process.stderr.write(`the demonstration failed: ${error instanceof Error ? error.message : String(error)}\n`);
    const log = join(dir, 'logs');
    if (existsSync(log)) process.stderr.write(`(run it with --stay to keep the logs)\n`);
  }
  process.exitCode = 1;
} finally {
  await cleanUp();
}
// The clinicians' clients keep timers of their own.
process.exit();

async function demo(): Promise<number> {
  const callbackUrl = await service.listen();
  const overlay = join(dir, 'demo.yaml');
  writeFileSync(overlay, `services: {harrier: {callback_url: ${JSON.stringify(callbackUrl)}}}\n`);
  const data = fileURLToPath(new URL('./dispatch.yaml', import.meta.url));
  const up = await wardroom(['dev', 'up', '--json', '--dir', dir, '--data', data, '--config', overlay]);
  if (up.code !== 0) throw new Error('the hospital did not start');
  const hospital: HospitalInfo | undefined = (JSON.parse(up.stdout) as DevUp).hospitals[0];
  if (!hospital) throw new Error('the hospital did not say what it is');

  const timeline = new Timeline();
  await play({ hospital, service, timeline, canary: `CNRY-${randomBytes(6).toString('hex')}` });
  const failed = timeline.failed;
  process.stdout.write(failed === 0 ? '\nAll of it held.\n' : `\n${failed} did NOT hold.\n`);
  if (values.stay) {
    stays = true;
    printStay(hospital, dir);
  }
  return failed === 0 ? 0 : 1;
}
