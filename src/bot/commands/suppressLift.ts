import type { ShownStop } from '../../flows/texting/consentAnswers.ts';
import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { consentNeeds, consentReasons, evidenceGiven, liftingMethods, shownStops } from '../consent.ts';

export const suppressLift: Command = {
  name: 'suppress lift',
  takes: ['NUMBER'],
  options: { method: liftingMethods, evidence: 'TEXT' },
  summary: 'lets texts to a stopped telephone go again because its holder told staff so; simpler: they text START',
  needs: `${consentNeeds}; --method, --evidence; and another one who confirms it`,
  examples: [
    {
      say: 'suppress lift +17735550163 --method in_person --evidence New owner of the number, form 12',
      does: 'shows what stops it and gives the code for another person',
    },
  ],
  needsIdentity: false,
  reasons: consentReasons,
  prepare(given, { suppressed }) {
    const method = liftingMethods.find((one) => one === given.option('method'));
    if (method === undefined) return err({ argument: '--method', why: 'missing', known: liftingMethods });
    const evidence = evidenceGiven(given);
    if (!evidence.ok) return evidence;
    return ok((tx, order) => suppressed.lift(tx, order, given.word('NUMBER'), method, evidence.value));
  },
  say: ({ number, was_reassigned: wasReassigned }) => [
    wasReassigned === true
      ? `${String(number)} is not stopped any more. What was agreed to before it was reported to be another person’s stays void: record a consent.`
      : `${String(number)} is not stopped any more: what was agreed to counts again.`,
  ],
  confirmed: {
    show: ({ number, stops, evidence }) => [
      `What stops ${String(number)}:`,
      ...shownStops(stops as readonly ShownStop[]),
      `Its holder is said to want texts again: “${String(evidence)}”.`,
    ],
    basis: (tx, plan, { suppressed }) => suppressed.basis(tx, plan),
    apply: (tx, given, plan, { suppressed }) => suppressed.liftAsShown(tx, given, plan),
  },
};
