import { kinds } from '../request.ts';
import { fine, no, type Rule } from '../rule.ts';

export const h2Readable: Rule = {
  id: 'H2',
  cite: '45 CFR 164.316(b)(1), 164.530(c)',
  effective: '2013-03-26',
  source: 'This house',
  confidence: 'ours',
  says: 'A record of consent that cannot be read whole allows nothing: what is lost might be a stop.',
  canBeOff: false,
  kinds,
  check: ({ consent }) =>
    consent.unreadable === 0
      ? fine
      : no('record-unreadable', 'Part of the record of consent cannot be read. Nothing leaves until it can.'),
};
