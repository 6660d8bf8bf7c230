import { type UserId, userId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { BadArgument } from './arguments.ts';
import { userOfLink } from './pills.ts';

/** A person as commands name them: a Matrix id, or a link to it, as clients copy and write it. Whether there is one is another question. */
export function userNamed(typed: string, argument = 'USER'): Result<UserId, BadArgument> {
  const link = /^(?:\[[^\]]*\]\()?https:\/\/matrix\.to\/#\/([^)\s?]+)[^)\s]*\)?$/.exec(typed);
  const user = link === null ? typed : userOfLink(link[1]!);
  return user !== null && /^@[^:\s]+:\S+$/.test(user) ? ok(userId(user)) : err({ argument });
}
