import type { ShownPlan, ShownRun } from '../../flows/retention/retentionDesk.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { retentionReasons, shownPlan, shownReport } from '../retention.ts';
import { shownAs } from '../shownAs.ts';

export const retentionRun: Command = {
  name: 'retention run',
  takes: [],
  options: { 'dry-run': true },
  summary: 'deletes now what its time is over for; without it that is done every night',
  needs: 'an administrator or a privacy officer',
  examples: [
    { say: 'retention run --dry-run', does: 'says what would be deleted and what kept, and changes nothing' },
    { say: 'retention run', does: 'ends in a report: what was deleted, what is kept and why, what is left elsewhere' },
  ],
  needsIdentity: false,
  reasons: retentionReasons,
  prepare: (given, { retention }) =>
    ok((tx, order) => (given.has('dry-run') ? retention.plan() : retention.run(tx, order))),
  inBackground: true,
  finish: (data, { retention }) => (data.dry_run === true ? retention.finishPlan() : retention.finishRun(data)),
  say: (data) =>
    data.dry_run === true ? shownPlan(shownAs<ShownPlan>(data).rooms) : shownReport(shownAs<ShownRun>(data)),
};
