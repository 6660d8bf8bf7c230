import type { ListedHold } from '../../flows/retention/holds.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { minuteOf } from '../times.ts';

export const holdList: Command = {
  name: 'hold list',
  takes: [],
  options: { all: true },
  summary: 'shows the legal holds in force; with --all those that ended, too',
  needs: 'an administrator, a privacy officer or a security officer',
  examples: [{ say: 'hold list', does: 'what each covers, why, by whom, until when' }],
  needsIdentity: false,
  prepare: (given, { holds }) => ok((tx) => holds.list(tx, given.has('all'))),
  say({ holds }) {
    const listed = holds as readonly ListedHold[];
    if (listed.length === 0) return ['There is no hold.'];
    return [
      {
        head: ['Hold', 'Covers', 'Reason', 'Placed', 'Until', 'State'],
        rows: listed.map((one) => [
          one.hold_id,
          Object.entries(one.covers)
            .map(([name, value]) => `${name} ${value}`)
            .join(', '),
          one.reason,
          `${minuteOf(one.placed_at)} by ${one.placed_by}`,
          one.until === null ? 'released' : minuteOf(one.until),
          one.state,
        ]),
      },
    ];
  },
};
