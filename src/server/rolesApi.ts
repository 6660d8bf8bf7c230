import { join } from 'node:path';
import type { HttpApiOptions } from '../channels/http/index.ts';
import { type RolesByApiFlow, rolesByApi } from '../flows/rolesByApi.ts';
import type { ServiceId } from '../kernel/ids.ts';
import type { Secret } from '../kernel/phi.ts';
import type { Config } from './config/index.ts';
import { SecretFileError } from './secretFile.ts';
import type { Secrets } from './secrets.ts';

/**
 * The token of the identity system, which is nobody else's.
 * @throws SecretFileError when it cannot be used, or is the same as a service's: that one would open roles, too.
 */
export function rolesApiToken(
  secrets: Pick<Secrets, 'rolesApiToken' | 'serviceToken'>,
  services: readonly ServiceId[],
  directory: string,
): Secret {
  const token = secrets.rolesApiToken();
  const twin = services.find((service) => secrets.serviceToken(service).reveal() === token.reveal());
  if (twin === undefined) return token;
  const what = `is the same as the token of the service ${twin}: remove this file, a new one is made at the next start`;
  throw new SecretFileError('malformed', join(directory, 'roles-api.token'), what);
}

/** Roles by HTTP, where the configuration has it on. */
export function rolesApi(
  { roles_api, secrets_dir }: Pick<Config, 'roles_api' | 'secrets_dir'>,
  secrets: Pick<Secrets, 'rolesApiToken' | 'serviceToken'>,
  services: readonly ServiceId[],
  flow: RolesByApiFlow,
): HttpApiOptions['roles'] {
  if (!roles_api.enabled) return undefined;
  const token = rolesApiToken(secrets, services, secrets_dir);
  return { api: rolesByApi(flow), token, perMinute: roles_api.requests_per_minute };
}
