import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { trainingReasons } from '../training.ts';

export const termsList: Command = {
  name: 'terms list',
  takes: [],
  summary: 'shows the terms of use there are, and how many of whom they are asked have accepted them',
  needs: 'an administrator, a privacy officer or a security officer',
  examples: [{ say: 'terms list', does: '`policy set terms.NAME.version 2` asks everybody again' }],
  needsIdentity: false,
  reasons: trainingReasons,
  prepare: (_given, { training }) => ok((tx) => training.listTerms(tx)),
  say({ terms }) {
    const rows = (terms as readonly Record<string, unknown>[]).map((one) => [
      String(one.terms),
      String(one.title),
      String(one.version),
      `${String(one.accepted)} of ${String(one.asked)}`,
    ]);
    return rows.length === 0 ? ['There are no terms.'] : [{ head: ['Terms', 'Title', 'Version', 'Accepted'], rows }];
  },
};
