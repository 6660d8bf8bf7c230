import { type Check, warning, well } from './finding.ts';

/** Whether the bot may use the homeserver's admin API; what is off without it. */
export const rights: Check = async ({ config, asUser, botUser }) => {
  if (asUser === null) return [];
  const path = `/_synapse/admin/v1/users/${encodeURIComponent(botUser)}/admin`;
  const answer = await asUser(botUser)('GET', path).catch(() => null);
  if (answer === null || answer.status === 401) return [];
  if (answer.status === 200) return [well('server-admin', `${botUser} is a server admin`)];
  // Not the refusal of an administrator, but of the path.
  const isServed = (answer.body as { errcode?: unknown } | null)?.errcode === 'M_FORBIDDEN';
  return [
    warning(
      'server-admin',
      `${isServed ? `${botUser} is no server admin` : 'the homeserver does not serve its admin API here'}: clinicians are invited to their rooms, not joined, and read nothing until they accept; devices are not listed or wiped, nobody is locked`,
      isServed
        ? `when Wardroom has run once: PUT /_synapse/admin/v1/users/${botUser}/admin {"admin": true} with an administrator's token`
        : `let the listener at ${config.homeserver.url} (or the proxy in front of it) pass /_synapse/admin on to Wardroom`,
    ),
  ];
};
