import { join } from 'node:path';
import type { HttpApiOptions } from '../channels/http/index.ts';
import { type RemindersFlow, reminders } from '../flows/texting/reminders.ts';
import type { ServiceId } from '../kernel/ids.ts';
import type { Secret } from '../kernel/phi.ts';
import type { Config } from './config/index.ts';
import { SecretFileError } from './secretFile.ts';
import type { Secrets } from './secrets.ts';

type Tokens = Pick<Secrets, 'remindersApiToken' | 'rolesApiToken' | 'serviceToken'>;

/**
 * The token of the scheduling system, which is nobody else's.
 * @throws SecretFileError when it cannot be used, or opens something else, too.
 */
export function remindersApiToken(
  secrets: Tokens,
  services: readonly ServiceId[],
  { roles_api, secrets_dir }: Pick<Config, 'roles_api' | 'secrets_dir'>,
): Secret {
  const token = secrets.remindersApiToken();
  const others = [
    ...services.map((service) => [`the service ${service}`, secrets.serviceToken(service)] as const),
    ...(roles_api.enabled ? [['the identity system', secrets.rolesApiToken()] as const] : []),
  ];
  const twin = others.find(([, other]) => other.reveal() === token.reveal());
  if (twin === undefined) return token;
  const what = `is the same as the token of ${twin[0]}: remove this file, a new one is made at the next start`;
  throw new SecretFileError('malformed', join(secrets_dir, 'reminders-api.token'), what);
}

/** Reminders by HTTP, where the configuration has it on. */
export function remindersApi(
  config: Pick<Config, 'reminders_api' | 'roles_api' | 'secrets_dir'>,
  secrets: Tokens,
  services: readonly ServiceId[],
  flow: RemindersFlow,
): HttpApiOptions['reminders'] {
  if (!config.reminders_api.enabled) return undefined;
  const token = remindersApiToken(secrets, services, config);
  return { api: reminders(flow), token, perMinute: config.reminders_api.requests_per_minute };
}
