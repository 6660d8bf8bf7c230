import type { ShownLine } from '../../flows/texting/lineDesk.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { barInWords } from '../texting.ts';

export const smsLineList: Command = {
  name: 'sms line list',
  takes: [],
  summary:
    'shows the numbers that people text to: whether texts may leave and do, and what became of those of the last 24 hours',
  needs: 'an administrator',
  examples: [
    { say: 'sms line list', does: 'each line with its carrier, what bars it, what waits, failed or is unknown' },
  ],
  needsIdentity: false,
  prepare: (_given, { textLines }) => ok((tx) => textLines.list(tx)),
  say({ lines }) {
    const shown = lines as readonly ShownLine[];
    if (shown.length === 0) return ['There is no line: `texting.lines` of the configuration names them.'];
    return [
      {
        head: [
          'Line',
          'Practice',
          'Carrier',
          'Texts leave',
          'Campaign',
          'Waiting',
          'Held',
          'Sent',
          'Failed',
          'Unknown',
        ],
        rows: shown.map((one) => [
          one.line,
          one.practice,
          `${one.carrier}: ${one.carrier_state}${one.carrier_code === null ? '' : ` (${one.carrier_code})`}`,
          one.barred === null ? 'yes' : `NO: ${barInWords(one.barred)}`,
          one.campaign === null ? 'none' : `${one.campaign.id} ${one.campaign.status}`,
          ...[one.waiting, one.held, one.sent, one.failed, one.unknown].map(String),
        ]),
      },
      ...(shown.some(({ unknown }) => unknown > 0)
        ? ['Unknown: the carrier may have them or not. They are not sent again by themselves.']
        : []),
    ];
  },
};
