import type { RetentionReport } from '../../flows/retention/report.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { retentionReasons, shownReport } from '../retention.ts';

export const retentionRun: Command = {
  name: 'retention run',
  takes: [],
  summary: 'deletes now what its time is over for; without it that is done every night',
  needs: 'an administrator or a privacy officer',
  examples: [
    { say: 'retention run', does: 'ends in a report: what was deleted, what is kept and why, what is left elsewhere' },
  ],
  needsIdentity: false,
  reasons: retentionReasons,
  prepare: (_given, { retention }) => ok((tx, order) => retention.run(tx, order)),
  inBackground: true,
  finish: (data, { retention }) => retention.finishRun(data),
  say: (data) => shownReport(data as unknown as RetentionReport),
};
