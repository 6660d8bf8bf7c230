import type { UserId } from '../../kernel/ids.ts';
import { type Facts, neededSpaces, spaceKey } from '../../policy/index.ts';
import type { KeptRoom, KeptSubject } from '../keptRoomsPort.ts';
import type { RoomKeeper } from '../roomKeeperPort.ts';
import { type KeptRooms, newKept } from './keptRooms.ts';

export interface RoleSpaceParts {
  readonly rooms: KeptRooms;
  readonly keeper: RoomKeeper;
  readonly now: () => number;
}

/** The spaces that the rooms' join rules need and that were not made yet, recorded: whoever makes rooms makes them. */
export async function missingSpaces({ rooms, keeper, now }: RoleSpaceParts, facts: Facts): Promise<readonly string[]> {
  const needed = new Map<string, { readonly role: string; readonly server: string }>();
  for (const { subject, state } of rooms.all()) {
    if (subject.kind !== 'room' || state !== 'kept') continue;
    for (const space of neededSpaces(subject, facts)) needed.set(spaceKey(space.role, space.server), space);
  }
  const mirrors = new Map<string, UserId | null>();
  for (const [key, space] of needed) {
    if (rooms.get(key) !== null) continue;
    const { server } = space;
    const mirror = mirrors.has(server) ? mirrors.get(server) : await mirrorOf(keeper, server, facts);
    mirrors.set(server, mirror ?? null);
    const subject: KeptSubject = { kind: 'space', ...space, mirror: mirror ?? null };
    const detail = { ...space, mirror: subject.mirror };
    await rooms.save(
      [newKept(key, subject, now())],
      [{ action: 'space.added', outcome: 'ok', actor: 'wardroom', detail }],
    );
  }
  return [...needed.keys()].filter((key) => rooms.get(key)?.roomId == null);
}

/** The Wardroom of a partner, if it has one: it brings its people into the spaces that are made for them, and answers for them. */
async function mirrorOf(keeper: RoomKeeper, server: string, { ownServer }: Facts): Promise<UserId | null> {
  if (server === ownServer) return null;
  const wardroom = `@wardroom:${server}` as UserId;
  const found = await keeper.exists(wardroom);
  return found.ok && found.value ? wardroom : null;
}

/** Partners that got a Wardroom, or did not answer when their space was made. Resolves to the spaces that it fills from now on. */
export async function lookForMirrors({ rooms, keeper }: RoleSpaceParts, facts: Facts): Promise<readonly KeptRoom[]> {
  const found: KeptRoom[] = [];
  const mirrors = new Map<string, UserId | null>();
  for (const kept of rooms.all()) {
    const { subject } = kept;
    if (subject.kind !== 'space' || subject.mirror !== null || subject.server === facts.ownServer) continue;
    const { role, server } = subject;
    if (!mirrors.has(server)) mirrors.set(server, await mirrorOf(keeper, server, facts));
    const mirror = mirrors.get(server) ?? null;
    if (mirror === null) continue;
    const now: KeptRoom = { ...kept, subject: { ...subject, mirror } };
    const detail = { role, server, mirror };
    await rooms.save([now], [{ action: 'space.mirrored', outcome: 'ok', actor: 'wardroom', detail }]);
    found.push(now);
  }
  return found;
}
