import { EVERYONE } from './policySchema.ts';
import type { Facts, RoomSubject } from './request.ts';
import { privilegedRoles } from './roles.ts';
import { admitsServer, admittingRoles, classOf } from './subjects.ts';

/** The spaces by which people join a room of this kind: one per role that lets them in and organisation whose people may be in it. */
export function neededSpaces(
  room: RoomSubject,
  facts: Facts,
): readonly { readonly role: string; readonly server: string }[] {
  const roomClass = classOf(room.class, facts);
  if (roomClass?.join !== 'restricted') return [];
  const admitting = admittingRoles(room, roomClass);
  const roles = admitting.includes(EVERYONE) ? Object.keys(facts.policy.roles) : admitting;
  const partners = [...new Set(facts.agreements.map(({ domain }) => domain))].filter(
    (server) => admitsServer(server, room.class, room.account, facts).admitted,
  );
  return [facts.ownServer, ...partners].flatMap((server) =>
    roles
      // Nobody of a partner administers us.
      .filter((role) => server === facts.ownServer || !privilegedRoles.includes(role))
      .map((role) => ({ role, server })),
  );
}
