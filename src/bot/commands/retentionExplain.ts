import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { DIRECT_CLASS, eventNamed, RULES, retentionReasons } from '../retention.ts';
import { lasting, minuteOf } from '../times.ts';

export const retentionExplain: Command = {
  name: 'retention explain',
  takes: ['EVENT'],
  summary: 'says which rule keeps or deletes a message, and when its time is over',
  needs: 'an administrator or a privacy officer',
  examples: [{ say: 'retention explain $abcdef', does: 'takes an event id, or a link to the message' }],
  needsIdentity: false,
  reasons: retentionReasons,
  prepare(given, { retention }) {
    const event = eventNamed(given.word('EVENT'));
    return event.ok ? ok((tx) => retention.explain(tx, event.value)) : event;
  },
  say({ decision, winner, holds, class: roomClass, at, age_ms, until, gone }) {
    const named = (holds as readonly string[]).map((id) => `\`${id}\``).join(', ');
    return [
      `${decision === 'delete' ? 'To be deleted' : 'Kept'}: ${RULES[String(winner)] ?? String(winner)}${named === '' ? '' : ` (${named})`}.`,
      `${roomClass === DIRECT_CLASS ? 'A room of Wardroom and one person' : `Class ${String(roomClass)}`}; it came ${minuteOf(String(at))}, ${lasting(Number(age_ms) / 1000)} ago.${until === null ? '' : ` By age alone its time is over ${minuteOf(String(until))}.`}`,
      ...(gone === null ? [] : [`It is gone already (${String(gone)}).`]),
    ];
  },
};
