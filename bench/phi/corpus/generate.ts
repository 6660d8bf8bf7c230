import { type Known, nothingKnown } from '../../../src/texts/index.ts';
import { type Person, someone } from './people.ts';
import { Chance } from './random.ts';
import { type Label, values } from './values.ts';

export interface Gold {
  readonly start: number;
  readonly end: number;
  readonly label: Label;
}

export interface Sample {
  readonly text: string;
  readonly gold: readonly Gold[];
  /** What a reminder may hold: the first name, the day, and the practice's own things. */
  readonly harmless: readonly { readonly start: number; readonly end: number }[];
  readonly person: Person;
  /** The template's number: samples of one hang together. */
  readonly template: number;
}

const PRACTICE = {
  name: 'Lark Street Clinic',
  phone: '212-555-0100',
  host: 'lark.example',
  place: '12 Lark Street',
  doctor: 'Amsel',
};
const DAYS = ['Mon', 'Tuesday', 'Wed', 'Thursday', 'Friday'];

const own: Readonly<Record<string, (chance: Chance) => string>> = {
  ownPractice: () => PRACTICE.name,
  ownPhone: (chance) => chance.of([PRACTICE.phone, '(212) 555-0100', '212.555.0100']),
  ownPlace: () => PRACTICE.place,
  ownDoctor: () => PRACTICE.doctor,
  ownLink: () => `https://${PRACTICE.host}/forms`,
  ownDate: (chance) =>
    chance.of([
      `${chance.of(DAYS)} 12/${chance.whole(1, 28)}`,
      `Dec ${chance.whole(1, 28)}`,
      'tomorrow',
      chance.of(DAYS),
      `${chance.whole(1, 12)}/${chance.whole(1, 28)}/2026`,
      `next ${chance.of(['Tuesday', 'Friday'])}`,
    ]),
  ownTime: (chance) => chance.of(['2pm', '9:30 AM', '2:30 p.m.', '10', '14:15', 'noon']),
};

/** What is known of the practice, and, with `withPatient`, of the patient. */
export function knownOf({ first, last, born, mrn, phone }: Person, withPatient: boolean): Known {
  const practice: Known = {
    ...nothingKnown,
    ownPhones: [PRACTICE.phone],
    ownNames: [PRACTICE.name, PRACTICE.doctor],
    ownHosts: [PRACTICE.host],
    ownPlaces: [PRACTICE.place],
  };
  return withPatient ? { ...practice, names: [`${first} ${last}`], dates: [born], others: [mrn, phone] } : practice;
}

/** Texts from templates, as many of each, always the same for a seed. One of ten words has a slip, and so has one of ten names and terms. */
export function generate(templates: readonly string[], each: number, seed: number): readonly Sample[] {
  const chance = new Chance(seed);
  return templates.flatMap((template, number) =>
    Array.from({ length: each }, () => fill(template, number, someone(chance), chance)),
  );
}

const SLIPS: ReadonlySet<Label> = new Set([
  'patient',
  'last',
  'drug',
  'condition',
  'mental',
  'substance',
  'reproductive',
]);

function fill(template: string, number: number, person: Person, chance: Chance): Sample {
  const gold: Gold[] = [];
  const harmless: { start: number; end: number }[] = [];
  const add = (value: string) => {
    harmless.push({ start: text.length, end: text.length + value.length });
    text += value;
  };
  let text = '';
  const isSloppy = chance.isLucky(0.15);
  for (const piece of template.split(/(\{[a-zA-Z]+\})/)) {
    const slot = /^\{([a-zA-Z]+)\}$/.exec(piece)?.[1];
    if (slot === undefined) text += chance.isLucky(0.1) ? slip(piece, chance) : piece;
    else if (slot === 'first') add(person.first);
    else if (Object.hasOwn(own, slot)) add(own[slot]?.(chance) ?? '');
    else {
      const label = slot as Label;
      const value = values[label](chance, person);
      const written = SLIPS.has(label) && chance.isLucky(0.1) ? slip(value, chance) : value;
      gold.push({ start: text.length, end: text.length + written.length, label });
      text += written;
    }
  }
  // Some write without large letters.
  return { text: isSloppy ? lowered(text) : text, gold, harmless, person, template: number };
}

/** Only where no length changes. */
const lowered = (text: string) =>
  Array.from(text, (letter) => (letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter)).join(
    '',
  );

/** One slip of the pen in a word of six letters and more. */
function slip(text: string, chance: Chance): string {
  const words = [...text.matchAll(/[A-Za-z]{6,}/g)];
  if (words.length === 0) return text;
  const word = chance.of(words);
  const at = word.index + chance.whole(1, word[0].length - 2);
  const [a = '', b = ''] = [text[at], text[at + 1]];
  return chance.of([
    text.slice(0, at) + b + a + text.slice(at + 2),
    text.slice(0, at) + text.slice(at + 1),
    text.slice(0, at) + a + text.slice(at),
  ]);
}
