import type { DryRun } from '../../flows/scheduleDeskPort.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { lookedAt, looking } from '../schedules.ts';

export const oncallSimulate: Command = {
  name: 'oncall simulate',
  takes: ['ACCOUNT', '[TIME]', '[URGENCY]'],
  summary: 'a dry run: who would be alerted when and how, if nobody took notice, and what is wrong with it',
  needs: 'an administrator',
  examples: [
    { say: 'oncall simulate LARK-CARD', does: 'shows what a STAT ticket would do now' },
    { say: 'oncall simulate LARK-CARD 2026-12-25T03:00 URGENT', does: 'shows it for a time, local to the practice' },
  ],
  needsIdentity: false,
  prepare(given, api) {
    const asked = lookedAt(given, api);
    if (!asked.ok) return asked;
    const { account } = asked.value;
    const [time, urgency] = [given.maybe('TIME'), given.maybe('URGENCY')];
    return ok(looking(api, { account }, (schedules) => schedules.dryRun(account, time, urgency)));
  },
  say(data) {
    const one = data as unknown as DryRun;
    return [
      `${one.protocol}, for a ${one.urgency.toUpperCase()} ticket of ${one.account}; times in ${one.tz}:`,
      {
        head: ['When', 'Step', 'Does', 'Whom', 'How'],
        rows: one.steps.map((step) => [
          step.local,
          step.repeat > 1 ? `${step.step}, time ${step.repeat}` : String(step.step),
          step.to === null ? step.do : `${step.do} ${step.to}`,
          step.people.join(', '),
          step.how,
        ]),
      },
      ...one.findings.map(({ code, what }) => `FINDING ${code}: ${what}`),
      ...(one.alarms.length > 0 ? [`ALARM ${one.alarms.join(', ')}: to ${one.alarms_to.join(', ') || 'nobody'}`] : []),
    ];
  },
};
