import { Router } from 'express';
import type { Gate } from './gate.ts';
import { sendProblem } from './problem.ts';

export interface PartReadiness {
  /** A word of ours: `database`, `homeserver`, `voices`. */
  readonly part: string;
  readonly ok: boolean;
}

/** Asks every part now; never rejects, and takes no longer than a load balancer waits. */
export type Readiness = () => Promise<readonly PartReadiness[]>;

/** `/health`: the process lives. `/ready`: it can do its work; 503 names the parts that cannot. */
export function healthRoutes(readiness: Readiness, gate: Gate): Router {
  const router = Router();
  router.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/ready', async (_request, response) => {
    const parts = [...(await readiness()), ...(gate.open ? [] : [{ part: 'process', ok: false }])];
    const notReady = parts.filter((part) => !part.ok).map((part) => part.part);
    if (notReady.length > 0) return sendProblem(response, 'not-ready', { notReady });
    response.json({ status: 'ready', parts: parts.map(({ part, ok }) => ({ part, ok })) });
  });
  return router;
}
