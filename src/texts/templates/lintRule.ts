import type { Template } from './template.ts';

/** What is wrong with a template. An error keeps it from being approved; a warning is shown to whoever approves it. */
export interface LintFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** For whoever wrote the template: what to change. */
  readonly what: string;
  /** What the rule serves. */
  readonly cite: string;
}

/** What a template is judged by beside itself. */
export interface LintContext {
  /** The practice's name as it would stand in `{practice}`, and its telephone; null: not known at this place. */
  readonly practice: string | null;
  readonly linkHosts: readonly string[];
}

/** A template as the rules see it. */
export interface Linted {
  readonly template: Template;
  /** The words between the slots; each slot is one space-bound `{name}`. */
  readonly literal: string;
  readonly slots: readonly string[];
  /** The text with the longest usual values. */
  readonly longest: string;
}

/** One thing that a template must be. Rules know nothing of each other. */
export interface LintRule {
  readonly cite: string;
  readonly check: (linted: Linted, context: LintContext) => readonly Omit<LintFinding, 'cite'>[];
}

export const fine: readonly Omit<LintFinding, 'cite'>[] = [];
export const error = (code: string, what: string) => [{ code, severity: 'error', what }] as const;
export const warning = (code: string, what: string) => [{ code, severity: 'warning', what }] as const;
