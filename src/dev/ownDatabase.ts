import { join } from 'node:path';
import { Secret } from '../kernel/phi.ts';
import { secretFile } from './files.ts';
import { runningPort, startPostgres } from './postgres.ts';
import { createRolesAndDatabase } from './roles.ts';

interface OwnDatabase {
  readonly url: Secret;
  readonly owner: Secret;
  readonly stopServer: () => Promise<void>;
}

/** The same for a command beside the service: the server that runs, or one of its own for as long as the command takes. */
export async function reachOwnDatabase(dir: string, log: string): Promise<OwnDatabase> {
  const port = await runningPort(dir);
  if (port === null) return startOwnDatabase(dir, log);
  const url = async (role: 'owner' | 'service'): Promise<Secret> => {
    const password = await secretFile(join(dir, `${role}.password`));
    return new Secret(`postgres://wardroom_${role}:${password}@127.0.0.1:${port}/wardroom`);
  };
  return { url: await url('service'), owner: await url('owner'), stopServer: async () => undefined };
}

/** The PostgreSQL of an installation that configured none: started with Wardroom, ended with it. */
export async function startOwnDatabase(dir: string, log: string): Promise<OwnDatabase> {
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
