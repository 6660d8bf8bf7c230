import { lintRules } from './lint/index.ts';
import type { LintContext, Linted, LintFinding } from './lintRule.ts';
import { slotType } from './slots/index.ts';
import { partsOf, type Template } from './template.ts';

/** What is wrong with a template, errors first; no errors: it may be approved. A template whose braces cannot be read is judged no further. */
export function lint(template: Template, context: Partial<LintContext> = {}): readonly LintFinding[] {
  const given: LintContext = { practice: context.practice ?? null, linkHosts: context.linkHosts ?? [] };
  const parts = partsOf(template.body);
  if (parts === null)
    return [
      {
        code: 'body-malformed',
        severity: 'error',
        what: 'Its braces are not those of slots: {first_name}.',
        cite: '45 CFR 164.530(c)',
      },
    ];
  const slotContext = { language: template.language, linkHosts: given.linkHosts };
  const linted: Linted = {
    template,
    literal: parts.map((part) => ('slot' in part ? `{${part.slot}}` : part.text)).join(''),
    slots: parts.flatMap((part) => ('slot' in part ? [part.slot] : [])),
    longest: parts
      .map((part) => ('slot' in part ? (slotType(part.slot)?.longest(slotContext) ?? '') : part.text))
      .join(''),
  };
  const found = lintRules.flatMap(({ cite, check }) => check(linted, given).map((finding) => ({ ...finding, cite })));
  return [...found.filter(isError), ...found.filter((finding) => !isError(finding))];
}

export const isError = ({ severity }: Pick<LintFinding, 'severity'>): boolean => severity === 'error';
