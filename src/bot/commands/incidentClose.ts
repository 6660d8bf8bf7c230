import { Phi } from '../../kernel/phi.ts';
import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { factLines, incidentNamed, incidentNeeds, incidentReasons } from '../incidents.ts';

const DECISIONS = ['breach', 'low-probability'] as const;

export const incidentClose: Command = {
  name: 'incident close',
  takes: ['ID'],
  options: { decision: DECISIONS, because: 'TEXT', affected: 'NUMBER', notified: 'DATE' },
  summary: 'decides an incident, when all four factors are assessed; that it is no breach takes a second person',
  needs: `${incidentNeeds}; a code of a second person where it is no breach`,
  examples: [
    {
      say: 'incident close INC-7 --decision low-probability --because the device was locked and wiped within the hour',
      does: 'shows the assessment and gives the code that somebody else confirms',
    },
    {
      say: 'incident close INC-9 --decision breach --because the list was read --affected 12',
      does: 'decides it; the clock runs on until everybody was told',
    },
    {
      say: 'incident close INC-9 --decision breach --because letters of 4 December --notified 2026-12-04',
      does: 'closes it: --notified is the day on which the last of them was told (45 CFR 164.404)',
    },
  ],
  needsIdentity: true,
  reasons: incidentReasons,
  prepare(given, { incidents }) {
    const id = incidentNamed(given);
    if (!id.ok) return id;
    const decision = DECISIONS.find((one) => one === given.option('decision'));
    if (decision === undefined) return err({ argument: '--decision', why: 'missing', known: DECISIONS });
    const because = given.option('because');
    if (because === null) return err({ argument: '--because', why: 'missing' });
    const number = given.option('affected');
    if (number !== null && !/^\d{1,9}$/.test(number)) return err({ argument: '--affected' });
    const affected = number === null ? null : Number(number);
    const closing = { decision, because: new Phi(because), affected, notified: given.option('notified') };
    return ok((tx, order) => incidents.close(tx, order, id.value, closing));
  },
  say: (data) => [
    ...factLines(data),
    ...(data.state === 'breach'
      ? [
          ...(data.affected === null
            ? ['How many people it concerns is not known yet: say it with `--affected`.']
            : []),
          `Those whom it concerns have to be told; then: \`incident close ${String(data.incident)} --decision breach --notified DATE --because TEXT\``,
        ]
      : []),
  ],
  confirmed: {
    show(data) {
      const factors = Object.entries(data.factors as Readonly<Record<string, string>>);
      return [
        `Closing ${String(data.incident)} says that there is a low probability that the information was compromised, so that nobody has to be told (45 CFR 164.402(2)).`,
        `The assessment: ${factors.map(([name, level]) => `${name} ${level}`).join(', ')}. \`incident show ${String(data.incident)}\` has the reasons: read them before you confirm.`,
      ];
    },
    basis: (tx, plan, { incidents }) => incidents.closeBasis(tx, plan),
    apply: (tx, given, plan, { incidents }) => incidents.closeAsShown(tx, given, plan),
  },
};
