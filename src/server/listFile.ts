import { readFileSync } from 'node:fs';
import { type ListFault, MOST_ROWS } from '../flows/csvRows.ts';
import { Policies } from '../flows/policies.ts';
import type { Store } from '../flows/ports.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Result } from '../kernel/result.ts';
import type { Policy } from '../policy/index.ts';
import { CommandError, exitCode } from './cli/exit.ts';
import { unreachable } from './cli/unreachable.ts';
import type { Config } from './config/index.ts';
import { withStore } from './openStore.ts';
import { withDatabase } from './reachDatabase.ts';

/** What a list is brought into. */
export interface ListPlace {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: Policy;
}

/**
 * The rows of a list of people in a file.
 * @param columns those it needs, in words
 * @throws CommandError when it is none.
 */
export function readListFile<T>(
  file: string,
  read: (csv: string) => Result<readonly T[], ListFault>,
  columns: string,
): readonly T[] {
  let csv: string;
  try {
    csv = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(exitCode.usage, `${file}: cannot be read (${String((error as { code?: unknown }).code)})`);
  }
  const rows = read(csv);
  if (rows.ok) return rows.value;
  const why: Readonly<Record<ListFault, string>> = {
    csv: 'cannot be read as CSV',
    columns: `needs rows under the columns ${columns}`,
    'too-many': `more than ${MOST_ROWS} rows`,
  };
  throw new CommandError(exitCode.usage, `${file}: ${why[rows.error]}`);
}

/** Opens the database and the policy that is in force in it. */
export const withPolicyInForce = <T>(config: Config, work: (place: ListPlace) => Promise<T>): Promise<T> =>
  withDatabase(config, (reached) =>
    withStore(reached, async ({ store: open, clock }) => {
      const store = open();
      const policies = new Policies({ store, clock, file: null, preview: () => [] });
      await policies.refresh();
      const policy = policies.current();
      if (policy === null)
        throw new CommandError(exitCode.later, 'no policy is kept yet, or none that can be read: start Wardroom once');
      return work({ store, clock, policy });
    }),
  ).catch(unreachable);
