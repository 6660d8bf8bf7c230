import type { SessionUsed } from '../flows/inboxPort.ts';
import type { Alarms, CrashPoints, RoomEvent, Store } from '../flows/ports.ts';
import type { StateChanged } from '../flows/roomKeeperPort.ts';
import { type Clock, realClock } from '../kernel/clock.ts';
import type { RoomId, UserId } from '../kernel/ids.ts';
import type { Secret } from '../kernel/phi.ts';
import { createVoiceCrypto } from '../matrix/crypto/index.ts';
import { type RunningMatrix, startMatrix } from '../matrix/index.ts';
import { createCryptoStore } from '../postgres/cryptoStore.ts';
import type { Pool } from '../postgres/database.ts';
import { createInbox } from '../postgres/inbox.ts';
import type { Config } from './config/index.ts';
import type { Lead } from './lead.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { type RegistrationTokens, SENDER_LOCALPART } from './registration.ts';
import type { Secrets } from './secrets.ts';
import type { Service } from './services.ts';

export interface MatrixParts {
  readonly config: Config;
  readonly registration: RegistrationTokens;
  readonly adminToken: Secret | undefined;
  readonly secrets: Secrets;
  readonly services: readonly Service[];
  readonly lines: readonly { readonly name: string; readonly practice: string }[];
  readonly pool: Pool;
  /** Of the database, for the crypto stores. */
  readonly url: Secret;
  readonly store: Store;
  readonly lead: Lead;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly crash: CrashPoints;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly onRoomEvent: (event: RoomEvent) => Promise<void>;
  readonly onStateChanged: (change: StateChanged) => Promise<void>;
  readonly onSessionUsed: (used: SessionUsed) => Promise<void>;
  readonly readersOf: (room: RoomId, members: readonly UserId[]) => readonly UserId[];
  readonly onDevicesChanged: (users: readonly UserId[]) => void;
}

/** Whether this is the bot or a voice: a user of the registration's namespace. */
export const ownUsers = (serverName: string) => (user: string) =>
  user.endsWith(`:${serverName}`) && /^@wardroom(_|:)/.test(user);

/** Voices, rooms and the homeserver's transactions, with the database behind them; from the moment this process leads. */
export function connectMatrix(parts: MatrixParts): Promise<RunningMatrix> {
  const { config, registration, secrets, services, pool, store, lead, clock, alarms, crash, log, metrics } = parts;
  const cryptoStore = createCryptoStore(parts.url.reveal());
  const rotation = { rotationMessages: config.crypto.rotation.messages, rotationMs: config.crypto.rotation.period };
  return startMatrix({
    homeserver: { url: config.homeserver.url, serverName: config.homeserver.server_name },
    registration: {
      id: 'wardroom',
      senderLocalpart: SENDER_LOCALPART,
      asToken: registration.as,
      hsToken: registration.hs,
    },
    adminToken: parts.adminToken,
    listen: config.appservice,
    ...(lead.isOurs ? {} : { turn: lead.gained }),
    services: services.map((service) => service.id),
    lines: parts.lines,
    rooms: { version: config.rooms.version, ...rotation },
    inbox: createInbox(pool),
    openCrypto: (user, request, onCode) =>
      createVoiceCrypto({
        user,
        request,
        store: cryptoStore,
        passphrase: secrets.cryptoPassphrase(),
        settings: { devices: config.crypto.devices, ...rotation },
        onCode,
      }),
    onRoomEvent: parts.onRoomEvent,
    onStateChanged: parts.onStateChanged,
    onSessionUsed: parts.onSessionUsed,
    readersOf: parts.readersOf,
    onDevicesChanged: parts.onDevicesChanged,
    roomsInUse: () => store.read.roomsInUse(),
    clock,
    machineClock: realClock,
    alarms,
    crash,
    log: (level, code, about) => log[level]({ code, ...about }, code),
    metrics: {
      decryptFailed: () => metrics.decryption('failed'),
      transaction: () => undefined,
      foundInHistory: metrics.foundInHistory,
    },
  });
}
