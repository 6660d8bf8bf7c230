import { Router } from 'express';
import type { Gate } from './gate.ts';
import { sendProblem } from './problem.ts';

export interface PartReadiness {
  /** A word of ours: `database`, `homeserver`, `voices`. */
  readonly part: string;
  readonly ok: boolean;
}

/** Asks every part now. */
export type Readiness = () => Promise<readonly PartReadiness[]>;

/** No longer than a load balancer waits. */
const TIMEOUT_MS = 3000;

/** `/health`: the process lives. `/ready`: it can do its work; 503 names the parts that cannot. */
export function healthRoutes(readiness: Readiness, gate: Gate): Router {
  const router = Router();
  router.get('/health', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/ready', async (_request, response) => {
    const parts = [...(await inTime(readiness)), ...(gate.open ? [] : [{ part: 'process', ok: false }])];
    const notReady = parts.filter((part) => !part.ok).map((part) => part.part);
    if (notReady.length > 0) return sendProblem(response, 'not-ready', { notReady });
    response.json({ status: 'ready', parts: parts.map(({ part, ok }) => ({ part, ok })) });
  });
  return router;
}

/** A part that hangs, or fails to tell, is not ready: then it is not known which. */
async function inTime(readiness: Readiness): Promise<readonly PartReadiness[]> {
  const unknown = [{ part: 'unknown', ok: false }];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly PartReadiness[]>((resolve) => {
    timer = setTimeout(() => resolve(unknown), TIMEOUT_MS);
  });
  return Promise.race([readiness().catch(() => unknown), late]).finally(() => clearTimeout(timer));
}
