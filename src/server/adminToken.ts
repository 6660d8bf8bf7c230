import type { Secret } from '../kernel/phi.ts';
import type { Config } from './config/index.ts';
import { readSecretFile } from './secretFile.ts';

/**
 * The access token of a server administrator with which the homeserver's admin API is asked (design decision 17); undefined: none is configured, and
 * the bot's user asks.
 * @throws SecretFileError when the file is missing, empty, or others have access to it.
 */
export const adminTokenOf = ({ homeserver }: Pick<Config, 'homeserver'>): Secret | undefined =>
  homeserver.admin_token_file === undefined ? undefined : readSecretFile(homeserver.admin_token_file);
