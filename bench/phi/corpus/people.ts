import { allLocales } from '@faker-js/faker';
import { FIRST_NAMES } from '../../../src/texts/detector/names/firstNames.ts';
import { SURNAMES } from '../../../src/texts/detector/names/surnames.ts';
import type { Chance } from './random.ts';

/** Somebody invented. Half of all names are in none of the detector's lists: they come from other languages' data. */
export interface Person {
  readonly first: string;
  readonly last: string;
  readonly born: string;
  readonly mrn: string;
  readonly phone: string;
}

type Names = { generic?: string[]; female?: string[]; male?: string[] } | undefined;
const all = (names: Names) => [...(names?.generic ?? []), ...(names?.female ?? []), ...(names?.male ?? [])];
const bare = (name: string) => name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

const ELSEWHERE = [
  'de',
  'pl',
  'it',
  'fr',
  'tr',
  'nl',
  'cs_CZ',
  'hr',
  'fi',
  'ro',
  'en_IN',
  'en_NG',
  'yo_NG',
  'pt_BR',
] as const;
const foreign = ELSEWHERE.map((locale) => allLocales[locale].person).filter((person) => person !== undefined);
const written = (name: string) => /^\p{Script=Latin}{4,12}$/u.test(name);
const firstElsewhere = [...new Set(foreign.flatMap((person) => all(person.first_name as Names)))].filter(
  (name) => written(name) && !FIRST_NAMES.has(bare(name)),
);
const lastElsewhere = [...new Set(foreign.flatMap((person) => all(person.last_name as Names)))].filter(
  (name) => written(name) && !SURNAMES.has(bare(name)),
);
const firstHere = all(allLocales.en.person?.first_name as Names).filter(written);
const lastHere = all(allLocales.en.person?.last_name as Names).filter(written);

export function someone(chance: Chance): Person {
  const isListed = chance.isLucky(0.5);
  return {
    first: chance.of(isListed ? firstHere : firstElsewhere),
    last: chance.of(isListed ? lastHere : lastElsewhere),
    born: `${chance.whole(1936, 2003)}-${two(chance.whole(1, 12))}-${two(chance.whole(1, 28))}`,
    mrn: chance.digits(chance.whole(6, 9)),
    phone: `${chance.of(['212', '312', '415', '608', '773', '802'])}555${chance.of(['01'])}${chance.digits(2)}`,
  };
}

const two = (n: number) => String(n).padStart(2, '0');
