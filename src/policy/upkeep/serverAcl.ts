import { own, type Room, sameJson } from '../observedRoom.ts';
import { admitsServer } from '../subjects.ts';
import type { Found, RoomFacts, Upkeep } from '../upkeepRule.ts';

/** Only our own server and those of partners in force may send into a room. Our own is always on the list. */
export const serverAcl: Upkeep = {
  name: 'server-acl',
  regulation: '45 CFR 164.308(b)(1), 164.312(e)(1)',
  look: ({ room, facts }) => demandServers(room, allowedServers(facts)),
};

/** That these servers, and no others, may send into a room. */
export function demandServers(room: Room, servers: readonly string[]): readonly Found[] {
  const hosts = [...new Set(servers.flatMap((server) => [hostOf(server), server]))].sort();
  const wanted = { allow: hosts, allow_ip_literals: hosts.some(isLiteral), deny: [] as string[] };
  const content = room.content('m.room.server_acl') ?? {};
  const allow = own(content, 'allow');
  const given = { ...content, allow: Array.isArray(allow) ? [...allow].sort() : allow };
  if (sameJson(given, wanted)) return [];
  return [{ kind: 'set-state', fault: 'server-acl', type: 'm.room.server_acl', stateKey: '', content: wanted }];
}

/** The servers whose people may be in the room now. */
export function allowedServers(facts: RoomFacts): readonly string[] {
  const { agreements, ownServer, room } = facts;
  const partners = agreements
    .map(({ domain }) => domain)
    .filter((server) => admitsServer(server, room.class, room.account, facts).admitted);
  return [ownServer, ...partners];
}

/**
 * Access control lists are held against names without their port (Matrix specification, "m.room.server_acl"). Synapse looks for its own name as it is,
 * with the port, before it takes a list: a name with a port is there both ways.
 */
const hostOf = (server: string): string => server.replace(/:\d{1,5}$/, '');

const isLiteral = (host: string): boolean => /^\[|^\d{1,3}(\.\d{1,3}){3}$/.test(host);
