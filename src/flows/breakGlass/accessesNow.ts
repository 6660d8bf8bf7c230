import type { Instant } from '../../kernel/clock.ts';
import { type BreakGlass, foldBreakGlass, opensNow } from '../../policy/index.ts';
import type { KeptBreakGlass } from '../breakGlassPort.ts';
import type { Reads } from '../ports.ts';

export const fold = ({ id, events }: KeptBreakGlass): BreakGlass => {
  const use = foldBreakGlass(id, events);
  if (use === null) throw new Error('every use begins with being granted');
  return use;
};

/** Emergency accesses that open a room now. */
export const accessesNow = async (read: Pick<Reads, 'breakGlass'>, now: Instant): Promise<readonly BreakGlass[]> =>
  (await read.breakGlass.open()).map(fold).filter((use) => opensNow(use, now));
