import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { clockOf, incidentNeeds, incidentReasons, STATES } from '../incidents.ts';

export const incidentList: Command = {
  name: 'incident list',
  takes: [],
  options: { all: true },
  summary: 'shows the incidents whose clock runs, the most urgent first, and the drafts that rules opened',
  needs: incidentNeeds,
  examples: [
    { say: 'incident list', does: 'what somebody has to do something about' },
    { say: 'incident list --all', does: 'the latest, with those that are closed or dismissed' },
  ],
  needsIdentity: false,
  reasons: incidentReasons,
  prepare: (given, { incidents }) => ok((tx) => incidents.list(tx, given.has('all'))),
  say(data) {
    const incidents = data.incidents as readonly Readonly<Record<string, unknown>>[];
    if (incidents.length === 0) return ['There is none.'];
    return [
      {
        head: ['Incident', 'State', 'Discovered', '60 days', 'Assessed', 'Found by a rule'],
        rows: incidents.map((one) => [
          String(one.incident),
          STATES[String(one.state)] ?? String(one.state),
          String(one.discovered),
          clockOf(one),
          `${4 - (one.missing as readonly string[]).length} of 4`,
          one.about === null ? '' : String(one.about),
        ]),
      },
    ];
  },
};
