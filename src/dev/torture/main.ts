import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AnsweringService } from '../demo/answeringService.ts';
import { Person } from '../person.ts';
import { withHospital } from '../temporaryHospital.ts';
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
const receiver = new AnsweringService();
const callbackUrl = await receiver.listen();
const report = await withHospital(
  {
    name: 'torture',
    data: fileURLToPath(new URL('./dispatch.yaml', import.meta.url)),
    async prepare(dir) {
      const overlay = join(dir, 'callbacks.yaml');
      writeFileSync(overlay, `services: {harrier: {callback_url: "${callbackUrl}"}}\n`);
      return [overlay];
    },
    say,
  },
  async (hospital, dir) => {
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
    return torture({
      dir,
      hospital,
      service: 'harrier',
      account: 'TORTURE',
      receiver,
      reader,
      answerer,
      kills,
      seed,
      say,
    });
  },
);
for (const [what, value] of Object.entries(report))
  process.stdout.write(
    `${what.padEnd(13)} ${Array.isArray(value) ? value.length : typeof value === 'object' ? JSON.stringify(value) : value}\n`,
  );
for (const what of ['lost', 'doubled', 'unreadable', 'unheard', 'untold'] as const)
  for (const one of report[what].slice(0, 20)) process.stdout.write(`  ${what}: ${one}\n`);
process.stdout.write(holds(report) ? 'nothing lost, nothing doubled\n' : 'THE PROMISE IS BROKEN\n');
process.exit(holds(report) ? 0 : 1);
