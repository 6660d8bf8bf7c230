import { isDea, isNpi, isVin, luhn } from '../../../src/texts/detector/recognisers/structured/checks.ts';
import type { Person } from './people.ts';
import type { Chance } from './random.ts';

/** How each kind of thing is written, in the forms that people use. */
export type Write = (chance: Chance, person: Person) => string;

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const LETTERS = 'ABCDEFGHJKLMNPRSTUVWXYZ';
const letter = (chance: Chance, of = LETTERS) => of[chance.whole(0, of.length - 1)] ?? 'A';

/** Tries until the check digit fits. */
function until(make: () => string, fits: (text: string) => boolean): string {
  for (;;) {
    const text = make();
    if (fits(text)) return text;
  }
}

function phone(chance: Chance, digits: string): string {
  const [a, b, c] = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)];
  return chance.of([
    `${a}-${b}-${c}`,
    `(${a}) ${b}-${c}`,
    `${a}.${b}.${c}`,
    `${a}${b}${c}`,
    `+1 ${a} ${b} ${c}`,
    `1-${a}-${b}-${c}`,
    `+1${a}${b}${c}`,
    `${a} ${b} ${c}`,
  ]);
}

function day(chance: Chance, year: number, month: number, date: number, withYear: boolean): string {
  const name = MONTHS[month - 1] ?? 'May';
  const short = name.slice(0, 3);
  const y2 = String(year).slice(2);
  if (!withYear)
    return chance.of([
      `${month}/${date}`,
      `${name} ${date}`,
      `${short} ${date}`,
      `${short} ${date}${ordinal(date)}`,
      `${date} ${name}`,
      `${name} ${date}${ordinal(date)}`,
      chance.of(DAYS),
      `next ${chance.of(DAYS)}`,
      `${chance.of(DAYS).slice(0, 3)} ${month}/${date}`,
      'tomorrow',
      `${chance.of(['next', 'this'])} Tues 2pm`,
    ]);
  return chance.of([
    `${month}/${date}/${year}`,
    `${month}/${date}/${y2}`,
    `${month}-${date}-${year}`,
    `${name} ${date}, ${year}`,
    `${short} ${date} ${year}`,
    `${year}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`,
    `${date} ${short} ${year}`,
    `${month}.${date}.${y2}`,
    `${name} ${date}${ordinal(date)} ${year}`,
  ]);
}

const ordinal = (n: number) =>
  n % 10 === 1 && n !== 11 ? 'st' : n % 10 === 2 && n !== 12 ? 'nd' : n % 10 === 3 && n !== 13 ? 'rd' : 'th';

const STREETS = [
  'Maple',
  'Oak',
  'Willow',
  'Third',
  '5th',
  'Elm',
  'Washington',
  'Cedar Hill',
  'Lakeview',
  'Martin Luther King',
  'Sunset',
  'Orchard',
  'Mill',
  'Harbor',
  'Prospect',
];
const SUFFIXES = [
  'St',
  'Street',
  'Ave',
  'Avenue',
  'Rd',
  'Road',
  'Blvd',
  'Ln',
  'Lane',
  'Dr',
  'Drive',
  'Ct',
  'Way',
  'Pl',
  'Terrace',
  'Circle',
  'Pkwy',
];
const CITIES = [
  'Springfield',
  'Madison',
  'Burlington',
  'Oak Park',
  'Evanston',
  'Albany',
  'Fairview',
  'Yonkers',
  'San Mateo',
  'New Haven',
  'Rutland',
  'Cicero',
];
const STATES = ['IL', 'WI', 'VT', 'NY', 'CA', 'CT', 'TX', 'MA', 'OH', 'PA'];

