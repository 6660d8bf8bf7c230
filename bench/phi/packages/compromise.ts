import nlp from 'compromise';
import type { Detector } from '../score.ts';
import { kindly, located } from './peer.ts';

/** compromise 14.17.0, asked for people, places, telephones and e-mails, as in the field's own examples. */
export const compromise = (): Detector => ({
  name: 'compromise 14.17.0',
  look: (sample) => {
    const doc = nlp(sample.text);
    const asked = {
      people: doc.people().out('array'),
      places: doc.places().out('array'),
      phones: doc.phoneNumbers().out('array'),
      emails: doc.emails().out('array'),
    } as Record<string, string[]>;
    return kindly(
      Object.entries(asked).flatMap(([rule, found]) =>
        located(
          sample.text,
          found.map((text) => ({ text, rule })),
        ),
      ),
      sample,
    );
  },
});
