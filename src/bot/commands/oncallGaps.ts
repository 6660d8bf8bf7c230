import type { Gaps } from '../../flows/scheduleDeskPort.ts';
import { type AccountId, accountId } from '../../kernel/ids.ts';
import { ok } from '../../kernel/result.ts';
import { accountNamed } from '../accounts.ts';
import type { Command } from '../command.ts';
import { daysIn } from '../schedules.ts';

export const oncallGaps: Command = {
  name: 'oncall gaps',
  takes: ['[ACCOUNT]'],
  options: { days: 'N' },
  summary: 'shows holes in the schedules, agreements that end, and people whom no page reaches',
  needs: 'an administrator',
  examples: [
    { say: 'oncall gaps', does: 'looks through the next 14 days of all accounts' },
    { say: 'oncall gaps LARK-CARD --days 60', does: 'looks two months ahead for one account' },
  ],
  needsIdentity: false,
  prepare(given, api) {
    const days = daysIn(given, 14);
    if (!days.ok) return days;
    const typed = given.maybe('ACCOUNT');
    let account: AccountId | null = null;
    if (typed !== null) {
      const named = accountNamed(typed, api.accounts());
      if (!named.ok) return named;
      account = named.value;
    }
    return ok(async () => ({
      outcome: 'running',
      code: 'running',
      data: { account, days: days.value },
      audit: [],
      about: account === null ? {} : { account },
    }));
  },
  async finish({ account, days }, { schedules }) {
    const found = await schedules.gaps(typeof account === 'string' ? accountId(account) : null, Number(days));
    return { outcome: 'ok', code: found.gaps.length === 0 ? 'no-gap' : 'gaps', data: { account, ...found }, audit: [] };
  },
  say(data) {
    const { days, gaps, notes } = data as unknown as Gaps;
    const said = notes.map((note) => `Note: ${note}.`);
    if (gaps.length === 0) return [`No gap in ${days} days.`, ...said];
    return [`In ${days} days:`, { head: ['What', 'Kind'], rows: gaps.map(({ code, what }) => [what, code]) }, ...said];
  },
};
