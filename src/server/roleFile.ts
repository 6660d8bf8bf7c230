import { readFileSync } from 'node:fs';
import { importRoles, type RoleDiff, type RoleRow } from '../flows/importRoles.ts';
import { Partners } from '../flows/partners.ts';
import { Policies } from '../flows/policies.ts';
import type { Surroundings } from '../flows/policyFacts.ts';
import { MOST_ROWS, type RoleListFault, readRoleList } from '../flows/roleRows.ts';
import { serviceId, userId } from '../kernel/ids.ts';
import { voiceUser } from '../matrix/index.ts';
import { CommandError, exitCode } from './cli/exit.ts';
import { unreachable } from './cli/unreachable.ts';
import type { Config } from './config/index.ts';
import { withStore } from './openStore.ts';
import { withDatabase } from './reachDatabase.ts';

const WHY: Readonly<Record<RoleListFault, string>> = {
  csv: 'cannot be read as CSV',
  columns: 'needs rows under the columns user and role (and until)',
  'too-many': `more than ${MOST_ROWS} rows`,
};

/** @throws CommandError when the file is no list of roles. */
function readRoleFile(file: string): readonly RoleRow[] {
  let csv: string;
  try {
    csv = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(exitCode.usage, `${file}: cannot be read (${String((error as { code?: unknown }).code)})`);
  }
  const rows = readRoleList(csv);
  if (!rows.ok) throw new CommandError(exitCode.usage, `${file}: ${WHY[rows.error]}`);
  return rows.value;
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
