import { ok } from '../../kernel/result.ts';
import { officersNeed } from '../breakGlass.ts';
import type { Command } from '../command.ts';
import { minuteOf } from '../times.ts';

export const breakglassList: Command = {
  name: 'breakglass list',
  takes: [],
  options: { all: true },
  summary: 'shows emergency access that runs or that nobody has reviewed, with its reason',
  needs: officersNeed,
  examples: [
    { say: 'breakglass list', does: 'what is still to be looked at' },
    { say: 'breakglass list --all', does: 'the latest, reviewed or not' },
  ],
  needsIdentity: false,
  prepare: (given, { breakGlass }) => ok((tx) => breakGlass.list(tx, given.has('all'))),
  say({ uses }, words) {
    const all = uses as readonly Readonly<Record<string, unknown>>[];
    if (all.length === 0) return ['There is none.'];
    return [
      {
        head: ['Use', 'Who', 'Room', 'From', 'Until', 'Why', 'Reviewed'],
        rows: all.map(({ breakglass, user_id: user, room_id: room, from, until, ended, reviewed_by: by }) => [
          String(breakglass),
          String(user),
          String(room),
          minuteOf(String(from)),
          minuteOf(String(ended ?? until)),
          words[String(breakglass)] ?? '',
          by === null ? (ended === null ? 'RUNNING' : 'NOT REVIEWED') : String(by),
        ]),
      },
    ];
  },
};
