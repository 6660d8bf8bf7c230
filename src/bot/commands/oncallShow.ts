import type { ShownShifts } from '../../flows/scheduleDeskPort.ts';
import { err, ok } from '../../kernel/result.ts';
import { unknown } from '../arguments.ts';
import type { Command } from '../command.ts';
import { daysIn, lookedAt, looking } from '../schedules.ts';

export const oncallShow: Command = {
  name: 'oncall show',
  takes: ['ACCOUNT'],
  options: { from: 'TIME', days: 'N', role: 'ROLE' },
  summary: 'shows the shifts of the coming days',
  needs: 'an administrator; an account with a practice in dispatch.yaml',
  examples: [
    { say: 'oncall show LARK-CARD', does: 'shows the shifts of the next 14 days' },
    {
      say: 'oncall show LARK-CARD --from 2026-12-20 --days 10 --role oncall-cardiology',
      does: 'shows those of one role',
    },
  ],
  needsIdentity: false,
  prepare(given, api) {
    const asked = lookedAt(given, api);
    if (!asked.ok) return asked;
    const { account, role } = asked.value;
    const withRoles = api.accounts().filter((one) => api.schedules.rolesOf(one) !== null);
    if (!withRoles.includes(account)) return err(unknown('ACCOUNT', account, withRoles));
    const days = daysIn(given, 14);
    if (!days.ok) return days;
    const from = given.option('from');
    return ok(looking(api, { account }, (schedules) => schedules.shifts(account, { from, days: days.value, role })));
  },
  say(data) {
    const one = data as unknown as ShownShifts;
    return [
      `Shifts of ${one.account}; times in ${one.tz}:`,
      {
        head: ['From', 'To', 'Role', 'Who', ''],
        rows: one.shifts.map(({ role, tier, from, to, who, via }) => [
          from,
          to,
          tier === 'backup' ? `${role}, backup` : role,
          who === null || who === '' ? 'NOBODY' : who,
          via === 'override' ? 'override' : '',
        ]),
      },
    ];
  },
};
