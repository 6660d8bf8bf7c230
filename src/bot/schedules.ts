/** What the commands about schedules have in common. */
import type { CommandAnswer, Decided, GivenCommand, Order } from '../flows/commandsPort.ts';
import type { ScheduleChange } from '../flows/onCallPort.ts';
import type { Tx } from '../flows/ports.ts';
import type {
  ChangeOf,
  PlannedChanges,
  ScheduleFinding,
  ScheduleRefusal,
  Schedules,
} from '../flows/scheduleDeskPort.ts';
import { type AccountId, accountId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { accountNamed } from './accounts.ts';
import { type Arguments, type BadArgument, unknown } from './arguments.ts';
import type { BotApi, Confirmed } from './command.ts';
import type { Piece } from './render.ts';

export const changeOptions = { tier: ['primary', 'backup'], reason: 'TEXT' } as const;
export const changeNeeds =
  'an administrator; an account with a practice in dispatch.yaml, a role of it, people of dispatch.yaml';
export const changeReasons = {
  'nothing-to-swap':
    'Neither of them holds the role in that time, so there is nothing to swap. `!wr oncall show` shows who does.',
};

/** A role of the account. */
export function roleNamed(typed: string, account: AccountId, { schedules }: BotApi): Result<string, BadArgument> {
  const roles = schedules.rolesOf(account) ?? [];
  const found = roles.find((one) => one.toLowerCase() === typed.toLowerCase());
  return found === undefined ? err({ ...unknown('ROLE', typed, roles), known: roles.slice(0, 20) }) : ok(found);
}

export function personNamed(argument: string, typed: string, { schedules }: BotApi): Result<string, BadArgument> {
  const person = schedules.personNamed(typed);
  return person === null ? err(unknown(argument, typed, [...schedules.people(), 'nobody'])) : ok(person);
}

/** A number of days, 1 to 366. */
export function daysIn(given: Arguments, usual: number): Result<number, BadArgument> {
  const typed = given.option('days');
  if (typed === null) return ok(usual);
  return /^[1-9]\d{0,2}$/.test(typed) && Number(typed) <= 366 ? ok(Number(typed)) : err({ argument: '--days' });
}

/** The account and, where one was asked for, its role. */
export function lookedAt(
  given: Arguments,
  api: BotApi,
): Result<{ readonly account: AccountId; readonly role: string | null }, BadArgument> {
  const account = accountNamed(given.word('ACCOUNT'), api.accounts());
  if (!account.ok) return account;
  const typed = given.option('role');
  if (typed === null) return ok({ account: account.value, role: null });
  const role = roleNamed(typed, account.value, api);
  return role.ok ? ok({ account: account.value, role: role.value }) : err({ ...role.error, argument: '--role' });
}

/** What a change is about: an account, its role, whose shift. */
export function changeIn(given: Arguments, api: BotApi): Result<ChangeOf, BadArgument> {
  const account = accountNamed(given.word('ACCOUNT'), api.accounts());
  if (!account.ok) return account;
  const role = roleNamed(given.word('ROLE'), account.value, api);
  if (!role.ok) return role;
  const tier = given.option('tier') === 'backup' ? 'backup' : 'primary';
  return ok({ account: account.value, role: role.value, tier, reason: given.option('reason') });
}

/** A look at the schedules of now. */
export function looking<T extends object>(
  api: BotApi,
  about: Readonly<Record<string, unknown>>,
  look: (schedules: Schedules) => Result<T, ScheduleRefusal>,
): Order['run'] {
  return async (tx) => {
    const found = look(await api.schedules.at(tx.oncall));
    return found.ok
      ? { outcome: 'ok', code: 'shown', data: Object.fromEntries(Object.entries(found.value)), audit: [], about }
      : refused(found.error, about);
  };
}

/** A change: made at once, or, where it leaves nobody on call, shown and asked about. */
export function changing(
  api: BotApi,
  of: ChangeOf,
  plan: (schedules: Schedules) => Result<PlannedChanges, ScheduleRefusal>,
): Order['run'] {
  const { account, role, tier } = of;
  const about = { account, role, tier };
  return async (tx, given) => {
    const planned = plan(await api.schedules.at(tx.oncall));
    if (!planned.ok) return refused(planned.error, about);
    const { changes, findings } = planned.value;
    if (changes.every(({ who }) => who !== '')) return keep(api, tx, given, changes, findings);
    return {
      outcome: 'confirm',
      code: 'nobody-on-call',
      data: { account, changes: changes.map(shownChange), findings, second_person: false },
      audit: [],
      asks: { plan: { account, changes, findings }, secondPerson: false },
      about,
    };
  };
}

export const confirmedChange: Confirmed = {
  show: (data) => [
    `This leaves NOBODY on call for ${String(data.account)}; pages then fall to the default of the practice:`,
    ...saidChanges(data),
  ],
  basis: async (tx, plan, { schedules }) => (await schedules.at(tx.oncall)).basisOf(accountId(String(plan.account))),
  apply: (tx, given, plan, api) =>
    keep(api, tx, given, plan.changes as readonly ScheduleChange[], plan.findings as readonly ScheduleFinding[]),
};

async function keep(
  api: BotApi,
  tx: Tx,
  given: GivenCommand,
  changes: readonly ScheduleChange[],
  findings: readonly ScheduleFinding[],
): Promise<Decided> {
  const [first, ...rest] = changes;
  if (!first) throw new Error('no-change-planned');
  const { account, role, tier } = first;
  const { ids, audit } = await api.schedules.keep(tx, [first, ...rest], given.sender);
  return {
    outcome: 'ok',
    code: 'changed',
    data: { account, changes: changes.map((change, index) => ({ id: ids[index], ...shownChange(change) })), findings },
    audit,
    about: { account, role, tier, ids },
  };
}

/** Why a change was made stays in its record. */
const shownChange = ({ role, tier, from, to, who }: ScheduleChange) => ({ role, tier, from, to, who });

export const saidChanges = (data: CommandAnswer['data']): readonly Piece[] => [
  {
    head: ['Change', 'Role', 'From', 'To', 'Who'],
    rows: (data.changes as readonly (ReturnType<typeof shownChange> & { readonly id?: number })[]).map((one) => [
      one.id === undefined ? 'not made yet' : `#${one.id}`,
      one.tier === 'backup' ? `${one.role}, backup` : one.role,
      one.from,
      one.to,
      one.who === '' ? 'NOBODY' : one.who,
    ]),
  },
  ...saidFindings(data),
];

export const saidChange = (data: CommandAnswer['data']): readonly Piece[] => [
  ...saidChanges(data),
  'Times are local to the practice. `!wr oncall withdraw NUMBER` takes a change back.',
];

export const saidFindings = (data: CommandAnswer['data']): readonly string[] =>
  (data.findings as readonly ScheduleFinding[]).map(({ code, what }) => `${code}: ${what}`);

const refused = ({ code, ...data }: ScheduleRefusal, about: Readonly<Record<string, unknown>>): Decided => ({
  outcome: 'refused',
  code,
  data,
  audit: [],
  about,
});
