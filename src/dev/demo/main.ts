import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkout } from '../checkout.ts';
import type { DevUp } from '../hospitalInfo.ts';
import { removeHospital } from '../removeHospital.ts';
import { AnsweringService } from './answeringService.ts';
import { wardroom } from './cli.ts';
import { playConsult } from './consultStory.ts';
import { printStay } from './stay.ts';
import { play } from './story.ts';
import { playTexting } from './textingStory.ts';
import { Timeline } from './timeline.ts';
import { WctpConsole } from './wctpConsole.ts';
import { playWctp } from './wctpStory.ts';

const usage = `npm run demo [-- --stay] [-- --channel http|wctp]

Starts an embedded hospital (PostgreSQL, Synapse, Wardroom), plays one STAT ticket from the call to the
acknowledgement with three clinicians on a real Matrix client, then checks that nothing leaked and that
the audit log holds. In a second act, two hospitals consult under an agreement, a role is revoked, a
message is taken back, a legal hold outlasts the clock, what is old is forgotten, and the agreement ends.
In a third, a patient texts: refused without consent, answered with it, health information held back and then
allowed, STOP obeyed. Exit 0 only if all of it held.

  --channel  how the answering service speaks: http (JSON and signed callbacks, the default) or wctp
  --stay     leave the hospital running and print how to log in`;

const { values } = parseArgs({
  options: {
    stay: { type: 'boolean' },
    channel: { type: 'string', default: 'http' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.channel !== 'http' && values.channel !== 'wctp') {
  process.stderr.write(`no such channel\n\n${usage}\n`);
  process.exit(2);
}
if (values.help) {
  process.stdout.write(`${usage}\n`);
  process.exit(0);
}

const parent = join(checkout, '.wardroom');
mkdirSync(parent, { recursive: true });
const dir = mkdtempSync(join(parent, 'demo-'));
const service = new AnsweringService();
const wctpConsole = new WctpConsole();
/** Fresh for each demonstration: nothing here is a secret that anybody keeps. */
const code = randomBytes(8).toString('hex');
let stays = false;
let cleaning: Promise<void> | null = null;

/** Nothing of a demonstration outlives it, however it ends. */
function cleanUp(): Promise<void> {
  cleaning ??= (async () => {
    await service.close().catch(() => undefined);
    await wctpConsole.close().catch(() => undefined);
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
  const speaks =
    values.channel === 'wctp'
      ? { senders: [{ id: 'harrier-ops', code }], wctp_url: await wctpConsole.listen() }
      : { callback_url: await service.listen() };
  const overlay = join(dir, 'demo.yaml');
  const settings = { services: { harrier: speaks }, dev: { domains: { 'riverbend.example': 'two' } } };
  writeFileSync(overlay, `${JSON.stringify(settings)}\n`, { mode: 0o600 });
  const data = fileURLToPath(new URL('./dispatch.yaml', import.meta.url));
  const hospitals = ['--hospitals', '2'];
  const up = await wardroom(['dev', 'up', '--json', ...hospitals, '--dir', dir, '--data', data, '--config', overlay]);
  if (up.code !== 0) throw new Error('the hospital did not start');
  const [hospital, neighbour] = (JSON.parse(up.stdout) as DevUp).hospitals;
  if (!hospital || !neighbour) throw new Error('the hospital did not say what it is');

  const timeline = new Timeline();
  const canary = `CNRY-${randomBytes(6).toString('hex')}`;
  if (values.channel === 'wctp') await playWctp({ hospital, console: wctpConsole, code, timeline, canary });
  else await play({ hospital, service, timeline, canary });
  await playConsult({ hospitals: [hospital, neighbour], dir, timeline });
  await playTexting({ hospital, timeline, canary: `CNRY-${randomBytes(6).toString('hex')}` });
  const failed = timeline.failed;
  process.stdout.write(failed === 0 ? '\nAll of it held.\n' : `\n${failed} did NOT hold.\n`);
  if (values.stay) {
    stays = true;
    printStay(hospital, dir);
  }
  return failed === 0 ? 0 : 1;
}
