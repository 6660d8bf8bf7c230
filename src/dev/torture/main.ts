import { randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkout } from '../checkout.ts';
import { devUp } from '../commands.ts';
import { AnsweringService } from '../demo/answeringService.ts';
import { Person } from '../person.ts';
import { removeHospital } from '../removeHospital.ts';
import { holds, torture } from './torture.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '25' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
const kills = Number(values.kills);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (values.help || !Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
  process.stdout.write(
    'npm run torture [-- --kills N] [-- --seed S]\n\nKills Wardroom, its encryption engines, PostgreSQL and Synapse N times (25) while tickets arrive and people\nacknowledge. Exit 1 if anything was lost or doubled.\n',
  );
  process.exit(values.help ? 0 : 2);
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);
mkdirSync(join(checkout, '.wardroom'), { recursive: true });
const dir = mkdtempSync(join(checkout, '.wardroom', 'torture-'));
const receiver = new AnsweringService();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void removeHospital(dir).finally(() => process.exit(1)));
let code = 1;
try {
  const overlay = join(dir, 'callbacks.yaml');
  writeFileSync(overlay, `services: {harrier: {callback_url: "${await receiver.listen()}"}}\n`);
  const data = fileURLToPath(new URL('./dispatch.yaml', import.meta.url));
  const { hospitals } = await devUp({ dir, data, config: [overlay], tied: true, onProgress: say });
  const [hospital] = hospitals;
  if (!hospital) throw new Error('no hospital');
  receiver.trust(hospital.services[0]?.callback_secret ?? '');
  const logIn = (key: string) => {
    const one = hospital.people.find((person) => person.key === key);
    if (!one) throw new Error(`no ${key}`);
    return Person.logIn({
      url: hospital.homeserver_url,
      userId: one.user_id,
      password: one.password,
      recoveryKey: one.recovery_key,
    });
  };
  const [reader, answerer] = [await logIn('dr.hawthorn'), await logIn('dr.juniper')];
  say(`seed ${seed}`);
  const on = { dir, hospital, service: 'harrier', account: 'TORTURE', receiver, reader, answerer, kills, seed, say };
  const report = await torture(on);
  for (const [what, value] of Object.entries(report))
    process.stdout.write(
      `${what.padEnd(13)} ${Array.isArray(value) ? value.length : typeof value === 'object' ? JSON.stringify(value) : value}\n`,
    );
  for (const what of ['lost', 'doubled', 'unreadable', 'unheard', 'untold'] as const)
    for (const one of report[what].slice(0, 20)) process.stdout.write(`  ${what}: ${one}\n`);
  code = holds(report) ? 0 : 1;
  process.stdout.write(code === 0 ? 'nothing lost, nothing doubled\n' : 'THE PROMISE IS BROKEN\n');
} finally {
  await removeHospital(dir);
}
process.exit(code);
