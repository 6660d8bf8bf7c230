/**
 * `npm run bench:phi`: what the detector finds of what it has to find, and what it keeps back without need, on generated texts (always the same for a
 * seed) whose templates its rules never saw, and on texts by hand; beside it the npm packages that are made for something like it.
 */
import { parseArgs } from 'node:util';
import { handmade, takenFor } from '../../test/texts/support.ts';
import { generate } from './corpus/generate.ts';
import { testClean, testPhi } from './corpus/testTemplates.ts';
import { labels } from './corpus/values.ts';
import { ours } from './ours.ts';
import { compromise } from './packages/compromise.ts';
import { openredaction } from './packages/openredaction.ts';
import { redactPii } from './packages/redactPii.ts';
import { wink } from './packages/wink.ts';
import { HEALTH, NAMES, SENSITIVE, STRUCTURED, score, together } from './score.ts';
import { type Share, share, wilson } from './wilson.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    each: { type: 'string', default: '30' },
    only: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
const [seed, each] = [Number(values.seed), Number(values.each)];
if (values.help || !Number.isSafeInteger(seed) || !Number.isSafeInteger(each) || each < 1) {
  process.stdout.write(
    'npm run bench:phi [-- --seed N] [-- --each TEXTS_OF_A_TEMPLATE] [-- --only]     (--only: without the other packages)\n',
  );
  process.exit(values.help ? 0 : 2);
}

const say = (line = '') => void process.stdout.write(`${line}\n`);
const phi = generate(testPhi, each, seed);
const clean = generate(testClean, each, seed + 1);
const number = (value: number) => (Number.isNaN(value) ? '    -' : value.toFixed(3));
const withInterval = (one: Share) =>
  `${number(share(one))} [${wilson(one)
    .map((bound) => bound.toFixed(3))
    .join(', ')}]`;

say(
  `${phi.length} texts with PHI of ${testPhi.length} templates, ${clean.length} clean ones of ${testClean.length}; seed ${seed}; found: any overlap`,
);
const known = await score(ours(true), phi, clean);
const unknown = await score(ours(false), phi, clean);
say();
say(
  `${'identifier'.padEnd(14)}${'n'.padStart(6)}  ${'recall, patient known [95 %]'.padEnd(30)}${'not known'.padEnd(11)}${'precision'.padEnd(11)}F1`,
);
for (const label of labels) {
  const found = known.recall.get(label);
  if (!found) continue;
  const right = known.precision.get(label);
  const [p, r] = [right ? share(right) : Number.NaN, share(found)];
  const f1 = (2 * p * r) / (p + r);
  say(
    `${label.padEnd(14)}${String(found.of).padStart(6)}  ${withInterval(found).padEnd(30)}${number(share(unknown.recall.get(label) ?? { hits: 0, of: 0 })).padEnd(11)}${number(p).padEnd(11)}${number(f1)}`,
  );
}
say();
say(
  `${'detector'.padEnd(28)}${'structured'.padEnd(12)}${'names'.padEnd(9)}${'health'.padEnd(9)}${'sensitive'.padEnd(11)}${'leaks/1000 PHI'.padEnd(16)}${'at false holds/1000 clean'.padEnd(27)}ms/text`,
);
const detectors = values.only
  ? [ours(true), ours(false)]
  : [ours(true), ours(false), openredaction(), redactPii(), compromise(), wink()];
for (const detector of detectors) {
  const one = await score(detector, phi, clean);
  const part = (of: Parameters<typeof together>[1]) => number(share(together(one.recall, of)));
  const thousand = (of: Share) => (share(of) * 1000).toFixed(0);
  say(
    `${detector.name.padEnd(28)}${part(STRUCTURED).padEnd(12)}${part(NAMES).padEnd(9)}${part(HEALTH).padEnd(9)}${part(SENSITIVE).padEnd(11)}${thousand(one.leaks).padEnd(16)}${thousand(one.falseHolds).padEnd(27)}${one.msPerText.toFixed(2)}`,
  );
}
const wrong = handmade.filter(({ expected, text }) => takenFor(text) !== expected);
say();
say(`by hand: ${handmade.length - wrong.length} of ${handmade.length} are taken for what they are`);
process.exit(0);
