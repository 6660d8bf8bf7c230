import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { factLines, incidentNamed, incidentNeeds, incidentReasons, notificationTable } from '../incidents.ts';
import type { Piece, Words } from '../render.ts';
import { minuteOf } from '../times.ts';

type Data = Readonly<Record<string, unknown>>;

export const incidentShow: Command = {
  name: 'incident show',
  takes: ['ID'],
  summary:
    'shows an incident: the facts, the assessment, all that was written, and who could have read what was said in its rooms',
  needs: incidentNeeds,
  examples: [
    {
      say: 'incident show INC-7',
      does: 'who could have read it is by the record of members and by whose devices got keys',
    },
  ],
  needsIdentity: true,
  reasons: incidentReasons,
  prepare(given, { worksheets }) {
    const id = incidentNamed(given);
    return id.ok ? ok((tx, order) => worksheets.show(tx, order, id.value)) : id;
  },
  say: (data, words) => [
    ...factLines(data),
    timeline(data, words),
    ...(data.readers as readonly Data[]).flatMap(readersOf),
    notificationTable(data),
  ],
};

const timeline = (data: Data, words: Words): Piece => ({
  head: ['When', 'Who', 'What', ''],
  rows: (data.entries as readonly Data[]).map((entry) => [
    minuteOf(String(entry.at)),
    String(entry.by),
    whatOf(entry),
    words[String(entry.number)] ?? '',
  ]),
});

function whatOf({ type, factor, level, decision, of, notified }: Data): string {
  switch (type) {
    case 'assessed':
      return `${String(factor)}: ${String(level)}`;
    case 'proposed':
    case 'decided':
    case 'closed':
      return `${String(type)}: ${String(decision)}${notified == null ? '' : `, told by ${String(notified)}`}`;
    case 'told':
      return of === 'draft' ? 'officers told' : `officers reminded (${String(of)} days)`;
    default:
      return String(type);
  }
}

function readersOf({ room_id, name, people, more_people, servers, later_too }: Data): readonly Piece[] {
  const rows = (people as readonly Data[]).map(({ user_id, member, devices }) => [
    String(user_id),
    member === true ? 'member' : 'got keys, no member on record',
    Number(devices) === 0 ? 'no key of Wardroom’s own messages' : `keys on ${String(devices)} devices`,
  ]);
  return [
    `Could have read ${name === null ? `\`${String(room_id)}\`` : `${String(name)} (\`${String(room_id)}\`)`}:`,
    { head: ['Person', 'How', 'Devices'], rows },
    ...(Number(more_people) > 0 ? [`And ${String(more_people)} more: the export has all.`] : []),
    `Servers with an encrypted copy: ${(servers as readonly string[]).join(', ') || 'none on record'}.`,
    ...(later_too === true ? ['Whoever came in later could read what was said before, too.'] : []),
  ];
}
