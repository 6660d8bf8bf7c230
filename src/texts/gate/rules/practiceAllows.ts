import { block, fine, type GateRule, rewrite } from '../gateRule.ts';

/** What the practice texts at all: health information only where it chose to. */
export const practiceAllows: GateRule = {
  name: 'texting-policy',
  regulation: '45 CFR 164.530(c), 164.522(b)',
  check: ({ policy, content }, contentClass) => {
    if (contentClass === null || policy.classes.includes(contentClass)) return fine;
    const what =
      contentClass === 'content'
        ? 'It holds health information or names somebody, and the practice does not text that.'
        : `The practice does not text ${contentClass}.`;
    return content.kind === 'free'
      ? rewrite('class-not-allowed', what, content.findings ?? [])
      : block('class-not-allowed', what);
  },
};
