import type { Sample } from './corpus/generate.ts';
import type { Label } from './corpus/values.ts';
import type { Share } from './wilson.ts';

/** What any detector says of a text. `groups`: which labels it claims with it. */
export interface Claim {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
}

/** What a detector says of a text. `holds`: it would be kept from going out as it is. */
export interface Seen {
  readonly claims: readonly Claim[];
  readonly holds: boolean;
}

/** A detector under test. */
export interface Detector {
  readonly name: string;
  readonly look: (sample: Sample) => Seen | Promise<Seen>;
}

/** Labels that have a form of their own (target: recall of 0.95), and names (0.90). */
export const STRUCTURED: readonly Label[] = [
  'phone',
  'email',
  'ssn',
  'card',
  'npi',
  'dea',
  'mbi',
  'mrn',
  'plan',
  'account',
  'dob',
  'date',
  'age',
  'address',
  'city',
  'zip',
  'url',
  'ip',
  'vin',
  'plate',
  'udi',
  'serial',
];
export const NAMES: readonly Label[] = ['patient', 'turned', 'last', 'relative'];
export const HEALTH: readonly Label[] = ['drug', 'dose', 'condition', 'lab', 'icd', 'specialty', 'procedure'];
export const SENSITIVE: readonly Label[] = ['substance', 'hiv', 'mental', 'reproductive', 'minor', 'violence'];

/** Which of our rules speak of which labels: for precision. */
export const RULES_OF: Readonly<Partial<Record<Label, readonly string[]>>> = {
  phone: ['phone'],
  email: ['email'],
  ssn: ['ssn'],
  card: ['card'],
  npi: ['npi'],
  dea: ['dea'],
  mbi: ['mbi'],
  mrn: ['mrn'],
  plan: ['health-plan'],
  account: ['account'],
  dob: ['birth-date'],
  date: ['date'],
  age: ['age'],
  address: ['address'],
  city: ['place'],
  zip: ['zip'],
  url: ['url'],
  ip: ['ip'],
  vin: ['vin'],
  plate: ['plate'],
  udi: ['device'],
  serial: ['device'],
  patient: ['name', 'name-patient', 'name-other'],
  drug: ['drug'],
  dose: ['dose'],
  lab: ['lab'],
  icd: ['icd-10'],
};

export interface Score {
  readonly recall: ReadonlyMap<Label, Share>;
  /** Of the claims of a label's rules, those that lie on anything that had to be found. */
  readonly precision: ReadonlyMap<Label, Share>;
  readonly leaks: Share;
  readonly falseHolds: Share;
  readonly msPerText: number;
}

const touches = (one: { start: number; end: number }, other: { start: number; end: number }) =>
  one.start < other.end && other.start < one.end;

/** Looks at every text once, one after the other; the time is that of the texts with PHI. */
export async function score(detector: Detector, phi: readonly Sample[], clean: readonly Sample[]): Promise<Score> {
  const recall = new Map<Label, { hits: number; of: number }>();
  const precision = new Map<Label, { hits: number; of: number }>();
  const count = (map: typeof recall, label: Label, hit: boolean) => {
    const there = map.get(label) ?? { hits: 0, of: 0 };
    map.set(label, { hits: there.hits + (hit ? 1 : 0), of: there.of + 1 });
  };
  const began = performance.now();
  const seen: Seen[] = [];
  for (const sample of phi) seen.push(await detector.look(sample));
  const took = performance.now() - began;
  for (const [i, sample] of phi.entries()) {
    const claimed = seen[i]?.claims ?? [];
    for (const gold of sample.gold)
      count(
        recall,
        gold.label,
        claimed.some((claim) => touches(claim, gold)),
      );
    for (const [label, rules] of Object.entries(RULES_OF) as [Label, readonly string[]][])
      for (const claim of claimed)
        if (rules.includes(claim.rule))
          count(
            precision,
            label,
            sample.gold.some((gold) => touches(claim, gold)),
          );
  }
  let held = 0;
  for (const sample of clean) if ((await detector.look(sample)).holds) held += 1;
  return {
    recall,
    precision,
    leaks: { hits: seen.filter(({ holds }) => !holds).length, of: phi.length },
    falseHolds: { hits: held, of: clean.length },
    msPerText: took / phi.length,
  };
}

/** The shares of several labels together. */
export function together(shares: ReadonlyMap<Label, Share>, labels: readonly Label[]): Share {
  const some = labels.flatMap((label) => shares.get(label) ?? []);
  return { hits: some.reduce((sum, { hits }) => sum + hits, 0), of: some.reduce((sum, { of }) => sum + of, 0) };
}
