import { generate } from '../../bench/phi/corpus/generate.ts';
import { testClean, testPhi } from '../../bench/phi/corpus/testTemplates.ts';
import { trainClean, trainPhi } from '../../bench/phi/corpus/trainTemplates.ts';
import { ours } from '../../bench/phi/ours.ts';
import { NAMES, SENSITIVE, STRUCTURED, score, together } from '../../bench/phi/score.ts';
import { share } from '../../bench/phi/wilson.ts';

/**
 * The targets, held on templates that the rules were not made with. When one is missed, look at the figures by identifier
 * (`npm run bench:phi`) and make rules for the kind of thing, with the templates of `trainTemplates.ts`; do not look at which texts were missed.
 */
const phi = generate(testPhi, 20, 41);
const clean = generate(testClean, 20, 42);
const known = await score(ours(true), phi, clean);
const unknown = await score(ours(false), phi, clean);

describe('on templates that its rules never saw, the detector', () => {
  it('finds 95 of 100 identifiers that have a form', () => {
    expect(share(together(known.recall, STRUCTURED))).toBeGreaterThanOrEqual(0.95);
    expect(share(together(unknown.recall, STRUCTURED))).toBeGreaterThanOrEqual(0.95);
  });

  it('finds 90 of 100 names with what is known of the patient, and without', () => {
    expect(share(together(known.recall, NAMES))).toBeGreaterThanOrEqual(0.9);
    expect(share(together(unknown.recall, NAMES))).toBeGreaterThanOrEqual(0.9);
  });

  it('finds 95 of 100 words of what never goes by text', () => {
    expect(share(together(known.recall, SENSITIVE))).toBeGreaterThanOrEqual(0.95);
  });

  it('keeps back 2 of 100 clean texts at most', () => {
    expect(share(known.falseHolds)).toBeLessThanOrEqual(0.02);
    expect(share(unknown.falseHolds)).toBeLessThanOrEqual(0.02);
  });

  it('lets 2 of 100 texts with health information through at most', () => {
    expect(share(known.leaks)).toBeLessThanOrEqual(0.02);
    expect(share(unknown.leaks)).toBeLessThanOrEqual(0.02);
  });
});

describe('the corpus', () => {
  it('has sixty templates and more, and none is in both halves', () => {
    expect(trainPhi.length + testPhi.length).toBeGreaterThanOrEqual(60);
    const train = new Set([...trainPhi, ...trainClean]);
    expect([...testPhi, ...testClean].filter((template) => train.has(template))).toEqual([]);
  });

  it('is the same for a seed, and marks what it wrote where it wrote it', () => {
    expect(generate(testPhi, 20, 41)).toEqual(phi);
    expect(generate(testPhi, 20, 43)).not.toEqual(phi);
    for (const { text, gold } of phi)
      for (const { start, end } of gold) expect(text.slice(start, end).trim()).toBe(text.slice(start, end));
  });
});
