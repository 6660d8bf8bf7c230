import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { encryptedPerPlain } from './encryptedPerPlain.ts';
import type { Ratio } from './ratios.ts';
import { statLatencyPerPlain } from './statLatencyPerPlain.ts';
import { withWard } from './ward.ts';

/** Every benchmark: what it measures, and the bound it is held to. One line each. */
const benches = {
  stat_latency_per_plain: { run: statLatencyPerPlain, bound: 'at most 1.5' },
  encrypted_per_plain: { run: encryptedPerPlain, bound: 'at least 0.9' },
} as const;
type Name = keyof typeof benches;

const { values } = parseArgs({
  options: { json: { type: 'string' }, only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help || (values.only !== undefined && !(values.only in benches))) {
  process.stdout.write(`npm run bench [-- --json FILE] [-- --only NAME]\n\nNAME: ${Object.keys(benches).join(', ')}\n`);
  process.exit(values.help ? 0 : 2);
}

const names = (Object.keys(benches) as Name[]).filter((name) => values.only === undefined || name === values.only);
const ratios: Partial<Record<Name, Ratio>> = {};
const say = (line: string) => void process.stderr.write(`${line}\n`);
await withWard(async (ward) => {
  for (const name of names) {
    say(name);
    ratios[name] = await benches[name].run(ward, say);
  }
});
process.stdout.write(`${'ratio'.padEnd(26)} ${'value'.padStart(6)}  bound\n`);
for (const name of names)
  process.stdout.write(`${name.padEnd(26)} ${String(ratios[name]?.value).padStart(6)}  ${benches[name].bound}\n`);
if (values.json) writeFileSync(values.json, `${JSON.stringify({ ratios }, null, 2)}\n`);
process.exit(0);
