import { ok } from '../../kernel/result.ts';
import { unknown } from '../arguments.ts';
import type { Command } from '../command.ts';

export const smsLineTest: Command = {
  name: 'sms line test',
  takes: ['LINE', 'NUMBER'],
  summary: 'sends “Test from” and the practice’s name by a line, to the telephone of somebody who works here',
  needs: 'an administrator; the number is a `cell` or `second` of somebody under `people`, never a patient’s',
  examples: [{ say: 'sms line test lark +12125550177', does: 'sends a text; the telephone shows whether it arrived' }],
  needsIdentity: false,
  reasons: {
    'line-barred': 'Nothing leaves by this line now: `sms line list` says why.',
    'nobodys-number': 'This is the number of nobody under `people`: tests go to people who work here only.',
    'patients-number': 'A patient uses this telephone: tests go to nobody who might be one.',
  },
  prepare(given, { textLines }) {
    const line = given.word('LINE');
    const names = textLines.names();
    if (!names.includes(line)) return { ok: false, error: { ...unknown('LINE', line, names), known: names } };
    return ok((tx) => textLines.test(tx, line, given.word('NUMBER')));
  },
  say: ({ line, person, to }) => [
    `A test is on its way by \`${String(line)}\` to ${String(person)} (${String(to)}). If it does not arrive, \`sms line list\` says whether the carrier took it.`,
  ],
};
