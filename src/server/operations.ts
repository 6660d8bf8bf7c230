import { longestWait } from '../flows/heartbeats.ts';
import type { Operations } from '../flows/operationsPort.ts';
import type { TicketFlow } from '../flows/ticketFlow.ts';
import { backupAge } from '../postgres/backups.ts';
import type { Pool } from '../postgres/database.ts';
import { queueDepth, ticketFigures } from '../postgres/figures.ts';
import type { Config } from './config/index.ts';
import { packageVersion } from './packageVersion.ts';
import type { askParts } from './readiness.ts';

export interface OperationsParts {
  readonly config: Config;
  readonly pool: Pool;
  readonly flow: TicketFlow;
  readonly readiness: () => ReturnType<typeof askParts>;
}

/** No state in which somebody can still answer. */
const OVER = new Set(['acknowledged', 'closed', 'reported', 'undelivered']);

/** What operators ask Wardroom about itself: the same figures as the metrics, the same checks as the command line. */
export const operationsOf = ({ config, pool, flow, readiness }: OperationsParts): Operations => ({
  async doctor() {
    const { examine } = await import('./doctor/examine.ts');
    return examine(config, (path) => path);
  },
  async status() {
    const [parts, queue, figures, wait, backup] = await Promise.all([
      readiness(),
      queueDepth(pool),
      ticketFigures(pool),
      longestWait(flow),
      backupAge(pool),
    ]);
    const open: Record<string, number> = {};
    for (const { urgency, state, count } of figures) if (!OVER.has(state)) open[urgency] = (open[urgency] ?? 0) + count;
    const undelivered = figures.filter(({ state }) => state === 'undelivered');
    return {
      version: packageVersion(),
      parts,
      queue,
      open,
      undelivered: undelivered.reduce((sum, { count }) => sum + count, 0),
      oldest_unsent_seconds: wait === null ? null : Math.round(wait / 1000),
      backup_age_seconds: Number.isNaN(backup) ? null : Math.round(backup),
    };
  },
});
