import { CommandError, exitCode } from './exit.ts';

const AWAY: readonly string[] = ['ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', '57P03'];

/** A database that is away is no failure of a command's: exit code 3. Any other error is thrown as it is. */
export function unreachable(error: unknown): never {
  const code = String((error as { code?: unknown } | null)?.code);
  if (AWAY.includes(code)) throw new CommandError(exitCode.later, `the database cannot be reached (${code})`);
  throw error;
}
