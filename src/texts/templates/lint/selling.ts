import { error, fine, type LintRule } from '../lintRule.ts';

const SELLS =
  /(?<![a-z])(?:\d+\s?% off|discount|special offer|limited time|promo|coupon|buy now|sale(?!s? tax)|free gift|win a|refer a friend|new service|act now|deal|oferta|descuento|promocion|gratis)(?![a-z])/i;

/** Whoever agreed to reminders did not agree to be sold something (47 CFR 64.1200(f)(9), (a)(9)(iv)(D)). */
export const selling: LintRule = {
  cite: '47 CFR 64.1200(a)(2), (a)(9)(iv)(D)',
  check: ({ template, literal }) =>
    template.contentClass !== 'marketing' && SELLS.test(literal)
      ? error('marketing', 'It sells something: its class is marketing, which takes written consent.')
      : fine,
};
