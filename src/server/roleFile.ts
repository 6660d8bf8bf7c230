import { importRoles, type RoleDiff } from '../flows/importRoles.ts';
import { Partners } from '../flows/partners.ts';
import type { Surroundings } from '../flows/policyFacts.ts';
import { readRoleList } from '../flows/roleRows.ts';
import { userId } from '../kernel/ids.ts';
import type { Config } from './config/index.ts';
import { readListFile, withPolicyInForce } from './listFile.ts';
import { voiceUsers } from './voiceUsers.ts';

/** Brings the roles that are kept in step with a file. */
export async function importRoleFile(
  config: Config,
  file: string,
  options: { readonly dryRun: boolean; readonly prune: boolean; readonly by: string },
): Promise<RoleDiff> {
  const rows = readListFile(file, readRoleList, 'user and role (and until)');
  return withPolicyInForce(config, ({ store, clock, policy }) => {
    const ownServer = config.homeserver.server_name;
    const partners = new Partners({ store, clock, policy: () => policy, ownServer, tell: async () => false });
    const agreements: Surroundings['agreements'] = (read, current) => partners.agreements(read, current);
    const bot = userId(`@wardroom:${ownServer}`);
    const voices = voiceUsers(config);
    return importRoles({ store, clock, policy, agreements, ownServer, bot, voices }, rows, options);
  });
}
