/** Questions that several rules ask. */
import type { UserId } from '../kernel/ids.ts';
import { agreementState, coveringServers } from './agreements.ts';
import { EVERYONE, type RoomClass } from './policySchema.ts';
import type { Facts, RoomSubject } from './request.ts';
import { rolesOf } from './roles.ts';

/** Matrix specification, appendix "User identifiers", with the historical characters: a homeserver may have such users. */
const USER = /^@[\x21-\x39\x3b-\x7e]{0,254}:([^\s]{1,255})$/;

/** The server of a Matrix id; null when it is none. */
export const serverOf = (user: string): string | null => USER.exec(user)?.[1] ?? null;

export const isOurs = (user: UserId, facts: Facts): boolean => user === facts.bot || facts.voices.includes(user);

export const classOf = (name: string, { policy }: Pick<Facts, 'policy'>): RoomClass | null =>
  Object.hasOwn(policy.classes, name) ? (policy.classes[name] ?? null) : null;

/** The roles that let somebody into a room: its own, as far as the class has them. */
export function admittingRoles(room: RoomSubject, roomClass: RoomClass): readonly string[] {
  if (room.roles.length === 0) return roomClass.roles;
  return roomClass.roles.includes(EVERYONE) ? room.roles : room.roles.filter((role) => roomClass.roles.includes(role));
}

/** Whether one of these roles is held now. */
export function holdsOne(user: UserId, roles: readonly string[], facts: Facts): boolean {
  const held = rolesOf(facts.grants, user, facts.now);
  return roles.includes(EVERYONE) ? held.length > 0 : held.some((role) => roles.includes(role));
}

/** Whether people of this server may be in rooms of this class: our own always, a partner's as the class and the agreements say. */
export function admitsServer(
  server: string,
  className: string,
  account: string | undefined,
  facts: Facts,
): { readonly admitted: boolean; readonly code: string } {
  if (server === facts.ownServer) return { admitted: true, code: 'own-server' };
  const { agreements, coverage, now, policy } = facts;
  const { state } = agreementState(agreements, server, className, now, policy);
  if (state === 'in-force') return { admitted: true, code: state };
  const covers =
    classOf(className, facts)?.federation === 'coverage' &&
    account !== undefined &&
    coveringServers(coverage, agreements, account, now, policy).includes(server);
  return { admitted: covers, code: covers ? 'coverage' : state };
}
