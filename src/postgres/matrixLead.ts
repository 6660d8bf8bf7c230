import { randomUUID } from 'node:crypto';
import type { Result } from '../kernel/result.ts';
import { type SessionLock, takeSessionLock } from './sessionLock.ts';

/** The right of one process of a database to do the Matrix side, held until `lost` resolves. */
export type MatrixLead = Pick<SessionLock, 'lost' | 'release'>;

/** Takes the lead for this process. A session of ours that the server still believes in, because it was lost without a word, is ended first. */
export function createMatrixLead(
  url: string,
): (options: { wait: boolean; signal: AbortSignal }) => Promise<Result<MatrixLead, 'held' | 'unavailable'>> {
  const session = `wardroom-matrix-${randomUUID().slice(0, 8)}`;
  return ({ wait, signal }) =>
    takeSessionLock({
      url,
      name: 'wardroom.matrix',
      session,
      wait,
      signal,
      before: (client) =>
        client.query(
          'SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()',
          [session],
        ),
    });
}