export const values = {
  phone: (chance) =>
    phone(chance, `${chance.of(['212', '646', '917', '708', '415', '802', '262'])}555${chance.digits(4)}`),
  email: (chance, { first, last }) => {
    const name = bare(`${first}${chance.of(['.', '_', ''])}${last}${chance.isLucky(0.3) ? chance.digits(2) : ''}`);
    const host = chance.of(['mail.example', 'family.example', 'post.example.com', 'inbox.example.org']);
    return chance.isLucky(0.15) ? `${name} at ${host.replace('.', ' dot ')}` : `${name}@${host}`;
  },
  ssn: (chance) => {
    const [a, b, c] = [
      String(chance.whole(1, 665)).padStart(3, '0'),
      String(chance.whole(1, 99)).padStart(2, '0'),
      String(chance.whole(1, 9999)).padStart(4, '0'),
    ];
    return chance.of([`${a}-${b}-${c}`, `${a} ${b} ${c}`, `${a}${b}${c}`, `${a}.${b}.${c}`]);
  },
  card: (chance) => {
    const number = until(
      () => `${chance.of(['4', '51', '55', '6011'])}${chance.digits(14)}`.slice(0, 15) + chance.digits(1),
      luhn,
    );
    return chance.of([number, number.replace(/(\d{4})(?=\d)/g, '$1 '), number.replace(/(\d{4})(?=\d)/g, '$1-')]);
  },
  npi: (chance) => until(() => `1${chance.digits(9)}`, isNpi),
  dea: (chance) => until(() => `${chance.of(['A', 'B', 'F', 'M'])}${letter(chance)}${chance.digits(7)}`, isDea),
  mbi: (chance) => {
    const a = () => letter(chance, 'ACDEFGHJKMNPQRTUVWXY');
    const an = () => (chance.isLucky(0.5) ? a() : chance.digits(1));
    const [one, two, three] = [
      `${chance.whole(1, 9)}${a()}${an()}${chance.digits(1)}`,
      `${a()}${an()}${chance.digits(1)}`,
      `${a()}${a()}${chance.digits(2)}`,
    ];
    return chance.of([`${one}-${two}-${three}`, `${one}${two}${three}`]);
  },
  mrn: (chance, { mrn }) => chance.of([mrn, `${mrn.slice(0, 3)}-${mrn.slice(3)}`, `M${mrn}`]),
  plan: (chance) =>
    chance.of([
      `${letter(chance)}${letter(chance)}${letter(chance)}${chance.digits(9)}`,
      `W${chance.digits(8)}`,
      chance.digits(10),
    ]),
  account: (chance) =>
    chance.of([
      chance.digits(chance.whole(6, 10)),
      `${letter(chance)}${chance.digits(6)}`,
      `${chance.digits(4)}-${chance.digits(5)}`,
    ]),
  dob: (chance, { born }) => {
    const [year = 0, month = 0, date = 0] = born.split('-').map(Number);
    return day(chance, year, month, date, true);
  },
  date: (chance) => day(chance, 2026, chance.whole(1, 12), chance.whole(1, 28), chance.isLucky(0.4)),
  age: (chance) => {
    const age = chance.whole(90, 104);
    return chance.of([
      `${age} years old`,
      `${age} y/o`,
      `${age}yo`,
      `${age}-year-old`,
      `age ${age}`,
      `${age} yrs old`,
      `aged ${age}`,
    ]);
  },
  address: (chance) => {
    const street = `${chance.whole(1, 9999)} ${chance.isLucky(0.2) ? `${chance.of(['N', 'S', 'E', 'West', 'North'])} ` : ''}${chance.of(STREETS)} ${chance.of(SUFFIXES)}`;
    return `${street}${chance.isLucky(0.3) ? `${chance.of([', Apt ', ' #', ' apt ', ', Unit '])}${chance.whole(1, 40)}${chance.of(['', 'B'])}` : ''}`;
  },
  city: (chance) => `${chance.of(CITIES)}, ${chance.of(STATES)}`,
  zip: (chance) => {
    const zip = `${chance.whole(1, 9)}${chance.digits(4)}`;
    return chance.isLucky(0.2) ? `${zip}-${chance.digits(4)}` : zip;
  },
  url: (chance, { last }) =>
    chance.of([
      `https://results.example/p/${chance.digits(6)}`,
      `www.${bare(last)}family.example`,
      `http://bit.ly/${letter(chance)}${chance.digits(4)}x`,
      `facebook.com/${bare(last)}${chance.digits(2)}`,
    ]),
  ip: (chance) => `${chance.whole(11, 223)}.${chance.whole(0, 255)}.${chance.whole(0, 255)}.${chance.whole(1, 254)}`,
  vin: (chance) =>
    until(
      () =>
        Array.from({ length: 17 }, () =>
          chance.isLucky(0.5) ? letter(chance, 'ABCDEFGHJKLMNPRSTUVWXYZ') : chance.digits(1),
        ).join(''),
      isVin,
    ),
  plate: (chance) =>
    chance.of([
      `${letter(chance)}${letter(chance)}${letter(chance)}${chance.of(['-', ' ', ''])}${chance.digits(4)}`,
      `${chance.digits(1)}${letter(chance)}${letter(chance)}${letter(chance)}${chance.digits(3)}`,
    ]),
  udi: (chance) => `(01)${chance.digits(14)}(21)${letter(chance)}${chance.digits(6)}`,
  serial: (chance) => `${letter(chance)}${letter(chance)}${chance.digits(7)}`,
  patient: (_, { first, last }) => `${first} ${last}`,
  turned: (_, { first, last }) => `${last}, ${first}`,
  last: (_, { last }) => last,
  relative: (chance) =>
    chance.of([
      'Gianluca Ferrante',
      'Emily',
      'Marcus Webb',
      'Tomasz',
      'Priya Nair',
      'Robert',
      'Ines',
      'Yolanda Pruitt',
      'Kwame',
      'Hannah',
    ]),
  drug: (chance) =>
    chance.of([
      'lisinopril',
      'metformin',
      'atorvastatin',
      'Eliquis',
      'amoxicillin',
      'prednisone',
      'insulin glargine',
      'omeprazole',
      'warfarin',
      'pembrolizumab',
      'losartan',
      'azithromycin',
      'Ozempic',
      'dapagliflozin',
      'rituximab',
      'ceftriaxone',
      'apixaban',
    ]),
  dose: (chance) =>
    chance.of(['5 mg', '10mg', '500 mg twice daily', '2 tablets', '20 units', '1 tab bid', '0.5 mL', '2 puffs']),
  condition: (chance) =>
    chance.of([
      'diabetes',
      'high blood pressure',
      'asthma',
      'breast cancer',
      'pneumonia',
      'kidney stones',
      'a-fib',
      'rheumatoid arthritis',
      'migraines',
      'COPD',
      'a torn meniscus',
      'shingles',
      'anemia',
      'heart failure',
    ]),
  lab: (chance) =>
    chance.of([
      'A1c is 8.2',
      'potassium 5.9',
      'INR 3.4',
      'TSH was 6.1',
      'LDL 171',
      'creatinine 2.1',
      'blood pressure 168/95',
      'hemoglobin 8.9',
      'PSA 7.2',
      'glucose of 240',
    ]),
  icd: (chance) =>
    chance.of(['E11.9', 'I10', 'J45.909', 'C50.911', 'M54.5', 'N18.30', 'K21.9'].filter((code) => code.includes('.'))),
  specialty: (chance) =>
    chance.of([
      'oncology',
      'cardiology',
      'the dialysis unit',
      'urology',
      'gastroenterology',
      'neurology',
      'the pain clinic',
      'rheumatology',
    ]),
  procedure: (chance) =>
    chance.of([
      'colonoscopy',
      'knee replacement',
      'biopsy',
      'chemo',
      'MRI',
      'cardiac cath',
      'hernia repair',
      'stress test',
      'mammogram',
      'cataract surgery',
    ]),
  substance: (chance) =>
    chance.of([
      'methadone',
      'Suboxone',
      'alcohol treatment',
      'rehab',
      'opioid program',
      'drug screen',
      'relapse',
      'detox',
    ]),
  hiv: (chance) => chance.of(['HIV', 'viral load', 'CD4 count', 'Biktarvy', 'PrEP', 'antiretroviral']),
  mental: (chance) =>
    chance.of(['depression', 'bipolar', 'psychiatry', 'your therapist', 'anxiety', 'Zoloft', 'suicidal', 'PTSD']),
  reproductive: (chance) =>
    chance.of(['pregnancy', 'abortion', 'IUD', 'OB/GYN', 'miscarriage', 'chlamydia', 'birth control', 'prenatal']),
  minor: (chance) =>
    chance.of(['your son', 'your daughter', 'pediatric', '6-year-old', 'your child', '14 y/o', 'the baby']),
  violence: (chance) =>
    chance.of(['domestic violence', 'restraining order', "women's shelter", 'abusive', 'sexual assault', 'rape kit']),
} satisfies Record<string, Write>;

export type Label = keyof typeof values;
export const labels = Object.keys(values) as Label[];

function bare(text: string): string {
  return text
    .normalize('NFD')
    .replace(/[^\p{L}\p{N}._]/gu, '')
    .replace(/\p{M}/gu, '')
    .toLowerCase();
}
