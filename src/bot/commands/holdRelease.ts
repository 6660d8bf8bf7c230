import type { ListedHold } from '../../flows/retention/holds.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { retentionReasons } from '../retention.ts';
import { shownAs } from '../shownAs.ts';

export const holdRelease: Command = {
  name: 'hold release',
  takes: ['ID'],
  summary: 'ends a legal hold: what it covers and is old enough is deleted at the next run',
  needs: 'a privacy officer or an administrator, and another one who confirms it',
  examples: [{ say: 'hold release HOLD-4821', does: 'shows what it covers and gives the code for another person' }],
  needsIdentity: false,
  reasons: retentionReasons,
  prepare: (given, { holds }) => ok((tx) => holds.release(tx, given.word('ID'))),
  say: ({ hold_id }) => [`\`${String(hold_id)}\` is released.`],
  confirmed: {
    show(data) {
      const { hold_id, covers, reason, placed_by } = shownAs<ListedHold>(data);
      const what = Object.entries(covers)
        .map(([name, value]) => `${name} ${value}`)
        .join(', ');
      return [
        `\`${hold_id}\` covers ${what}. ${placed_by} placed it: ${reason}`,
        'Released, it protects nothing any more.',
      ];
    },
    basis: (tx, plan, { holds }) => holds.releaseBasis(tx, plan),
    apply: (tx, given, plan, { holds }) => holds.releaseAsShown(tx, given, plan),
  },
};
