import type { CrashPoint, CrashPoints } from '../flows/ports.ts';

/** In production: reaching a point does nothing. */
export const noCrash: CrashPoints = { reach: () => undefined };

/**
 * For tests of crash safety: ends this process with SIGKILL, as a power cut would, when a point is reached for the n-th time.
 * Configured under `dev.crash_at`, which production configurations cannot hold.
 * @param onReached told just before, so that the log says which point it was; must be done when it returns.
 */
export function crashAt(
  points: Readonly<Partial<Record<CrashPoint, number>>>,
  onReached: (point: CrashPoint) => void,
): CrashPoints {
  const left = new Map(Object.entries(points) as [CrashPoint, number][]);
  return {
    reach(name) {
      const count = left.get(name);
      if (count === undefined) return;
      left.set(name, count - 1);
      if (count > 1) return;
      onReached(name);
      process.kill(process.pid, 'SIGKILL');
    },
  };
}
