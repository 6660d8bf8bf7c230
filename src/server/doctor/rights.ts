import { adminTokenOf } from '../adminToken.ts';
import { SecretFileError } from '../secretFile.ts';
import { type Check, type Finding, fault, type Patient, warning, well } from './finding.ts';

const OFF =
  'clinicians are invited to their rooms, not joined, and read nothing until they accept; devices are not listed or wiped, nobody is locked, nothing is purged';

/** Whether Wardroom may use the homeserver's admin API, as its bot or by a token of its own; what is off without it. */
export const rights: Check = async (patient) => {
  const { config, asUser, botUser } = patient;
  const file = config.homeserver.admin_token_file;
  const unusable = unusableToken(patient);
  if (unusable !== null) return [unusable];
  if (asUser === null) return [];
  const path = `/_synapse/admin/v1/users/${encodeURIComponent(botUser)}/admin`;
  const answer = await asUser(botUser)('GET', path).catch(() => null);
  if (answer === null || (answer.status === 401 && file === undefined)) return [];
  const who = file === undefined ? botUser : `whose token is in ${file}`;
  if (answer.status === 200) return [well('server-admin', `${who} is a server admin`)];
  if (answer.status === 401)
    return [fault('server-admin', `the homeserver does not accept the token in ${file}: ${OFF}`, newToken(patient))];
  // Not the refusal of an administrator, but of the path.
  const isServed = (answer.body as { errcode?: unknown } | null)?.errcode === 'M_FORBIDDEN';
  if (!isServed)
    return [
      warning(
        'server-admin',
        `the homeserver does not serve its admin API here: ${OFF}`,
        `let the listener at ${config.homeserver.url} (or the proxy in front of it) pass /_synapse/admin on to Wardroom`,
      ),
    ];
  if (file !== undefined) return [fault('server-admin', `${who} is no server admin: ${OFF}`, newToken(patient))];
  return [
    warning(
      'server-admin',
      `${who} is no server admin: ${OFF}`,
      `when Wardroom has run once: PUT /_synapse/admin/v1/users/${botUser}/admin {"admin": true} with an administrator's token; or give it such a token: homeserver.admin_token_file`,
    ),
  ];
};

const newToken = ({ config, place }: Patient): string =>
  `put an access token of a server admin into ${config.homeserver.admin_token_file} (${place('homeserver.admin_token_file')}), and restart Wardroom`;

function unusableToken({ config, place }: Patient): Finding | null {
  try {
    adminTokenOf(config);
    return null;
  } catch (error) {
    if (!(error instanceof SecretFileError)) throw error;
    const remedy =
      error.code === 'readable-by-others'
        ? `run: chmod 600 ${error.path}`
        : `put an access token of a server admin into it, or name none: ${place('homeserver.admin_token_file')}`;
    return fault('server-admin', error.message, remedy);
  }
}
