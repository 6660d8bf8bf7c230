import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { withHospital } from '../temporaryHospital.ts';
import { overload } from './overload.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '120' }, help: { type: 'boolean', short: 'h' } },
});
const seconds = Number(values.seconds);
if (values.help || !(seconds > 0 && seconds <= 600)) {
  process.stdout.write(
    'npm run overload [-- --seconds N]\n\nOffers twice as many tickets as the homeserver takes for N seconds (120, at most 600), and counts. Exit 1 if anything was\nlost or doubled, or a STAT waited for ROUTINE.\n',
  );
  process.exit(values.help ? 0 : 2);
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const report = await withHospital(
  { name: 'overload', data: fileURLToPath(new URL('../torture/dispatch.yaml', import.meta.url)), say },
  (hospital) => overload({ hospital, service: 'harrier', account: 'TORTURE', seconds, say }),
);
for (const [what, value] of Object.entries(report))
  process.stdout.write(`${what.padEnd(17)} ${typeof value === 'object' ? JSON.stringify(value) : value}\n`);
const { lost, doubled, others, stat, routine } = report;
const holds = lost === 0 && doubled === 0 && Object.keys(others).length === 0 && stat.p95 < routine.p50;
process.stdout.write(holds ? 'nothing lost, nothing doubled, the urgent first\n' : 'THE PROMISE IS BROKEN\n');
process.exit(holds ? 0 : 1);
