import type { Encrypted, Voices } from '../flows/ports.ts';
import type { Instant } from '../kernel/clock.ts';
import {
  type DeviceId,
  type EventId,
  eventId,
  type RoomId,
  type ServiceId,
  serviceId,
  type UserId,
  userId,
} from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { VoiceCrypto } from './crypto/index.ts';
import { failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';
import type { RoomMembers } from './roomMembers.ts';
import { sentBefore } from './sentBefore.ts';

/** One identity that speaks: its Matrix user, its requests, its device. */
export interface Voice {
  readonly user: UserId;
  readonly request: MatrixRequest;
  readonly crypto: VoiceCrypto;
}

export interface MatrixVoicesOptions {
  readonly voices: ReadonlyMap<UserId, Voice>;
  readonly userOf: (service: ServiceId) => UserId;
  readonly bot: UserId;
  readonly members: RoomMembers;
  /** Brings a voice that is not in a room it should speak in back into it. */
  readonly repair: (room: RoomId, voice: UserId) => Promise<Result<void, PortFailure>>;
  /** Of these members, who may have the key: the homeserver's word is not enough. */
  readonly readersOf: (room: RoomId, members: readonly UserId[]) => readonly UserId[];
}

const SEND_TIMEOUT_MS = 30_000;
/** What a voice may send. Reactions are never encrypted (matrix.md 4.10) and hold no text. */
const sendable: ReadonlySet<string> = new Set(['m.room.encrypted', 'm.reaction']);

/** The user of a service's voice: `wardroom_` and the service's id, in the characters a user id may have. */
export function voiceUser(service: ServiceId, serverName: string): UserId {
  const escaped = [...Buffer.from(service, 'utf8')]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return /[a-z0-9._-]/.test(letter) ? letter : `=${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
  return userId(`@wardroom_${escaped}:${serverName}`);
}

/** The user of a line for texts, by its name: never by its number, which would stand in every room's state. */
export const lineVoice = (line: string, serverName: string): UserId => voiceUser(serviceId(`text.${line}`), serverName);

export class MatrixVoices implements Voices {
  readonly #voices: ReadonlyMap<UserId, Voice>;
  readonly #members: RoomMembers;
  readonly #repair: MatrixVoicesOptions['repair'];
  readonly #readersOf: MatrixVoicesOptions['readersOf'];
  readonly userOf: (service: ServiceId) => UserId;
  readonly bot: UserId;

  constructor(options: MatrixVoicesOptions) {
    this.#voices = options.voices;
    this.#members = options.members;
    this.#repair = options.repair;
    this.#readersOf = options.readersOf;
    this.userOf = options.userOf;
    this.bot = options.bot;
  }

  async encrypt(
    voice: UserId,
    room: RoomId,
    type: string,
    content: Phi<Record<string, unknown>>,
  ): Promise<Result<Encrypted, PortFailure>> {
    const { crypto } = this.#voice(voice);
    const members = await this.#joined(voice, room);
    if (!members.ok) return members;
    return crypto.encrypt(room, this.#readersOf(room, members.value), type, content);
  }

  async send(
    voice: UserId,
    room: RoomId,
    type: string,
    txnId: string,
    content: Readonly<Record<string, unknown>>,
  ): Promise<Result<EventId, PortFailure>> {
    if (!sendable.has(type)) return err({ kind: 'permanent', code: 'plaintext-refused' });
    const { crypto, request } = this.#voice(voice);
    // Without the device the homeserver remembers the transaction only in memory (matrix.md 4.5).
    if (crypto.deviceId === null) return err({ kind: 'retry', code: 'voice-not-ready' });
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/${encodeURIComponent(type)}/${encodeURIComponent(txnId)}`;
    try {
      const response = await request('PUT', path, {
        query: { device_id: crypto.deviceId },
        body: content,
        timeoutMs: SEND_TIMEOUT_MS,
      });
      if (response.status !== 200) return err(failureOf(response));
      const id = (response.body as { event_id?: unknown } | null)?.event_id;
      // The same transaction id may be sent again: a broken answer is repeated, not guessed at.
      return typeof id === 'string' ? ok(eventId(id)) : err({ kind: 'retry', code: 'homeserver-unclear' });
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }

  sentBefore(
    voice: UserId,
    room: RoomId,
    content: Readonly<Record<string, unknown>>,
    since: Instant,
  ): Promise<Result<EventId | null, PortFailure>> {
    return sentBefore(this.#voice(voice).request, voice, room, content, since);
  }

  reachable(voice: UserId, users: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly DeviceId[]>> {
    return this.#voice(voice).crypto.usableDevices(users);
  }

  /** Who would read it; a failure when that is unknown, the room is not encrypted, or the voice is not in it. */
  async #joined(voice: UserId, room: RoomId): Promise<Result<readonly UserId[], PortFailure>> {
    let state = await this.#members.of(room);
    if (state.ok && !state.value.joined.includes(voice)) {
      const repaired = await this.#repair(room, voice);
      if (!repaired.ok)
        return err({ kind: repaired.error.kind === 'permanent' ? 'permanent' : 'retry', code: 'voice-not-in-room' });
      state = await this.#members.of(room);
    }
    if (!state.ok) return state;
    if (!state.value.encrypted) return err({ kind: 'permanent', code: 'room-not-encrypted' });
    if (!state.value.joined.includes(voice)) return err({ kind: 'retry', code: 'voice-not-in-room' });
    return ok(state.value.joined);
  }

  #voice(user: UserId): Voice {
    const voice = this.#voices.get(user);
    if (voice === undefined) throw new Error('not one of our voices');
    return voice;
  }
}
