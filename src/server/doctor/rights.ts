import { type Check, warning, well } from './finding.ts';

/** Whether the bot may use the homeserver's admin API; what is off without it. */
export const rights: Check = async ({ asUser, botUser }) => {
  if (asUser === null) return [];
  const path = `/_synapse/admin/v1/users/${encodeURIComponent(botUser)}/admin`;
  const answer = await asUser(botUser)('GET', path).catch(() => null);
  if (answer === null || answer.status === 401) return [];
  if (answer.status === 200) return [well('server-admin', `${botUser} is a server admin`)];
  return [
    warning(
      'server-admin',
      `${botUser} is no server admin: clinicians are invited to their rooms, not joined, and read nothing until they accept`,
      `when Wardroom has run once: PUT /_synapse/admin/v1/users/${botUser}/admin {"admin": true} with an administrator's token; and let its listener serve the admin API`,
    ),
  ];
};
