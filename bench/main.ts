import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { acceptPerCommit } from './acceptPerCommit.ts';
import { bigRoom } from './bigRoom.ts';
import { encryptedPerPlain } from './encryptedPerPlain.ts';
import { nextAlert } from './nextAlert.ts';
import { peer } from './peer.ts';
import type { Ratio } from './ratios.ts';
import { reconcileIdle } from './reconcileIdle.ts';
import { restart } from './restart.ts';
import { retentionPlan } from './retentionPlan.ts';
import { revoke } from './revoke.ts';
import { smppRate } from './smppRate.ts';
import { statLatencyPerPlain } from './statLatencyPerPlain.ts';
import { type BenchWard, withWard } from './ward.ts';
import { wctpPerJson } from './wctpPerJson.ts';

type Say = (line: string) => void;
interface Bench {
  readonly bound: string;
  /** In the hospital that they share, one after the other. */
  readonly run?: (ward: BenchWard, say: Say) => Promise<Ratio>;
  /** In a hospital of its own. */
  readonly alone?: (say: Say) => Promise<Ratio>;
}

/** Every benchmark: what it measures, and the bound it is held to. One line each. */
const benches: Readonly<Record<string, Bench>> = {
  stat_latency_per_plain: { run: statLatencyPerPlain, bound: 'at most 1.5' },
  encrypted_per_plain: { run: encryptedPerPlain, bound: 'at least 0.9' },
  peer: { run: peer, bound: 'at least 0.8' },
  accept_per_commit: { run: acceptPerCommit, bound: 'at least 0.5' },
  wctp_per_json: { run: wctpPerJson, bound: 'at least 0.8' },
  big_room: { alone: bigRoom, bound: 'at most 1.2' },
  restart: { alone: restart, bound: 'seconds, at most 5' },
  next_alert: { alone: nextAlert, bound: 'at most 1.2' },
  reconcile_idle: { alone: reconcileIdle, bound: 'at most 1.2' },
  revoke: { alone: revoke, bound: 'at most 2' },
  smpp_rate: { alone: smppRate, bound: 'at least 0.5' },
  retention_plan: { alone: retentionPlan, bound: 'at most 3' },
};

const { values } = parseArgs({
  options: { json: { type: 'string' }, only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help || (values.only !== undefined && !Object.hasOwn(benches, values.only))) {
  process.stdout.write(`npm run bench [-- --json FILE] [-- --only NAME]\n\nNAME: ${Object.keys(benches).join(', ')}\n`);
  process.exit(values.help ? 0 : 2);
}

const chosen = Object.entries(benches).filter(([name]) => values.only === undefined || name === values.only);
const ratios: Record<string, Ratio> = {};
const say: Say = (line) => void process.stderr.write(`${line}\n`);
const shared = chosen.flatMap(([name, { run }]) => (run ? [{ name, run }] : []));
if (shared.length > 0)
  await withWard(async (ward) => {
    for (const { name, run } of shared) {
      say(name);
      ratios[name] = await run(ward, say);
    }
  }, say);
for (const [name, { alone }] of chosen) {
  if (!alone) continue;
  say(name);
  ratios[name] = await alone(say);
}
process.stdout.write(`${'ratio'.padEnd(26)} ${'value'.padStart(6)}  bound\n`);
for (const [name, { bound }] of chosen) {
  process.stdout.write(`${name.padEnd(26)} ${String(ratios[name]?.value).padStart(6)}  ${bound}\n`);
  for (const [part, value] of Object.entries(ratios[name]?.parts ?? {}))
    process.stdout.write(`  ${part.padEnd(24)} ${String(value).padStart(6)}\n`);
}
if (values.json) writeFileSync(values.json, `${JSON.stringify({ ratios }, null, 2)}\n`);
process.exit(0);
