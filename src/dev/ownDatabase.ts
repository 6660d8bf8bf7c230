import { join } from 'node:path';
import { Secret } from '../kernel/phi.ts';
import { secretFile } from './files.ts';
import { startPostgres } from './postgres.ts';
import { createRolesAndDatabase } from './roles.ts';

/** The PostgreSQL of an installation that configured none: started with Wardroom, ended with it. */
export async function startOwnDatabase(
  dir: string,
  log: string,
): Promise<{ url: Secret; owner: Secret; stopServer: () => Promise<void> }> {
  const postgres = await startPostgres({ dir, log });
  const passwords = {
    owner: await secretFile(join(dir, 'owner.password')),
    service: await secretFile(join(dir, 'service.password')),
  };
  await createRolesAndDatabase(postgres.url('postgres'), 'wardroom', passwords);
  return {
    url: new Secret(postgres.url('wardroom', 'wardroom_service', passwords.service)),
    owner: new Secret(postgres.url('wardroom', 'wardroom_owner', passwords.owner)),
    stopServer: () => postgres.stop(),
  };
}
