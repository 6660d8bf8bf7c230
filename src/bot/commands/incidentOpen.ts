import { Phi } from '../../kernel/phi.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { factLines, factOptions, factsIn, incidentNeeds, incidentReasons } from '../incidents.ts';

export const incidentOpen: Command = {
  name: 'incident open',
  takes: ['WHAT...'],
  options: factOptions,
  summary: 'opens the worksheet of an incident; its 60 days count from the day of its discovery',
  needs: incidentNeeds,
  examples: [
    {
      say: 'incident open A phone with pages was left in a taxi --discovered 2026-11-20 --room 4 West 2 --user @amsel:marlow.example',
      does: 'what happened is kept sealed; rooms and people say who could have read what',
    },
    {
      say: 'incident open "Pages went to the wrong group" --room Consult 12 --room Consult 14 --from 2026-11-20T08:00Z --until 2026-11-20T19:00Z',
      does: 'when it happened narrows down who could have read it; without --discovered it is today',
    },
  ],
  needsIdentity: true,
  reasons: incidentReasons,
  prepare(given, api) {
    const facts = factsIn(given, api);
    const text = new Phi(given.all('WHAT').join(' '));
    return facts.ok ? ok((tx, order) => api.incidents.open(tx, order, text, facts.value)) : facts;
  },
  say: (data) => [
    ...factLines(data),
    ...((data.rooms as readonly string[]).length === 0
      ? []
      : [
          `What was said there goes on being deleted when its time comes: \`hold place\` for each of these rooms keeps it.`,
        ]),
    `\`incident note ${String(data.incident)}\` adds to it, \`incident show ${String(data.incident)}\` shows who could have read it.`,
  ],
};
