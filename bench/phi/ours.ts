import { classOf, detect } from '../../src/texts/index.ts';
import { knownOf } from './corpus/generate.ts';
import type { Detector } from './score.ts';

/** Our detector, with what is known of the practice, and with or without what is known of the patient. */
export const ours = (withPatient: boolean): Detector => ({
  name: withPatient ? 'wardroom, patient known' : 'wardroom, patient not known',
  look: ({ text, person }) => {
    const claims = detect(text, knownOf(person, withPatient));
    return { claims, holds: classOf(claims) === 'content' };
  },
});
