import type { ShownStop } from '../../flows/texting/consentAnswers.ts';
import { err, ok } from '../../kernel/result.ts';
import { unknown } from '../arguments.ts';
import type { Command } from '../command.ts';
import { consentNeeds, consentReasons, evidenceGiven, shownStops } from '../consent.ts';

const decisions = ['confirmed', 'mistaken'] as const;

export const suppressReview: Command = {
  name: 'suppress review',
  takes: ['NUMBER', 'confirmed|mistaken'],
  options: { evidence: 'TEXT' },
  summary:
    'says of a telephone that was stopped in doubt whether it was meant so; it stays stopped, or what was agreed to counts again',
  needs: `${consentNeeds}; --evidence; and another one who confirms that it was mistaken`,
  examples: [
    {
      say: 'suppress review +17735550163 confirmed --evidence Rang them: no texts',
      does: 'it stays stopped, and waits for nobody',
    },
    {
      say: 'suppress review +17735550163 mistaken --evidence Asked us to stop by with the form',
      does: 'shows what stopped it and gives the code for another person',
    },
  ],
  needsIdentity: false,
  reasons: consentReasons,
  prepare(given, { suppressed }) {
    const typed = given.word('confirmed|mistaken').toLowerCase();
    const decision = decisions.find((one) => one === typed);
    if (decision === undefined) return err({ ...unknown('confirmed|mistaken', typed, decisions), known: decisions });
    const evidence = evidenceGiven(given);
    if (!evidence.ok) return evidence;
    return ok((tx, order) => suppressed.review(tx, order, given.word('NUMBER'), decision, evidence.value));
  },
  say: ({ number, decision, stopped }) => [
    decision === 'confirmed'
      ? `${String(number)} stays stopped; it was meant so.`
      : stopped === true
        ? `That was mistaken. ${String(number)} stays stopped for other reasons: \`suppress list\`.`
        : `That was mistaken. What was agreed to for ${String(number)} counts again.`,
  ],
  confirmed: {
    show: ({ number, stops, evidence }) => [
      `What stops ${String(number)}:`,
      ...shownStops(stops as readonly ShownStop[]),
      `It is said to be mistaken: “${String(evidence)}”. Then what was agreed to counts again.`,
    ],
    basis: (tx, plan, { suppressed }) => suppressed.basis(tx, plan),
    apply: (tx, given, plan, { suppressed }) => suppressed.reviewAsShown(tx, given, plan),
  },
};
