/**
 * The space of a role: who is in it may join the rooms of that role, so it is kept as tightly as they are (restricted joins; 45 CFR
 * 164.308(a)(4)(ii)(B)). One for our own people; one per partner, which the partner's Wardroom may fill with its people.
 */
import type { RoomId, UserId } from '../kernel/ids.ts';
import { isPartner } from './agreements.ts';
import type { Correction } from './correction.ts';
import { type NewRoom, stateOf } from './newRoom.ts';
import { type ObservedRoom, Room, sameJson, type Tree } from './observedRoom.ts';
import { stepsFor } from './plan.ts';
import { classSchema, type RoomClass } from './policySchema.ts';
import type { Facts } from './request.ts';
import { type Grant, privilegedRoles, whoHolds } from './roles.ts';
import { serverOf } from './subjects.ts';
import { aliases } from './upkeep/aliases.ts';
import { guestAccess } from './upkeep/guestAccess.ts';
import { historyVisibility } from './upkeep/historyVisibility.ts';
import { intruders } from './upkeep/intruders.ts';
import { joinRules } from './upkeep/joinRules.ts';
import { naming } from './upkeep/naming.ts';
import { powerLevels } from './upkeep/powerLevels.ts';
import { retention } from './upkeep/retention.ts';
import { demandServers } from './upkeep/serverAcl.ts';
import { upgrade } from './upkeep/upgrade.ts';
import { blank, type Found, type RoomFacts, type Sight, type Upkeep } from './upkeepRule.ts';

export interface RoleSpaceFacts extends Facts {
  readonly space: {
    readonly role: string;
    /** Whose people are in it: our own server, or a partner's. */
    readonly server: string;
    /** The partner's Wardroom, where it brings its people in and takes them out by itself; null: they are granted here, one by one. */
    readonly mirror: UserId | null;
    /** The rooms that it opens: clients show them to who is in the space. */
    readonly children?: readonly RoomId[] | undefined;
  };
}

/** A space holds no messages: the strictest of all classes, without keys. */
const SPACE: RoomClass = classSchema.parse({ roles: ['space'], join: 'invite' });

/** Who is to be in a space by our own record, sorted; a mirrored one is filled by the partner. Nobody without an agreement in force. */
export function spaceMembers({ space, ...facts }: RoleSpaceFacts): readonly UserId[] {
  if (!isOpen({ space, ...facts }) || space.mirror !== null) return [];
  return whoHolds(facts.grants, space.role, facts.now).filter((user) => serverOf(user) === space.server);
}

/**
 * What the members of a mirrored space hold here, beside our own grants: the partner answers for them, and for nobody of another server.
 * Reviewed there; they end with the space, the agreement, or when the partner takes them out.
 */
export function grantsOfSpace(observed: ObservedRoom, facts: RoleSpaceFacts): readonly Grant[] {
  const { space } = facts;
  const { mirror, role, server } = space;
  if (mirror === null || !isOpen(facts) || privilegedRoles.includes(role)) return [];
  return [...new Room(observed).members]
    .filter(([user, { membership }]) => membership === 'join' && user !== mirror && serverOf(user) === server)
    .map(([user]) => ({ user, role, from: 0, until: null, reviewBy: Number.MAX_SAFE_INTEGER, by: mirror }))
    .sort((a, b) => (a.user < b.user ? -1 : 1));
}

/** The steps that bring the space of a role from what it is to what it has to be: see `plan`. */
export const planSpace = (observed: ObservedRoom, facts: RoleSpaceFacts): readonly Correction[] =>
  stepsFor(observed, SPACE, roomFactsOf(facts), [...KEPT, servers(facts), members(facts), children(facts)]);

/** What the space of a role is made with. Its type is `m.space`; that of our own people never federates. */
export function newSpace(facts: RoleSpaceFacts, version: NewRoom['version'] = '12'): NewRoom {
  const federate = facts.space.server !== facts.ownServer;
  return { version, federate, state: stateOf(version, facts.bot, (empty) => planSpace(empty, facts)) };
}

const KEPT: readonly Upkeep[] = [
  powerLevels,
  joinRules,
  historyVisibility,
  guestAccess,
  naming,
  aliases,
  intruders,
  retention,
  upgrade,
];

const isOpen = ({ space, ownServer, agreements, now, policy }: RoleSpaceFacts): boolean =>
  space.server === ownServer || isPartner(agreements, space.server, now, policy);

function roomFactsOf({ space, ...facts }: RoleSpaceFacts): RoomFacts {
  const title = facts.policy.roles[space.role]?.title ?? space.role;
  const name = space.server === facts.ownServer ? title : `${title}, ${space.server}`;
  const keepers = space.mirror !== null && isOpen({ space, ...facts }) ? [space.mirror] : [];
  const room = { class: '', roles: [], name, named: [], voices: [], keepers, replacedBy: null };
  return { ...facts, room, roleSpaces: [] };
}

const servers = (facts: RoleSpaceFacts): Upkeep => ({
  name: 'server-acl',
  regulation: '45 CFR 164.308(b)(1), 164.312(e)(1)',
  look: ({ room }) => demandServers(room, [facts.ownServer, ...(isOpen(facts) ? [facts.space.server] : [])]),
});

/** Whoever is in the space finds the rooms that it opens, and no others (Matrix specification, "m.space.child"). */
const children = ({ space, ownServer }: RoleSpaceFacts): Upkeep => ({
  name: 'children',
  regulation: '45 CFR 164.308(a)(4)(ii)(B)',
  look: ({ room }): readonly Found[] => {
    const wanted = new Set<string>(space.children ?? []);
    const listed = new Map(room.eventsOf('m.space.child').map(({ state_key: key, content }) => [key, content]));
    const content = { via: [ownServer] };
    const child = (stateKey: string, of: Tree): Found => ({
      kind: 'set-state',
      fault: 'children',
      type: 'm.space.child',
      stateKey,
      content: of,
    });
    return [
      ...[...wanted].filter((key) => !sameJson(listed.get(key), content)).map((key) => child(key, content)),
      ...[...listed].flatMap(([key, is]) => (wanted.has(key) || blank(is) ? [] : [child(key, {})])),
    ];
  },
});

const PRESENT: readonly string[] = ['join', 'invite', 'knock'];

/** Who holds the role is in, nobody else is. Out of the space first; the rooms that it opens are kept by their own plans. */
const members = (facts: RoleSpaceFacts): Upkeep => ({
  name: 'people',
  regulation: '45 CFR 164.308(a)(3)(ii)(C), (a)(4)(ii)(B)',
  look: ({ room }: Sight): readonly Found[] => {
    const { space, bot } = facts;
    const own = new Set(spaceMembers(facts));
    const mirrored = (user: UserId) =>
      space.mirror !== null && isOpen(facts) && serverOf(user) === space.server && user !== bot;
    const found: Found[] = [];
    for (const [user, { membership }] of room.members) {
      if (!PRESENT.includes(membership) || user === bot || own.has(user) || mirrored(user)) continue;
      found.push({ kind: 'kick', fault: 'role-missing', user, reason: 'This role is not held any more.' });
    }
    const wanted = [...own, ...(space.mirror !== null && isOpen(facts) ? [space.mirror] : [])];
    for (const user of wanted) {
      const membership = room.members.get(user)?.membership;
      if (membership === 'join' || membership === 'invite') continue;
      if (membership === 'ban') found.push({ kind: 'unban', fault: 'banned', user });
      found.push({ kind: serverOf(user) === facts.ownServer ? 'join' : 'invite', fault: 'absent', user });
    }
    return found;
  },
});
