/** What commands about training and terms have in common. */
import { err, ok, type Result } from '../kernel/result.ts';
import { type BadArgument, unknown } from './arguments.ts';
import type { BotApi } from './command.ts';

export const trainingReasons: Readonly<Record<string, string>> = {
  'policy-unreadable': 'The policy cannot be read. `wardroom config check` says what is wrong with it.',
  'for-yourself': 'Nobody records their own training: another administrator does.',
  'no-record': 'There is no such record. `training list` shows those there are.',
};

/** A course that some class asks for. */
export function courseNamed(typed: string, { training }: Pick<BotApi, 'training'>): Result<string, BadArgument> {
  const known = training.courses();
  const found = known.find((one) => one === typed.toLowerCase());
  return found === undefined ? err({ ...unknown('COURSE', typed, known), known }) : ok(found);
}
