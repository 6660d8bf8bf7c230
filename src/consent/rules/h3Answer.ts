import { type Context, fine, no, type Rule } from '../rule.ts';

const WITHIN_MS = 5 * 60_000;

const isAnswer = ({ request: { answers, at, sends = [] } }: Context): boolean =>
  answers !== undefined &&
  answers <= at &&
  at - answers <= WITHIN_MS &&
  !sends.some((send) => send.kind === 'keyword_answer' && send.at >= answers);

export const h3Answer: Rule = {
  id: 'H3',
  cite: '30 FCC Rcd 7961, para. 103',
  effective: '2015-07-10',
  source: 'FCC 15-72: one text in answer to a request; the paragraph was not checked',
  confidence: 'unverified',
  says: 'HELP and START are answered once and at once, whoever asks.',
  canBeOff: false,
  kinds: ['keyword_answer'],
  check: (context) =>
    isAnswer(context)
      ? fine
      : no('not-an-answer', 'This answers nothing that was asked in the last five minutes, or it was answered.'),
  basis: (context) => (isAnswer(context) ? [] : null),
};
