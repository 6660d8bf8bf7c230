import { CONSENTED, fine, no, type Rule } from '../rule.ts';

export const t07WayOut: Rule = {
  id: 'T7',
  cite: '47 CFR 64.1200(a)(10)',
  effective: '2025-04-11',
  source: 'FCC 24-24; the paragraph was not checked',
  confidence: 'secondary',
  says: 'Where answers are not heard, every text says how else to stop.',
  canBeOff: true,
  kinds: CONSENTED,
  channels: ['sms'],
  check: ({ request: { text } }) =>
    text === undefined || text.canBeAnswered || text.saysHowToStop
      ? fine
      : no('no-way-to-stop', 'Answers to this number are not heard, and the text does not say how else to stop.'),
};
