import { error, fine, type LintRule, warning } from '../lintRule.ts';

/** Who gets a text must see from whom, and how to reach them (47 CFR 64.1200(a)(9)(iv)(B)). */
export const sender: LintRule = {
  cite: '47 CFR 64.1200(a)(9)(iv)(B)',
  check: ({ literal, slots, template }, { practice }) => {
    if (template.contentClass === 'page') return fine;
    const named = slots.includes('practice') || (practice !== null && literal.includes(practice));
    return [
      ...(named ? fine : error('sender-missing', 'Does not say who sends it: put {practice} into it.')),
      ...(slots.includes('phone')
        ? fine
        : warning('contact-missing', 'Does not say where to call: put {phone} into it.')),
    ];
  },
};
