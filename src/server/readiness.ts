import type { PartReadiness } from '../channels/http/index.ts';
import type { RunningMatrix } from '../matrix/index.ts';
import type { Pool } from '../postgres/database.ts';

/** Less than `/ready` takes to answer, so that a part that hangs is named. */
const TIMEOUT_MS = 2_000;

/** How each part is asked whether it is ready. */
export type Parts<Name extends string = string> = Readonly<Record<Name, () => boolean | Promise<boolean>>>;

/** Asks each part on its own: one that fails or hangs is not ready, and hides no other. */
export function askParts(parts: Parts): Promise<readonly PartReadiness[]> {
  return Promise.all(Object.entries(parts).map(async ([part, ask]) => ({ part, ok: await inTime(ask) })));
}

/** What nothing can be delivered without. */
export function vitalParts(
  pool: Pool,
  matrix: Pick<RunningMatrix, 'readiness'>,
): Parts<'database' | 'homeserver' | 'voices'> {
  const asked = matrix.readiness();
  return {
    database: async () => (await pool.query('SELECT 1')).rowCount === 1,
    homeserver: async () => (await asked).homeserver,
    voices: async () => (await asked).voices.every((voice) => voice.ready),
  };
}

async function inTime(ask: () => boolean | Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), TIMEOUT_MS);
  });
  const answer = (async () => ask())().catch(() => false);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
