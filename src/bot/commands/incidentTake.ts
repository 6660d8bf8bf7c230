import { Phi } from '../../kernel/phi.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { factLines, incidentNamed, incidentNeeds, incidentReasons } from '../incidents.ts';

export const incidentTake: Command = {
  name: 'incident take',
  takes: ['ID', 'WHY...'],
  summary: 'takes over a draft that a rule opened: it becomes an incident',
  needs: incidentNeeds,
  examples: [{ say: 'incident take INC-8 Nobody knows this device', does: 'the reason is kept sealed' }],
  needsIdentity: true,
  reasons: incidentReasons,
  prepare(given, { incidents }) {
    const id = incidentNamed(given);
    const because = new Phi(given.all('WHY').join(' '));
    return id.ok ? ok((tx, order) => incidents.judgeDraft(tx, order, id.value, 'taken', because)) : id;
  },
  say: factLines,
};
