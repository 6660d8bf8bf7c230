import { block, fine, type GateRule } from '../gateRule.ts';

/** A template goes out in the words that somebody approved. */
export const approvedTemplate: GateRule = {
  name: 'approved-template',
  regulation: '45 CFR 164.530(c)',
  check: ({ content }) =>
    content.kind === 'template' && content.state !== 'approved'
      ? block('template-not-approved', 'This version of the template is not approved.')
      : fine,
};
