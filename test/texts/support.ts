import { readFileSync } from 'node:fs';
import { classOf, detect, type Known, nothingKnown } from '../../src/texts/index.ts';

/** What is known where a text of the fixture is written. */
export const known: Known = {
  ...nothingKnown,
  names: ['Rosa Maria Delgado'],
  dates: ['1961-03-04'],
  others: ['4471902', '212-555-0142'],
  ownPhones: ['+12125550100'],
  ownNames: ['Lark Street Clinic', 'Amsel'],
  ownHosts: ['lark.example'],
  ownPlaces: ['12 Lark Street'],
};

export interface Handmade {
  readonly expected: string;
  readonly text: string;
}

/** The texts that were written by hand to get past the detector, or to be held without need. */
export const handmade: readonly Handmade[] = read('adversarial.txt');

/** Sentences as staff write them, `phi` and `clean`. */
export const everyday: readonly Handmade[] = read('everyday.txt');

function read(name: string): readonly Handmade[] {
  return readFileSync(new URL(`../fixtures/texts/${name}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [expected = '', text = ''] = line.split('\t');
      const written = text.replace(/\\u\{([0-9a-f]+)\}/g, (_, code: string) =>
        String.fromCodePoint(Number.parseInt(code, 16)),
      );
      return { expected, text: written };
    });
}

/** What a text is taken for. */
export function takenFor(text: string, about: Known = known): string {
  const findings = detect(text, about);
  return findings.some(({ kind }) => kind === 'sensitive') ? 'sensitive' : classOf(findings);
}
