import { type UserId, userId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { BadArgument } from './arguments.ts';

/** A Matrix id, as somebody typed it. */
export const personNamed = (typed: string): Result<UserId, BadArgument> =>
  /^@[^:\s]{1,250}:\S{1,250}$/.test(typed) ? ok(userId(typed)) : err({ argument: 'USER' });
