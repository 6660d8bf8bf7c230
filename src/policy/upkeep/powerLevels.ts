import type { UserId } from '../../kernel/ids.ts';
import { decide } from '../decide.ts';
import { own, sameJson, type Tree, treeOf } from '../observedRoom.ts';
import { EVERYONE } from '../policySchema.ts';
import { LEVEL_NAMES, levelOf } from '../power.ts';
import { whoHolds } from '../roles.ts';
import { isOurs } from '../subjects.ts';
import { cannot, type Found, type RoomFacts, type Sight, type Upkeep } from '../upkeepRule.ts';

/** What the bot needs, and what every change of the room's state takes. */
export const BOT_LEVEL = 100;
const VOICE_LEVEL = 50;
/** Whoever may write where not all may. */
const POSTER_LEVEL = 10;

/** Every state event that would open a door or hide what happened, and every one that Wardroom itself clears: none hangs on `state_default`. */
const GUARDED = [
  'im.vector.modular.widgets',
  'm.room.aliases',
  'm.room.avatar',
  'm.room.canonical_alias',
  'm.room.encryption',
  'm.room.guest_access',
  'm.room.history_visibility',
  'm.room.join_rules',
  'm.room.name',
  'm.room.policy',
  'm.room.power_levels',
  'm.room.retention',
  'm.room.server_acl',
  'm.room.third_party_invite',
  'm.room.tombstone',
  'm.room.topic',
  'm.widget',
  'org.matrix.msc4284.policy',
];

/** Nobody but Wardroom invites, removes, or changes a room; who may write, writes. */
export const powerLevels: Upkeep = {
  name: 'power-levels',
  regulation: '45 CFR 164.308(a)(4), 164.312(a)(1)',
  look: (sight): readonly Found[] => [...levels(sight), ...reigning(sight)],
};

function levels(sight: Sight): readonly Found[] {
  const { room, power, facts } = sight;
  const is = room.event('m.room.power_levels')?.content;
  const wanted = demanded(sight);
  if (sameJson(is, wanted)) return [];
  // With less it could lock itself out: it changes nothing.
  if (power.of(facts.bot) < BOT_LEVEL) {
    const what =
      'Wardroom has too little power in this room. Somebody with more has to raise it to 100, or the room is made anew.';
    return [cannot('power-levels', 'power-missing', what)];
  }
  const { content, kept } = permitted(sight, treeOf(is), wanted);
  if (sameJson(is, content)) return kept;
  return [{ kind: 'set-state', fault: 'power-levels', type: 'm.room.power_levels', stateKey: '', content }, ...kept];
}

/** Creators of a room of version 12 or later that are not Wardroom. */
const reigning = ({ room, facts }: Sight): readonly Found[] =>
  room.creatorsReign
    ? [...room.creators]
        .filter((user) => !isOurs(user, facts))
        .map((user) => {
          const what = 'Somebody else made this room and keeps power over it for ever. Make a new room.';
          return cannot('creator', 'creator-has-all-power', what, user);
        })
    : [];

/** What the class wants, for a bot that may do everything. */
function demanded({ room, power, roomClass, facts }: Sight): Tree {
  const users = new Map<UserId, number>();
  const all = roomClass.post.includes(EVERYONE);
  if (!all) for (const user of posters(roomClass.post, facts)) users.set(user, POSTER_LEVEL);
  const keepers = facts.room.keepers ?? [];
  for (const user of [...facts.room.voices, ...keepers]) users.set(user, VOICE_LEVEL);
  const doors = keepers.length > 0 ? VOICE_LEVEL : BOT_LEVEL;
  // Never below what it has: nobody else could give it back.
  users.set(facts.bot, Math.max(BOT_LEVEL, power.of(facts.bot)));
  if (room.creatorsReign) for (const creator of room.creators) users.delete(creator);
  const replies = all ? {} : { 'm.reaction': 0, 'm.room.redaction': 0 };
  return {
    users: Object.fromEntries([...users].sort(([a], [b]) => (a < b ? -1 : 1))),
    users_default: 0,
    events: { ...Object.fromEntries(GUARDED.map((type) => [type, BOT_LEVEL])), ...replies },
    events_default: all ? 0 : POSTER_LEVEL,
    state_default: BOT_LEVEL,
    invite: doors,
    kick: doors,
    ban: BOT_LEVEL,
    redact: VOICE_LEVEL,
    notifications: { room: VOICE_LEVEL },
  };
}

/** Whoever may write, in the room or not yet: power is there before they come. */
const posters = (roles: readonly string[], facts: RoomFacts): readonly UserId[] =>
  roles
    .flatMap((role) => whoHolds(facts.grants, role, facts.now))
    .filter((user) => !isOurs(user, facts) && decide({ kind: 'join', user, room: facts.room }, facts).length === 0);

/**
 * As much of it as the homeserver lets the bot change (Matrix specification, room versions, "Authorization rules", m.room.power_levels): no
 * entry above its own level, no person at or above it. What has to stay as it is, is said. Expects a bot with at least `BOT_LEVEL`.
 */
function permitted(
  { room, power, facts }: Sight,
  current: Tree,
  wanted: Tree,
): { readonly content: Tree; readonly kept: readonly Found[] } {
  const level = power.of(facts.bot);
  if (level === Number.POSITIVE_INFINITY) return { content: wanted, kept: [] };
  const kept: Found[] = [];
  const entry = (is: unknown, want: unknown, fixed: (value: number) => boolean, user?: UserId): unknown => {
    const before = levelOf(is, room.version);
    if (before === null || before === want || !fixed(before)) return want;
    const what =
      'Somebody has as much power in this room as Wardroom, or more. They have to give it up, or the room is made anew.';
    kept.push(cannot('power-levels', 'power-above-ours', what, user));
    return before;
  };
  const group = (key: 'users' | 'events' | 'notifications'): Tree => {
    const is = treeOf(own(current, key));
    const want = treeOf(own(wanted, key));
    const ofPerson = (name: string) => key === 'users' && name !== facts.bot;
    return Object.fromEntries(
      [...new Set([...Object.keys(want), ...Object.keys(is)])].flatMap((name): [string, unknown][] => {
        const value = ofPerson(name)
          ? entry(own(is, name), own(want, name), (before) => before >= level, name as UserId)
          : entry(own(is, name), own(want, name), (before) => before > level);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  };
  const scalars = LEVEL_NAMES.map((name): [string, unknown] => [
    name,
    entry(own(current, name), own(wanted, name), (before) => before > level),
  ]);
  const users = new Map(Object.entries(group('users')));
  // Creators of room version 12 and later are never named.
  if (room.creatorsReign) for (const creator of room.creators) users.delete(creator);
  const content = {
    ...Object.fromEntries(scalars),
    users: Object.fromEntries(users),
    events: group('events'),
    notifications: group('notifications'),
  };
  return { content, kept };
}
