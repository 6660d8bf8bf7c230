import { Phi } from '../../kernel/phi.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { incidentNamed, incidentNeeds, incidentReasons } from '../incidents.ts';

export const incidentDismiss: Command = {
  name: 'incident dismiss',
  takes: ['ID', 'WHY...'],
  summary: 'ends a draft that a rule opened, because it is no incident',
  needs: incidentNeeds,
  examples: [{ say: 'incident dismiss INC-8 My new phone, verified an hour later', does: 'the reason is kept sealed' }],
  needsIdentity: true,
  reasons: incidentReasons,
  prepare(given, { incidents }) {
    const id = incidentNamed(given);
    const because = new Phi(given.all('WHY').join(' '));
    return id.ok ? ok((tx, order) => incidents.judgeDraft(tx, order, id.value, 'dismissed', because)) : id;
  },
  say: ({ incident }) => [
    `${String(incident)} is dismissed. The same rule opens no other draft about the same person today.`,
  ],
};
