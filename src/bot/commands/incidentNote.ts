import { Phi } from '../../kernel/phi.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { factLines, factOptions, factsIn, incidentNamed, incidentNeeds, incidentReasons } from '../incidents.ts';

export const incidentNote: Command = {
  name: 'incident note',
  takes: ['ID', 'WHAT...'],
  options: factOptions,
  summary: 'adds what was found out, rooms, people or days to an incident; nothing is ever changed or taken out',
  needs: incidentNeeds,
  examples: [
    { say: 'incident note INC-7 The driver handed it in, still locked', does: 'adds a text, sealed' },
    {
      say: 'incident note INC-7 It was missed a day earlier --discovered 2026-11-19 --user @brandt:marlow.example',
      does: 'corrects the day from which the 60 days count, and adds a person',
    },
  ],
  needsIdentity: true,
  reasons: incidentReasons,
  prepare(given, api) {
    const id = incidentNamed(given);
    if (!id.ok) return id;
    const facts = factsIn(given, api);
    const text = new Phi(given.all('WHAT').join(' '));
    return facts.ok ? ok((tx, order) => api.incidents.note(tx, order, id.value, text, facts.value)) : facts;
  },
  say: (data) => ['The note is on file.', ...factLines(data)],
};
