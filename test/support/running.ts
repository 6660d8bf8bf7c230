import type { RunningPostgres } from '../../src/dev/postgres.ts';

/** What globalSetup started and globalTeardown stops, kept in jest's main process. */
interface Running {
  dir: string | null;
  postgres: RunningPostgres | null;
  set(dir: string, postgres: RunningPostgres): void;
}

const key = Symbol.for('org.wardroom.test.running');
const shared = globalThis as { [key]?: Running };

export const running: Running = (shared[key] ??= {
  dir: null,
  postgres: null,
  set(dir, postgres) {
    this.dir = dir;
    this.postgres = postgres;
  },
});
