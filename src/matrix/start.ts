import { type UserId, userId } from '../kernel/ids.ts';
import type { Secret } from '../kernel/phi.ts';
import { MatrixAccounts } from './accounts.ts';
import { AliasRemover, aliasRemoverUser } from './aliasRemover.ts';
import { WardroomAppService } from './appService.ts';
import { Attachments } from './attachments.ts';
import { asOther } from './borrowedToken.ts';
import { BotRoom } from './botRoom.ts';
import { MatrixBridge } from './bridge.ts';
import { BringUp } from './bringUp.ts';
import { CatchUp } from './catchUp.ts';
import type { CryptoCode, VoiceCrypto } from './crypto/index.ts';
import { cryptoAlarms } from './cryptoAlarms.ts';
import { Decryptor } from './decryptor.ts';
import { deviceTrust } from './deviceTrust.ts';
import { MatrixEmergencyRooms } from './emergencyRooms.ts';
import { MatrixEraser } from './eraser.ts';
import { EventHandler } from './eventHandler.ts';
import { isFree } from './freePort.ts';
import { MadeRooms } from './madeRooms.ts';
import { type AsPerson, Memberships } from './memberships.ts';
import type { MatrixOptions, MatrixReadiness, RunningMatrix } from './options.ts';
import { Pauses } from './pauses.ts';
import { RoomFeed } from './roomFeed.ts';
import { MatrixRoomKeeper } from './roomKeeper.ts';
import { RoomMembers } from './roomMembers.ts';
import { RoomSteps } from './roomSteps.ts';
import { MatrixRooms } from './rooms.ts';
import { TransactionIntake } from './transactionIntake.ts';
import { lineVoice, MatrixVoices, type Voice, voiceUser } from './voices.ts';

/** Before the voices are ready encrypted events could not be opened; unencrypted ones must not wait longer than this for them. */
const FEED_WAITS_MS = 10_000;
/** How often a port that is still taken is tried again, and after how many tries that is an alarm. */
const PORT_RETRY_MS = 250;
const PORT_TRIES = 20;
/** Less than a question for readiness may take. */
const WHOAMI_TIMEOUT_MS = 1_500;
const TIDY_EVERY_MS = 3_600_000;
const TRANSACTIONS_KEPT_MS = 30 * 86_400_000;

function reportCrypto({ log, alarms }: MatrixOptions, user: UserId, code: CryptoCode): void {
  const alarm = cryptoAlarms.get(code);
  log(alarm ? 'error' : 'info', code, { user, ...alarm });
  if (alarm) alarms.raise(code, {});
}

/**
 * Starts everything between Wardroom and its homeserver: the transactions endpoint first, so that nothing is missed, then the
 * voices. Resolves when transactions are taken or, with `turn`, when that is waited for; `ready` tells when the voices can speak.
 * Throws when the port is taken.
 */
