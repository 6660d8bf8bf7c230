import type { StatusReport } from '../../flows/operationsPort.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { lasting } from '../times.ts';

const waited = (seconds: number | null, never: string): string => (seconds === null ? never : lasting(seconds));

export const status: Command = {
  name: 'status',
  takes: [],
  summary: 'shows how Wardroom is: its parts, what waits, open tickets, the last backup',
  needs: 'an administrator',
  examples: [{ say: 'status', does: 'shows the figures that operators look at first' }],
  needsIdentity: false,
  prepare: () => ok(async () => ({ outcome: 'running', code: 'running', data: {}, audit: [] })),
  async finish(_data, { operations }) {
    const report = await operations.status();
    const isWell = report.parts.every((part) => part.ok);
    return { outcome: 'ok', code: isWell ? 'ready' : 'not-ready', data: { ...report }, audit: [] };
  },
  say(data) {
    const one = data as unknown as StatusReport;
    const open = (urgency: string) => String(one.open[urgency] ?? 0);
    const rest = Object.entries(one.open).filter(([urgency]) => urgency !== 'stat');
    return [
      {
        head: ['What', 'How it is'],
        rows: [
          ...one.parts.map(({ part, ok: isWell }) => [part, isWell ? 'ready' : 'NOT READY']),
          ['open STAT tickets', open('stat')],
          ['other open tickets', rest.map(([urgency, count]) => `${count} ${urgency}`).join(', ') || 'none'],
          ['undelivered', one.undelivered === 0 ? 'none' : `${one.undelivered}: nobody took them`],
          ['longest owed message', waited(one.oldest_unsent_seconds, 'none is owed')],
          ['jobs put off', String(one.queue)],
          ['last backup', one.backup_age_seconds === null ? 'NEVER' : `${lasting(one.backup_age_seconds)} ago`],
          ['version', one.version],
        ],
      },
    ];
  },
};
