import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { importRoles, type RoleDiff, type RoleRow } from '../flows/importRoles.ts';
import { Partners } from '../flows/partners.ts';
import { Policies } from '../flows/policies.ts';
import type { Surroundings } from '../flows/policyFacts.ts';
import { serviceId, userId } from '../kernel/ids.ts';
import { voiceUser } from '../matrix/index.ts';
import { CommandError, exitCode } from './cli/exit.ts';
import { unreachable } from './cli/unreachable.ts';
import type { Config } from './config/index.ts';
import { withStore } from './openStore.ts';
import { withDatabase } from './reachDatabase.ts';

/** More is no list of roles. */
const MOST_ROWS = 100_000;

/**
 * CSV (RFC 4180) with a header that names the columns `user`, `role` and, if there is one, `until` (the last day, 2027-06-30; empty: until it is
 * revoked).
 * @throws CommandError when it is none.
 */
export function readRoleFile(file: string): readonly RoleRow[] {
  let rows: Record<string, string>[];
  try {
    rows = parse(readFileSync(file, 'utf8'), {
      bom: true,
      columns: true,
      skip_empty_lines: true,
      trim: true,
      relax_column_count: true,
    }) as Record<string, string>[];
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    throw new CommandError(exitCode.usage, `${file}: cannot be read (${String(code ?? 'no CSV')})`);
  }
  if (rows.length > MOST_ROWS) throw new CommandError(exitCode.usage, `${file}: more than ${MOST_ROWS} rows`);
  const missing = ['user', 'role'].filter((name) => rows[0] !== undefined && !Object.hasOwn(rows[0], name));
  if (missing.length > 0 || rows.length === 0)
    throw new CommandError(exitCode.usage, `${file}: needs rows under the columns user and role (and until)`);
  return rows.map(({ user = '', role = '', until = '' }, index) => ({
    place: `line ${index + 2}`,
    user,
    role,
    until: until === '' ? null : until,
  }));
}

/** Brings the roles that are kept in step with a file. */
export async function importRoleFile(
  config: Config,
  file: string,
  options: { readonly dryRun: boolean; readonly prune: boolean; readonly by: string },
): Promise<RoleDiff> {
  const rows = readRoleFile(file);
  return withDatabase(config, (reached) =>
    withStore(reached, async ({ store: open, clock }) => {
      const store = open();
      const policies = new Policies({ store, clock, file: null, preview: () => [] });
      await policies.refresh();
      const policy = policies.current();
      if (policy === null)
        throw new CommandError(exitCode.later, 'no policy is kept yet, or none that can be read: start Wardroom once');
      const ownServer = config.homeserver.server_name;
      const partners = new Partners({ store, clock, policy: () => policy, ownServer, tell: async () => false });
      const agreements: Surroundings['agreements'] = (read, current) => partners.agreements(read, current);
      const bot = userId(`@wardroom:${ownServer}`);
      const voices = Object.keys(config.dispatch.services).map((id) => voiceUser(serviceId(id), ownServer));
      return importRoles({ store, clock, policy, agreements, ownServer, bot, voices }, rows, options);
    }),
  ).catch(unreachable);
}
