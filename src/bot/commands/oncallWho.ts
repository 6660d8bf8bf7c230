import type { WhoIsOnCall } from '../../flows/scheduleDeskPort.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { lookedAt, looking, saidFindings } from '../schedules.ts';
import { minuteOf } from '../times.ts';

export const oncallWho: Command = {
  name: 'oncall who',
  takes: ['ACCOUNT', '[TIME]'],
  options: { role: 'ROLE' },
  summary: 'shows who is on call, now or at a time',
  needs: 'an administrator',
  examples: [
    { say: 'oncall who LARK-CARD', does: 'shows holder and backup of every role now' },
    { say: 'oncall who LARK-CARD 2026-12-24T22:00', does: 'shows them for a time, local to the practice' },
  ],
  needsIdentity: false,
  prepare(given, api) {
    const asked = lookedAt(given, api);
    if (!asked.ok) return asked;
    const { account, role } = asked.value;
    return ok(looking(api, { account }, (schedules) => schedules.who(account, { time: given.maybe('TIME'), role })));
  },
  say(data) {
    const one = data as unknown as WhoIsOnCall;
    return [
      `On call for ${one.account} at ${minuteOf(one.at)} (${one.tz}):`,
      {
        head: ['Role', 'Holder', 'Backup', 'Note'],
        rows: one.roles.map(({ role, holder, backup, alarms }) => [
          role ?? 'default',
          holder.join(', ') || 'NOBODY',
          backup.join(', '),
          alarms.join(', '),
        ]),
      },
      ...saidFindings(data),
    ];
  },
};
