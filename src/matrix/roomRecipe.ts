import type { UserId } from '../kernel/ids.ts';

/** What a room of ours is for: the state event by which the bot finds it again after a crash. */
export interface RoomPurpose {
  readonly purpose: 'account' | 'personal' | 'control' | 'audit' | 'privacy' | 'direct' | 'report' | 'kept';
  /** Only with `account` and `personal`. */
  readonly account?: string;
  /** Only with `personal` and `direct`: whose room it is. */
  readonly person?: string;
  /** Only with `report`: `#frontdesk:hospital.example`. */
  readonly alias?: string;
  /** Only with `kept`: what whoever keeps the room knows it by. */
  readonly key?: string;
}

/** State event type of the marker. Its content is readable by the homeserver: names from configuration only. */
export const markerType = 'org.wardroom.room';

export const purposeKey = (purpose: RoomPurpose): string =>
  JSON.stringify([
    purpose.purpose,
    purpose.account ?? purpose.alias ?? purpose.key ?? '',
    ...(purpose.person === undefined ? [] : [purpose.person]),
  ]);

export interface RoomRecipeOptions {
  readonly purpose: RoomPurpose;
  readonly version: string;
  readonly bot: UserId;
  readonly voices: readonly UserId[];
  readonly rotationMessages: number;
  readonly rotationMs: number;
}

/** Room versions in which creators have unlimited power and must not be listed in `users` (MSC4289): 12 and later. */
const creatorsAreListed = (version: string): boolean => /^([1-9]|1[01])$/.test(version);

/**
 * The body of `createRoom`: encrypted before anyone can speak, history for those who were there, only the bot invites and changes
 * state (matrix.md 9; `invite` defaults to 0 when left out). The marker comes last, so that a room that has it has all the rest.
 */
export function roomRecipe(options: RoomRecipeOptions): Record<string, unknown> {
  const users: Record<string, number> = creatorsAreListed(options.version) ? { [options.bot]: 100 } : {};
  for (const voice of options.voices) {
    if (voice !== options.bot) users[voice] = 50;
  }
  return {
    room_version: options.version,
    visibility: 'private',
    preset: 'private_chat',
    name: nameOf(options.purpose),
    power_level_content_override: {
      users,
      users_default: 0,
      events_default: 0,
      state_default: 100,
      invite: 100,
      kick: 100,
      ban: 100,
      redact: 50,
      notifications: { room: 50 },
      events: Object.fromEntries(guardedState.map((type) => [type, 100])),
    },
    initial_state: [
      {
        type: 'm.room.encryption',
        state_key: '',
        content: {
          algorithm: 'm.megolm.v1.aes-sha2',
          rotation_period_ms: options.rotationMs,
          rotation_period_msgs: options.rotationMessages,
        },
      },
      { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } },
      { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'invite' } },
      { type: 'm.room.guest_access', state_key: '', content: { guest_access: 'forbidden' } },
      { type: markerType, state_key: '', content: { ...options.purpose } },
    ],
  };
}

/** `frontdesk` of `#frontdesk:hospital.example`; empty where it could be more than a name. */
const localpartOf = (alias: string): string => /^#([A-Za-z0-9][A-Za-z0-9._-]{0,39}):/.exec(alias)?.[1] ?? '';

/** `createRoom` replaces the map as a whole, so every type that has a level of its own by default is named. */
const guardedState = [
  'm.room.name',
  'm.room.topic',
  'm.room.avatar',
  'm.room.canonical_alias',
  'm.room.encryption',
  'm.room.history_visibility',
  'm.room.join_rules',
  'm.room.guest_access',
  'm.room.power_levels',
  'm.room.server_acl',
  'm.room.tombstone',
  'm.room.policy',
  'm.room.retention',
];

/** Room names are readable by every homeserver: the account's id if it can only be one, never what a person typed. */
function nameOf({ purpose, account, alias }: RoomPurpose): string {
  if (purpose === 'control') return 'Wardroom control';
  if (purpose === 'audit') return 'Wardroom audit';
  if (purpose === 'privacy') return 'Wardroom privacy';
  if (purpose === 'direct') return 'Wardroom';
  if (purpose === 'report') return `On-call reports ${localpartOf(alias ?? '')}`.trim();
  return account !== undefined && /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(account) ? `On-call ${account}` : 'On-call';
}
