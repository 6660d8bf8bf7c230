import { segmentsOf } from '../segments/segments.ts';
import { classOf } from './classOf.ts';
import { type GateReason, type GateRule, type Outcome, outcomes } from './gateRule.ts';
import { gateRules } from './rules/index.ts';
import type { JudgedClass, TextToJudge } from './textToJudge.ts';

/** What becomes of a text. */
export interface GateVerdict {
  readonly verdict: Outcome;
  readonly contentClass: JudgedClass;
  /** What goes out now: the text, or the notice in its stead; null: nothing does. */
  readonly send: string | null;
  /** In how many parts that goes out; 0: nothing does. */
  readonly parts: number;
  /** Everything that stands against the text as it is, the strictest first; empty: nothing. For its sender, and for the audit (no words of the text). */
  readonly reasons: readonly GateReason[];
}

/**
 * Whether a text goes out as it is. The strictest of all reasons counts; their order does not. What is not known means no: no class, no
 * consent, a rule that throws. A text that becomes the notice is judged again as that notice: where not even that is covered, it is blocked.
 */
export function judgeText(text: TextToJudge, rules: readonly GateRule[] = gateRules): GateVerdict {
  const contentClass = classOfText(text);
  const reasons = rules.flatMap((rule) => reasonsOf(rule, text, contentClass));
  const strictest = strictestOf(reasons);
  if (strictest !== 'rewrite')
    return verdict(strictest, contentClass, strictest === 'allow' ? text.text : null, reasons);
  if (text.notice === null) return verdict('block', contentClass, null, [...reasons, NO_NOTICE]);
  const asNotice = judgeText(
    {
      ...text,
      text: text.notice,
      notice: null,
      content: { kind: 'template', contentClass: 'notice', state: 'approved' },
    },
    rules,
  );
  return asNotice.verdict === 'allow'
    ? verdict('rewrite', contentClass, text.notice, reasons)
    : verdict('block', contentClass, null, [...reasons, ...asNotice.reasons]);
}

const NO_NOTICE: GateReason = {
  rule: 'notice',
  regulation: '45 CFR 164.530(c)',
  code: 'no-notice',
  outcome: 'block',
  what: 'There is no approved notice that could go out in its stead.',
  spans: [],
};

function classOfText({ content }: TextToJudge): JudgedClass {
  if (content.kind === 'template') return content.contentClass;
  return content.findings === null ? null : classOf(content.findings);
}

function reasonsOf(rule: GateRule, text: TextToJudge, contentClass: JudgedClass): GateReason[] {
  const { name, regulation } = rule;
  try {
    return rule.check(text, contentClass).map((breach) => ({
      ...breach,
      rule: name,
      regulation: breach.regulation ?? regulation,
      spans: (breach.spans ?? []).map(({ start, end, rule: of }) => ({ start, end, rule: of })),
    }));
  } catch {
    // Whatever went wrong: it could not be told that this may go out.
    const what = 'It could not be told whether this may go out.';
    return [{ code: 'rule-failed', outcome: 'block', rule: name, regulation, what, spans: [] }];
  }
}

function strictestOf(reasons: readonly GateReason[]): Outcome {
  const ranks = reasons.map(({ outcome }) => outcomes.indexOf(outcome));
  // What is none of them is as strict as the strictest.
  return ranks.includes(-1) ? 'block' : (outcomes[Math.max(0, ...ranks)] ?? 'block');
}

function verdict(
  outcome: Outcome,
  contentClass: JudgedClass,
  send: string | null,
  reasons: readonly GateReason[],
): GateVerdict {
  const sorted = [...reasons].sort(
    (a, b) =>
      outcomes.indexOf(b.outcome) - outcomes.indexOf(a.outcome) ||
      compare(a.rule, b.rule) ||
      compare(a.code, b.code) ||
      compare(a.what, b.what),
  );
  return {
    verdict: outcome,
    contentClass,
    send,
    parts: send === null ? 0 : segmentsOf(send).parts.length,
    reasons: sorted,
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
