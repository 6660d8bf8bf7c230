/** What tells of health, care and its payment. The explicit list: one line each. */
import { conditions, everydaySpeech, payment, specialties, treatment } from '../../lexicon/health.ts';
import * as patterns from '../../lexicon/patterns.ts';
import { hiv, mentalHealth, minors, partnerViolence, reproductive, substanceUse } from '../../lexicon/sensitive.ts';
import type { Recogniser } from '../../recogniser.ts';
import { drugNames, drugStems } from './drug.ts';
import { form, words } from './words.ts';

export const healthRecognisers: readonly Recogniser[] = [
  words('condition', 'health', conditions),
  words('treatment', 'health', treatment),
  words('specialty', 'health', specialties),
  words('health', 'health', everydaySpeech),
  words('payment', 'health', payment),
  drugNames,
  drugStems,
  form('dose', 'health', patterns.DOSE),
  form('dose', 'health', patterns.HOW_OFTEN),
  form('lab', 'health', patterns.LAB_VALUE),
  form('lab', 'health', patterns.LAB_NAME),
  form('lab', 'health', patterns.BODY_UNIT),
  form('lab', 'health', patterns.PRESSURE),
  form('treatment', 'health', patterns.CT, { lower: false }),
  form('treatment', 'health', patterns.BED),
  form('icd-10', 'health', patterns.ICD10, { lower: false }),
  form('icd-10', 'health', patterns.ICD10_ANNOUNCED),
  form('cpt', 'health', patterns.CPT),
  form('payment', 'health', patterns.AMOUNT, { unless: /park|garage|valet/ }),
  words('sensitive-substance-use', 'sensitive', substanceUse),
  words('sensitive-hiv', 'sensitive', hiv),
  form('sensitive-hiv', 'sensitive', patterns.AIDS, { lower: false }),
  form('sensitive-hiv', 'sensitive', patterns.PREP, { lower: false }),
  words('sensitive-mental-health', 'sensitive', mentalHealth),
  words('sensitive-reproductive', 'sensitive', reproductive),
  words('sensitive-minors', 'sensitive', minors),
  form('sensitive-minors', 'sensitive', patterns.MINOR_AGE),
  words('sensitive-partner-violence', 'sensitive', partnerViolence),
];
