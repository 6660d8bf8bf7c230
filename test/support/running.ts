import type { RunningPostgres } from '../../src/dev/postgres.ts';

/** What globalSetup started and globalTeardown stops, kept in jest's main process. */
interface Running {
  dir: string | null;
  postgres: RunningPostgres | null;
}

const key = Symbol.for('org.wardroom.test.running');
const shared = globalThis as { [key]?: Running };
shared[key] ??= { dir: null, postgres: null };

export const running: Running = shared[key];
