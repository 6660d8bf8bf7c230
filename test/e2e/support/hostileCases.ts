import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

type Ticket = Readonly<Record<string, unknown>>;

/** A line of hostile.jsonl (test data README, "Hostile inputs"). */
export interface HostileCase {
  readonly category: string;
  readonly case: string;
  readonly channel: string;
  readonly input: { readonly base?: string; readonly patch?: Ticket; readonly each_of?: readonly Ticket[] };
  readonly expect: string;
  readonly checks: Readonly<Record<string, unknown>>;
}

const lines = <T>(name: string): T[] =>
  readFileSync(new URL(`../../fixtures/data/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

export const hostileCases = (channel: string): readonly HostileCase[] =>
  lines<HostileCase>('hostile.jsonl').filter((one) => one.channel === channel);

/** The accounts of the data, as the hospital of the tests has them. */
const ACCOUNTS: Readonly<Record<string, string>> = { 'LARK-CARD': 'HOSTILE', 'TAMSIN-OB': 'NO-PRACTICE' };

/** The tickets that a case posts: its base with each patch merged in deeply, under an id of its own. */
export function ticketsOf({ input }: HostileCase): readonly (Ticket & { readonly id: string })[] {
  const base = lines<Ticket>('tickets.jsonl').find((ticket) => ticket.id === input.base);
  if (base === undefined) throw new Error(`no ticket ${input.base}`);
  const account = ACCOUNTS[String(base.account)];
  if (account === undefined) throw new Error(`no account for ${base.account}`);
  return (input.each_of ?? [input.patch ?? {}]).map((patch) => ({
    ...merged(base, patch),
    account,
    id: `${input.base}-${randomUUID()}`,
  }));
}

function merged(base: Ticket, patch: Ticket): Ticket {
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    const before = result[key];
    result[key] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}

const isObject = (value: unknown): value is Ticket =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