export async function startMatrix(options: MatrixOptions): Promise<RunningMatrix> {
  const { inbox, clock, alarms, crash, log, metrics } = options;
  const { serverName } = options.homeserver;
  const bot = userId(`@wardroom:${serverName}`);
  const bridge = new MatrixBridge({
    homeserverUrl: options.homeserver.url,
    serverName,
    registration: options.registration,
    adminToken: options.adminToken,
  });

  const displayNames = new Map<UserId, string>();
  for (const service of options.services) displayNames.set(voiceUser(service, serverName), `${service} via Wardroom`);
  for (const { name, practice } of options.lines ?? [])
    displayNames.set(lineVoice(name, serverName), `${practice} texts`);
  // The bot last: it opens an event only when no voice of the room could.
  displayNames.set(bot, 'Wardroom');
  const voices = new Map<UserId, Voice>();
  for (const user of displayNames.keys()) {
    const request = bridge.request(user);
    const crypto = options.openCrypto(user, request, (code) => {
      reportCrypto(options, user, code);
      if (code === 'crypto.sync_failed') catchUp.wasAway();
    });
    voices.set(user, { user, request, crypto });
  }
  const cryptos: readonly VoiceCrypto[] = [...voices.values()].map((voice) => voice.crypto);
  // The whole namespace: a voice of a service that was taken out of the configuration is still no person.
  const isOurs = (user: string): boolean => user.endsWith(`:${serverName}`) && /^@wardroom[_:]/.test(user);

  // The bot first: it is in every room it made.
  const members = new RoomMembers({ askers: [...voices.values()].reverse().map((voice) => voice.request) });
  const catchUp = new CatchUp({
    inbox,
    request: bridge.request(bot),
    members,
    isOurs,
    clock,
    machineClock: options.machineClock,
    roomsInUse: options.roomsInUse,
    onFound(room, events) {
      log('warn', 'inbox.found_in_history', { room, events });
      metrics.foundInHistory(events);
      feed.wake();
    },
    onFailure: (code) => log('info', `inbox.${code}`),
  });
  const botActs = { bot: bridge.identity(bot), botRequest: bridge.request(bot), serverName, log };
  const made = new MadeRooms(botActs);
  const requestWith = (token: Secret) => bridge.requestWith(token);
  const asPerson: AsPerson = (user, work) =>
    asOther({ adminRequest: botActs.botRequest, requestWith, machineClock: options.machineClock }, user, work);
  const memberships = new Memberships({
    ...botActs,
    identity: (voice) => bridge.identity(voice),
    members,
    asPerson: options.adminToken && asPerson,
  });
  const rooms = new MatrixRooms({ ...botActs, made, memberships, members, ...options.rooms, alarms });
  const aliases = new AliasRemover({
    ...botActs,
    requestWith,
    adminToken: options.adminToken,
    remover: bridge.identity(aliasRemoverUser(serverName)),
    machineClock: options.machineClock,
  });
  const steps = new RoomSteps({ ...botActs, memberships, members, aliases, cryptos, isOurs });
  const speaking = new MatrixVoices({
    voices,
    userOf: (service) => voiceUser(service, serverName),
    bot,
    members,
    repair: (room, voice) => memberships.addVoice(room, voice),
    readersOf: options.readersOf ?? ((_room, members) => members),
  });

  const decryptor = new Decryptor(
    new Map(cryptos.map((crypto) => [crypto.user, crypto])),
    members,
    (room, sessions) => {
      inbox.keysArrived(room, sessions, clock.now()).then(
        (count) => {
          if (count > 0) feed.wake();
        },
        // They stay due by their back-off.
        () => log('warn', 'inbox.keys_not_noted', { room }),
      );
    },
  );
  const handler = new EventHandler({
    inbox,
    decryptor,
    members,
    cryptos,
    onRoomEvent: options.onRoomEvent,
    onStateChanged: options.onStateChanged,
    ...(options.onSessionUsed === undefined ? {} : { onSessionUsed: options.onSessionUsed }),
    clock,
    alarms,
    crash,
    decryptFailed: metrics.decryptFailed,
  });
  const feed = new RoomFeed({
    inbox,
    handle: (event) => handler.handle(event),
    handleRead: (read) => handler.handleRead(read),
    setAside: (event) => handler.setAside(event),
    now: () => clock.now(),
    onError: (code) => log('warn', `feed.${code}`),
  });

  const intake = new TransactionIntake({
    inbox,
    members,
    clock,
    crash,
    isOurs,
    ping: () => bridge.ping(),
    onAccepted: (events, receipts) => {
      metrics.transaction(events, receipts);
      if (events + receipts > 0) feed.wake();
    },
  });
  const appService = new WardroomAppService({
    hsToken: options.registration.hsToken,
    knowsUser: (user) => voices.has(userId(user)),
    onRefused: (code) => log('error', 'inbox.not_stored', { code }),
    accept: (txnId, body) => intake.accept(txnId, body),
  });
  const unsubscribe = cryptos.map((crypto) => crypto.onDevicesChanged(options.onDevicesChanged));
  const bringUp = new BringUp({
    bridge,
    voices: [...voices.values()].map((voice) => ({ voice, displayName: displayNames.get(voice.user) ?? '' })),
    onFailure: (code, user) => log('warn', 'voice.not_ready', { code, user }),
  });
  const pauses = new Pauses();
  await bridge.initialise();
  let listening = false;
  const listen = async (): Promise<void> => {
    await bridge.listen(options.listen.host, options.listen.port, appService);
    listening = true;
  };
  /** After waiting, the process before us may not have let go of the port yet, or be frozen with it. */
  const listenWhenFree = async (): Promise<void> => {
    for (let tries = 0; !pauses.ended && !listening; tries += 1) {
      if (await isFree(options.listen.host, options.listen.port)) await listen().catch(() => undefined);
      if (listening) return;
      if (tries === PORT_TRIES) {
        log('error', 'transactions.port_taken', { port: options.listen.port });
        alarms.raise('transactions-port-taken', {});
      }
      await pauses.for(PORT_RETRY_MS);
    }
  };
  const begin = (): void => {
    if (pauses.ended) return;
    bringUp.start();
    feeding = pauses.for(FEED_WAITS_MS, bringUp.ready).then(() => {
      if (!pauses.ended) feed.start();
    });
    catchUp.start(bringUp.ready);
  };
  let feeding: Promise<void> = Promise.resolve();
  let listener: Promise<void> = Promise.resolve();
  if (options.turn === undefined) {
    await listen();
    begin();
  } else {
    void options.turn.then(() => {
      listener = listenWhenFree();
      begin();
    });
  }
  const tidying = setInterval(() => {
    inbox.tidy(clock.now() - TRANSACTIONS_KEPT_MS).catch(() => log('warn', 'inbox.not_tidied'));
  }, TIDY_EVERY_MS);
  tidying.unref();

  const controlRoom = new BotRoom({ voices: speaking, bot, members });
  const privacyRoom = new BotRoom({ voices: speaking, bot, members });
  let stopping: Promise<void> | null = null;

  const stop = async (): Promise<void> => {
    clearInterval(tidying);
    pauses.end();
    await feeding;
    bringUp.stop();
    intake.stop();
    await catchUp.stop();
    handler.stop();
    for (const end of unsubscribe) end();
    // No more transactions first: what is not taken stays with the homeserver, what is taken is in the inbox.
    await listener;
    await bridge.stopListening();
    await feed.stop();
    decryptor.close();
    await Promise.all(cryptos.map((crypto) => crypto.stop()));
    bridge.disconnect();
  };

  return {
    voices: speaking,
    rooms: {
      ensureAccountRoom: (account, who, people) => rooms.ensureAccountRoom(account, who, people),
      ensurePersonalRoom: (account, who, person) => rooms.ensurePersonalRoom(account, who, person),
      ensureReportRoom: (alias, who, people) => rooms.ensureReportRoom(alias, who, people),
      async ensureControlRoom(people) {
        const room = await rooms.ensureControlRoom(people);
        if (room.ok) controlRoom.found(room.value);
        return room;
      },
      ensureAuditRoom: (people) => rooms.ensureAuditRoom(people),
      ensureDirectRoom: (person) => rooms.ensureDirectRoom(person),
      async ensurePrivacyRoom(officers) {
        const room = await rooms.ensurePrivacyRoom(officers);
        if (room.ok) privacyRoom.found(room.value);
        return room;
      },
      people: (room) => rooms.people(room),
      remove: (room, user, reason) => rooms.remove(room, user, reason),
    },
    keeper: new MatrixRoomKeeper({ ...botActs, made, steps }),
    eraser: new MatrixEraser(botActs),
    async forgetSessions(room, sessions) {
      const counts = await Promise.all(cryptos.map((crypto) => crypto.forgetSessions(room, sessions)));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    emergencyRooms: new MatrixEmergencyRooms({
      ...botActs,
      ...options.rooms,
      bot,
      made,
      memberships,
      members,
      decryptor,
      voices: speaking,
    }),
    bot,
    ready: bringUp.ready,
    controlRoom,
    privacyRoom,
    identities: {
      of: (users) => voices.get(bot)?.crypto.identities(users) ?? Promise.resolve(new Map()),
    },
    attachments: new Attachments(bridge.request(bot)),
    accounts: new MatrixAccounts({
      botRequest: bridge.request(bot),
      requests: [...voices.values()].map(({ request }) => request),
      cryptos,
    }),
    devices: (users) => deviceTrust(bridge.request(bot), users),
    async readiness(): Promise<MatrixReadiness> {
      const whoami = await bridge
        .request(bot)('GET', '/_matrix/client/v3/account/whoami', { timeoutMs: WHOAMI_TIMEOUT_MS })
        .catch(() => null);
      return {
        homeserver: whoami?.status === 200,
        listening,
        voices: cryptos.map((crypto) => ({
          user: crypto.user,
          ready: crypto.state() === 'ready',
          syncLagMs: crypto.syncLag(),
        })),
        backlog: await inbox.backlog().catch(() => null),
      };
    },
    async lookForTest() {
      await Promise.all(cryptos.map((crypto) => crypto.lookForTest()));
    },
    async panicForTest() {
      await Promise.all(cryptos.map((crypto) => crypto.panicForTest()));
    },
    stop: () => (stopping ??= stop()),
  };
}
