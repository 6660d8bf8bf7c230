import type { CrashPoint, CrashPoints } from '../flows/ports.ts';

/** In production: reaching a point does nothing. */
export const noCrash: CrashPoints = { reach: () => undefined };

/**
 * For tests of crash safety: ends this process with SIGKILL, as a power cut would, when a point is reached for the n-th time.
 * Configured under `dev.crash_at`, which production configurations cannot hold.
 */
export function crashAt(points: Readonly<Partial<Record<CrashPoint, number>>>): CrashPoints {
  const left = new Map(Object.entries(points) as [CrashPoint, number][]);
  return {
    reach(name) {
      const count = left.get(name);
      if (count === undefined) return;
      left.set(name, count - 1);
      if (count <= 1) process.kill(process.pid, 'SIGKILL');
    },
  };
}
