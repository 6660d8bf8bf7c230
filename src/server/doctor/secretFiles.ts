import { statSync } from 'node:fs';
import { serviceId } from '../../kernel/ids.ts';
import { remindersApiToken } from '../remindersApi.ts';
import { rolesApiToken } from '../rolesApi.ts';
import { SecretFileError } from '../secretFile.ts';
import { openSecrets } from '../secrets.ts';
import { type Check, type Finding, fault, warning, well } from './finding.ts';

/** Every secret is there, can be read, is whole, and nobody else can read it (45 CFR 164.312(a)(2)(iv)). */
export const secretFiles: Check = async ({ config, place, database }) => {
  const findings: Finding[] = [];
  const secrets = openSecrets(config.secrets_dir, { create: false });
  const services = Object.keys(config.dispatch.services).map(serviceId);
  const keys = [secrets.cryptoPassphrase, secrets.keyEncryptionKey, secrets.referenceKey, secrets.auditLogKey].map(
    faultOf,
  );
  const told = services.filter((id) => config.dispatch.services[id]?.callback_url !== undefined);
  const readable = services.filter((id) => faultOf(() => secrets.serviceToken(id)) === null);
  const tokens = [
    ...services.map((id) => faultOf(() => secrets.serviceToken(id))),
    ...told.map((id) => faultOf(() => secrets.serviceCallbackSecret(id))),
    ...(config.reminders_api.enabled ? [faultOf(() => remindersApiToken(secrets, readable, config))] : []),
    ...(config.roles_api.enabled ? [faultOf(() => rolesApiToken(secrets, readable, config.secrets_dir))] : []),
  ];
  // As `openInstallationSecrets` does it: keys are made only while the database holds nothing, tokens whenever there is none. Of a
  // database that cannot be looked at, keys that are there tell that it is in use.
  const isInUse = database?.isSealed ?? keys.some((error) => error === null);
  let missing = 0;
  for (const error of [...keys, ...tokens]) {
    if (error === null) continue;
    if (error.code === 'missing' && (!isInUse || tokens.includes(error))) missing += 1;
    else findings.push(fault('secrets', error.message, remedyOf(error, place('secrets_dir'))));
  }
  const mode = directoryMode(config.secrets_dir);
  if (mode !== null && (mode & 0o077) !== 0)
    findings.push(
      warning(
        'secrets-directory',
        `others have access to ${config.secrets_dir} (mode ${mode.toString(8)})`,
        `run: chmod 700 ${config.secrets_dir}`,
      ),
    );
  if (findings.length > 0) return findings;
  const what =
    missing > 0
      ? `${missing} ${missing === 1 ? 'secret' : 'secrets'} will be made at the next start`
      : 'all secrets are there, for nobody else';
  return [well('secrets', what)];
};

function faultOf(read: () => unknown): SecretFileError | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof SecretFileError) return error;
    throw error;
  }
}

const remedyOf = (error: SecretFileError, place: string): string =>
  error.code === 'missing'
    ? `put it back from the backup; what it opens cannot be read without it (${place})`
    : error.code === 'readable-by-others'
      ? `run: chmod 600 ${error.path}`
      : /EACCES|EPERM/.test(error.message)
        ? `it belongs to another user: give it to the one who runs Wardroom (chown), and run all commands as that one`
        : `put it back from the backup (${place})`;

function directoryMode(path: string): number | null {
  try {
    return statSync(path).mode & 0o777;
  } catch {
    return null;
  }
}
