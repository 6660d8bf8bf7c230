import type { Accounts } from '../flows/accountsPort.ts';
import type { Identities } from '../flows/administratorsPort.ts';
import type { EmergencyRooms } from '../flows/breakGlassPort.ts';
import type { ControlRoom } from '../flows/commandsPort.ts';
import type { Eraser } from '../flows/eraserPort.ts';
import type { Inbox, SessionUsed } from '../flows/inboxPort.ts';
import type { DeviceTrust } from '../flows/incidentsPort.ts';
import type { Alarms, CrashPoints, RoomEvent, Rooms, Voices } from '../flows/ports.ts';
import type { RoomKeeper, StateChanged } from '../flows/roomKeeperPort.ts';
import type { Clock } from '../kernel/clock.ts';
import type { RoomId, ServiceId, UserId } from '../kernel/ids.ts';
import type { Secret } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import type { Attachments } from './attachments.ts';
import type { CryptoCode, VoiceCrypto } from './crypto/index.ts';
import type { MatrixRequest } from './matrixRequest.ts';

export interface MatrixOptions {
  readonly homeserver: { readonly url: string; readonly serverName: string };
  /** As in the registration file the homeserver has. */
  readonly registration: {
    readonly id: string;
    readonly senderLocalpart: string;
    readonly asToken: Secret;
    readonly hsToken: Secret;
  };
  /** Of a server administrator, for the admin API; absent: the bot is one, or there is none. */
  readonly adminToken?: Secret | undefined;
  /** Where the homeserver sends its transactions. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Resolves when it is this process's turn; until then nothing is taken, read or said. Absent: at once. */
  readonly turn?: Promise<void>;
  readonly services: readonly ServiceId[];
  /** Lines for texts: each speaks by a voice of its own, called by its practice. */
  readonly lines?: readonly { readonly name: string; readonly practice: string }[];
  readonly rooms: {
    /** Explicit: the homeserver's default moves (design decision 12). */
    readonly version: string;
    readonly rotationMessages: number;
    readonly rotationMs: number;
  };
  readonly inbox: Inbox;
  /** Makes the crypto engine of one voice; `createVoiceCrypto` with the store, passphrase and settings filled in. */
  readonly openCrypto: (user: UserId, request: MatrixRequest, onCode: (code: CryptoCode) => void) => VoiceCrypto;
  /**
   * What people did. At least once, in order per room; rooms run side by side. Must be harmless when repeated.
   * A throw means "not now": the event comes again and later ones of its room wait.
   */
  readonly onRoomEvent: (event: RoomEvent) => Promise<void>;
  /**
   * Every state event of a room that one of ours is in or invited to, whoever sent it. At least once, in order per room.
   * A throw means "not now", as with `onRoomEvent`.
   */
  readonly onStateChanged: (change: StateChanged) => Promise<void>;
  /** Before an encrypted event of a person is opened: by which session. As often as the event is tried. A throw means "not now". */
  readonly onSessionUsed?: (used: SessionUsed) => Promise<void>;
  /** Of a room's members, who may have the key of what is said there; absent: all. Called for each message. */
  readonly readersOf?: (room: RoomId, members: readonly UserId[]) => readonly UserId[];
  /** People whose devices changed: somebody undecryptable may be reachable now. */
  readonly onDevicesChanged: (users: readonly UserId[]) => void;
  /** Rooms in which something is open: what is said there and not heard does harm now. */
  readonly roomsInUse: () => Promise<readonly RoomId[]>;
  readonly clock: Clock;
  readonly machineClock: Clock;
  readonly alarms: Alarms;
  readonly crash: CrashPoints;
  /** Codes and ids only. */
  readonly log: (
    level: 'debug' | 'info' | 'warn' | 'error',
    code: string,
    about?: Readonly<Record<string, string | number>>,
  ) => void;
  readonly metrics: MatrixMetrics;
}

export interface MatrixMetrics {
  decryptFailed(code: string): void;
  transaction(events: number, receipts: number): void;
  /** So many events were found in a room's history that the homeserver had not pushed. */
  foundInHistory(events: number): void;
}

export interface MatrixReadiness {
  /** The homeserver answers and accepts our token. */
  readonly homeserver: boolean;
  /** The homeserver's transactions are taken. */
  readonly listening: boolean;
  readonly voices: readonly { readonly user: UserId; readonly ready: boolean; readonly syncLagMs: number | null }[];
  /** Null while the database does not answer. */
  readonly backlog: { readonly waiting: number; readonly parked: number } | null;
}

export interface RunningMatrix {
  readonly voices: Voices;
  readonly rooms: Rooms & RoomsByPurpose;
  readonly keeper: RoomKeeper;
  readonly eraser: Eraser;
  /** Makes every voice forget these Megolm sessions of a room, but those it speaks with now; how many there were. */
  forgetSessions(room: RoomId, sessions: readonly string[]): Promise<number>;
  readonly emergencyRooms: EmergencyRooms;
  readonly bot: UserId;
  /** Codes and references only are posted there. */
  readonly controlRoom: ControlRoom;
  /** Where privacy and security officers read; see `server/privacyRoom.ts` for when there are none. */
  readonly privacyRoom: ControlRoom;
  /** As the bot's device sees them. */
  readonly identities: Identities;
  /** Files that the bot sends, encrypted. */
  readonly attachments: Attachments;
  /** People's accounts and devices at our homeserver. */
  readonly accounts: Accounts;
  /** Every device of these people, and whether its owner signs it; null: the homeserver does not answer. */
  devices(users: readonly UserId[]): Promise<readonly DeviceTrust[] | null>;
  /** Resolves when every voice can encrypt; keeps trying while the homeserver is away. */
  readonly ready: Promise<void>;
  readiness(): Promise<MatrixReadiness>;
  /** For tests: every voice has heard of all devices that were there before the call. */
  lookForTest(): Promise<void>;
  /** Makes the crypto engine of every voice panic, for tests. Resolves when all are dead; they restart by themselves. */
  panicForTest(): Promise<void>;
  /** Stops taking transactions, lets running work end, closes the crypto engines. */
  stop(): Promise<void>;
}

export interface RoomsByPurpose {
  ensureControlRoom(members: readonly UserId[]): Promise<Result<RoomId, PortFailure>>;
  ensureAuditRoom(members: readonly UserId[]): Promise<Result<RoomId, PortFailure>>;
  /** The room of somebody and the bot alone. */
  ensureDirectRoom(person: UserId): Promise<Result<RoomId, PortFailure>>;
  ensurePrivacyRoom(officers: readonly UserId[]): Promise<Result<RoomId, PortFailure>>;
}
