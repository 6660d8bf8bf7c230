import type { AccountId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { type BadArgument, unknown } from './arguments.ts';

/** An account, as it is spelled, whatever case it was typed in. */
export function accountNamed(typed: string, accounts: readonly AccountId[]): Result<AccountId, BadArgument> {
  const found =
    accounts.find((one) => one === typed) ?? accounts.find((one) => one.toLowerCase() === typed.toLowerCase());
  if (found !== undefined) return ok(found);
  return err({ ...unknown('ACCOUNT', typed, accounts), ...(accounts.length <= 20 ? { known: accounts } : {}) });
}
