import { logSigner } from '../audit/keys.ts';
import { alarmNotices } from '../bot/index.ts';
import { createGate, createHttpApi, createStatusSender } from '../channels/http/index.ts';
import { createGateway, createWctpSender, wctpRouter } from '../channels/wctp/index.ts';
import { AccountRooms } from '../flows/accountRooms.ts';
import { type AdmissionFlow, admitTestPage, admitTicket } from '../flows/admitTicket.ts';
import { keepDeadlines } from '../flows/deadlines.ts';
import { ReportDelivery } from '../flows/deliverReports.ts';
import { Dispatcher } from '../flows/dispatcher.ts';
import { Heartbeats, longestWait } from '../flows/heartbeats.ts';
import { takeOperatorEvent } from '../flows/operatorEvents.ts';
import type { Job, RoomEvent } from '../flows/ports.ts';
import { postAgainFor } from '../flows/postAgain.ts';
import { MessagePoster } from '../flows/postMessage.ts';
import { WctpPush } from '../flows/pushWctp.ts';
import { RoomEventReceiver } from '../flows/receiveRoomEvent.ts';
import { ShiftChanges } from '../flows/shiftChanges.ts';
import { listTickets, showTicket } from '../flows/showTicket.ts';
import { retryMessages, sweepMessages } from '../flows/sweepMessages.ts';
import type { DeliveryFlow } from '../flows/ticketFlow.ts';
import { wctpApi } from '../flows/wctp.ts';
import { realClock } from '../kernel/clock.ts';
import { accountId, serviceId, type UserId } from '../kernel/ids.ts';
import { Secret } from '../kernel/phi.ts';
import { createVoiceCrypto } from '../matrix/crypto/index.ts';
import { startMatrix } from '../matrix/index.ts';
import { createAuditSequencer } from '../postgres/auditSequencer.ts';
import { entriesStatement } from '../postgres/auditWriter.ts';
import { backupAge } from '../postgres/backups.ts';
import { createContentKeys } from '../postgres/contentKeys.ts';
import { createCryptoStore } from '../postgres/cryptoStore.ts';
import { queueDepth, ticketFigures } from '../postgres/figures.ts';
import { createInbox } from '../postgres/inbox.ts';
import { leaveJob, startJobs } from '../postgres/jobs.ts';
import { createMatrixLead } from '../postgres/matrixLead.ts';
import { ProcessRegistry } from '../postgres/processes.ts';
import { PostgresStore } from '../postgres/store.ts';
import { startAdministration } from './administration.ts';
import { createAlarms } from './alarms.ts';
import { BusinessClock } from './businessClock.ts';
import { startClinic } from './clinic.ts';
import type { Config } from './config/index.ts';
import { crashAt, noCrash } from './crashPoints.ts';
import { devControl } from './devControl.ts';
import { Fullness } from './fullness.ts';
import { keepTrying, repeatEvery } from './housekeeping.ts';
import { requireOwnInstallation } from './installation.ts';
import { openInstallationSecrets } from './installationSecrets.ts';
import { takeLead } from './lead.ts';
import { listen, metricsHandler } from './listeners.ts';
import { LiveDirectory } from './liveDirectory.ts';
import { createLog, type Log } from './log.ts';
import { createMetrics } from './metrics.ts';
import { openDatabase } from './openDatabase.ts';
import { packageVersion } from './packageVersion.ts';
import { askParts } from './readiness.ts';
import { readRegistration, SENDER_LOCALPART } from './registration.ts';
import { createRosterWatch } from './rosterWatch.ts';
import { responderOf, wctpSettings } from './wctp.ts';

/**
 * Messages posted at the same time. Synapse is the bottleneck, and stores what waits for it in batches: with 16 it takes about 1.2 ms
 * less for each than with 10. With more, a STAT would find too much before it.
 */
const JOBS_AT_ONCE = 16;
/** The same for what was put off until later. */
const LATER_JOBS_AT_ONCE = 3;
/** What no living job has dealt with after this time is dealt with by the sweep. */
const STALE_AFTER_MS = 10_000;
const SWEEP_EVERY_MS = 5_000;
/** How old the count of what is owed may be; what comes in meanwhile is counted by the process that took it. */
const OWED_LOOK_MS = 2_000;
/** How soon a part that fails is told to the answering services. */
const HEARTBEAT_LOOK_MS = 2_000;
/** How soon a change to a schedule, and a change of shifts, counts. */
const SCHEDULES_LOOK_MS = 1_000;
/** How often the coming days' schedules are looked through for holes. */
const ROSTERS_LOOK_MS = 3_600_000;
/** How soon a status is on its way to a service that takes WCTP. */
const WCTP_LOOK_MS = 500;
/** Prometheus and the commands of `dev`. */
const METRICS_CONNECTIONS = 100;
/** Requests under way get this long to end. */
const STOP_GRACE_MS = 10_000;

export interface RunningWardroom {
  readonly log: Log;
  /** Resolves when another process took over from this one, which must end. */
  readonly overtaken: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Puts the parts together and starts them, each adapter handed to the flows as a port. Tickets are taken as soon as the database
 * is there: a ladder's clock starts at acceptance, whether or not the homeserver answers. A second process of the same database takes
 * tickets too and keeps ladders' time; everything else waits until it leads.
 */
export async function wire(config: Config): Promise<RunningWardroom> {
  const log = createLog(config.logging.level);
  const registration = readRegistration(config.appservice.registration_file);
  const clock = new BusinessClock(config.dev?.clock_file);
  const crash = config.dev
    ? crashAt(config.dev.crash_at, (point) => log.warn({ code: 'dev.crash', point }, 'ending as configured'))
    : noCrash;
  const services = Object.entries(config.dispatch.services).map(([id, service]) => ({ id: serviceId(id), ...service }));

  const database = await openDatabase(config, (code) =>
    log.warn({ code: 'database.connection_lost', cause: code }, 'connection lost'),
  );
  const { pool, keyPool, url } = database;
  const metrics = createMetrics({
    tickets: () => ticketFigures(pool),
    queueDepth: () => queueDepth(pool),
    backupAge: () => backupAge(pool),
    oldestUnsent: async () => ((await longestWait({ store, clock })) ?? 0) / 1000,
    parts: () => readiness(),
  });
  const secrets = await openInstallationSecrets(config.secrets_dir, pool);
  await requireOwnInstallation(pool, config, secrets);
  const referenceKey = secrets.referenceKey();
  const content = createContentKeys({ keyPool, keyEncryptionKey: secrets.keyEncryptionKey(), referenceKey });
  const auditKeys = { reference: referenceKey, content, clock, machineClock: realClock };
  const failed = (where: string, error: unknown) =>
    log.error({ code: `${where}.failed`, cause: errorCode(error) }, 'failed, will be tried again');
  // Until this process leads, what it accepted is left to the one that does.
  const perform: { by: (job: Job) => Promise<void> } = { by: (job) => leaveJob(pool, job) };
  const dispatcher = new Dispatcher({
    atOnce: JOBS_AT_ONCE,
    perform: (job) => perform.by(job),
    onFailure: (job, error) => failed(`job.${job.task}`, error),
  });
  const store = new PostgresStore({
    pool,
    sealer: content,
    entries: (db, entries) => entriesStatement(db, entries, auditKeys),
    crash,
    onReady: (jobs) => dispatcher.add(jobs),
  });
  const alarms = createAlarms(log, metrics.alarm, clock);
  const pem = secrets.auditLogKey().reveal().export({ type: 'pkcs8', format: 'pem' }).toString();
  const auditTrouble = (code: string) =>
    alarms.raise(code.startsWith('audit-log-damaged') ? 'audit-damaged' : 'audit-stalled', {});
  const sequencer = createAuditSequencer({
    pool,
    signer: logSigner(config.audit.origin, new Secret(pem)),
    clock: realClock,
    log,
    onTrouble: auditTrouble,
  });
  // A damaged log stops the signing, loudly, and never the paging.
  const sequencing = keepTrying(
    async () => {
      await sequencer.start();
      return null;
    },
    auditTrouble,
    errorCode,
  );
  const registry = new ProcessRegistry(pool);
  await registry.register();
  const lead = await takeLead(createMatrixLead(url.reveal()), log);

  const serverName = config.homeserver.server_name;
  const isOwnUser = (user: string) => user.endsWith(`:${serverName}`) && /^@wardroom(_|:)/.test(user);
  const directory = new LiveDirectory(config.dispatch, isOwnUser);
  await directory.refresh(store.read.oncall);
  const received: { by: (event: RoomEvent) => Promise<void> } = { by: async () => undefined };
  const reachable: { by: (users: readonly UserId[]) => void } = { by: () => undefined };
  const cryptoStore = createCryptoStore(url.reveal());
  const rotation = { rotationMessages: config.crypto.rotation.messages, rotationMs: config.crypto.rotation.period };
  const matrix = await startMatrix({
    homeserver: { url: config.homeserver.url, serverName },
    registration: {
      id: 'wardroom',
      senderLocalpart: SENDER_LOCALPART,
      asToken: registration.as,
      hsToken: registration.hs,
    },
    listen: config.appservice,
    ...(lead.isOurs ? {} : { turn: lead.gained }),
    services: services.map((service) => service.id),
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
    onRoomEvent: (event) => received.by(event),
    onDevicesChanged: (users) => reachable.by(users),
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
  alarms.notifyBy(alarmNotices(matrix.controlRoom));
  const fullness = new Fullness(dispatcher, config.http.backlog, () => store.read.owed());
  const counting = repeatEvery(
    OWED_LOOK_MS,
    (error) => failed('backlog', error),
    () => fullness.look(),
  );
  const flow: DeliveryFlow & AdmissionFlow = {
    store,
    clock,
    directory,
    services: {
      hasCallback: (service) => config.dispatch.services[service]?.callback_url !== undefined,
      repliesWithText: (service) => config.dispatch.services[service]?.replies === 'text',
      speaksWctp: (service) => (config.dispatch.services[service]?.senders.length ?? 0) > 0,
    },
    alarms,
    meter: metrics.tickets,
    crash,
    voices: matrix.voices,
    sender: createStatusSender({
      targetOf: (service) => {
        const target = config.dispatch.services[service]?.callback_url;
        return target === undefined ? null : { url: target, secret: secrets.serviceCallbackSecret(service) };
      },
      timeoutMs: config.delivery.callback_timeout,
      machineClock: realClock,
      onOutcome: metrics.callback,
      onReach: (service, cause) =>
        cause === null
          ? log.info({ code: 'callback.reached', service }, 'status callbacks arrive again')
          : log.warn(
              { code: 'callback.not_reached', service, cause },
              'status callbacks do not arrive, will be tried again',
            ),
    }),
    isOwnUser,
    fingerprintKey: referenceKey,
    accountsOf: (service) => config.dispatch.services[service]?.accounts ?? [],
    ownNumbers: services.flatMap((service) => service.own_numbers),
    isFull: (urgency) => fullness.isFull(urgency),
  };
  const accounts = [...new Set(services.flatMap((service) => service.accounts))].map(accountId);
  const voicesOf = (account: string) =>
    services.filter((service) => service.accounts.includes(account)).map((service) => matrix.voices.userOf(service.id));
  const rooms = new AccountRooms(store, matrix.rooms, directory, voicesOf);
  const poster = new MessagePoster(flow, {
    account: (account) => rooms.roomOf(account),
    report: (account, alias) => rooms.reportRoom(account, alias),
  });
  const reports = new ReportDelivery(flow, config.delivery.callback_give_up);
  const members = config.control_members;
  const administration = startAdministration({
    store,
    clock,
    alarms,
    matrix,
    members,
    requireCrossSigned: config.bot.require_cross_signed,
    onFailure: (error) => failed('identities', error),
  });
  const commands = startClinic({ flow, matrix, dispatch: () => directory.dispatch, voicesOf });
  const receiver = new RoomEventReceiver(flow, {
    commands,
    isControlRoom: (room) => room === matrix.controlRoom.id(),
    acceptsUnsignedDevices: config.crypto.devices === 'all',
    machineClock: realClock,
    elsewhere: (message) => administration.receive(message),
  });
  received.by = (event) => receiver.receive(event);
  reachable.by = (users) => {
    void postAgainFor(flow, users).catch((error: unknown) => failed('post_again', error));
    administration.devicesChanged(users);
  };

  const doHere = (job: Job) => (job.task === 'post' ? poster.post(job.messageId) : reports.deliver(job.ticketId));
  const shifts = new ShiftChanges(flow, () => directory.dispatch);
  const schedules = repeatEvery(
    SCHEDULES_LOOK_MS,
    (error) => failed('schedules', error),
    async () => {
      const changed = await directory.refresh(store.read.oncall);
      for (const account of accounts.filter((one) => changed.includes(one)))
        void rooms.ensure(account).catch((error: unknown) => failed('rooms', error));
      await shifts.look();
    },
  );
  const rosterWatch = createRosterWatch({
    dispatch: () => directory.dispatch,
    accounts,
    clock,
    aheadMs: config.oncall.warn_before,
    alarms,
  });
  const rosters = repeatEvery(
    ROSTERS_LOOK_MS,
    (error) => failed('rosters', error),
    async () => rosterWatch.look(),
  );
  const deadlines = keepDeadlines(flow, config.delivery.delayed_after, (error) => failed('deadlines', error));
  const setUp = keepTrying(
    async () => {
      await matrix.ready;
      const special = [await matrix.rooms.ensureControlRoom(members), await matrix.rooms.ensureAuditRoom(members)];
      const all = [...special, ...(await Promise.all(accounts.map((account) => rooms.ensure(account))))];
      const bad = all.find((one) => !one.ok);
      if (bad && !bad.ok) return bad.error.code;
      // Now that there is a room to tell.
      await administration.look();
      return null;
    },
    (code) => log.warn({ code: 'rooms.not_ready', cause: code }, 'rooms not ready, will be tried again'),
    errorCode,
  );

  /** What nothing can be delivered without. */
  const vitalParts = () => {
    const asked = matrix.readiness();
    return {
      database: async () => (await pool.query('SELECT 1')).rowCount === 1,
      homeserver: async () => (await asked).homeserver,
      voices: async () => (await asked).voices.every((voice) => voice.ready),
    };
  };
  const readiness = () =>
    askParts({
      ...vitalParts(),
      audit: () => sequencing.done && sequencer.trouble() === null,
      rooms: () => setUp.done && working.done,
    });
  const heartbeats = new Heartbeats(
    {
      store,
      sender: flow.sender,
      clock,
      machineClock: realClock,
      services: services.filter((service) => flow.services.hasCallback(service.id)).map((service) => service.id),
      parts: async () => {
        const parts = await askParts(vitalParts());
        const isOk = (name: string) => parts.some(({ part, ok }) => part === name && ok);
        return { database: isOk('database'), homeserver: isOk('homeserver'), voices: isOk('voices') };
      },
      onOutcome: metrics.heartbeat,
    },
    config.delivery.heartbeat_every,
  );
  const push = new WctpPush(
    {
      store,
      alarms,
      crash,
      machineClock: realClock,
      sender: createWctpSender({
        urlOf: (service) => config.dispatch.services[service]?.wctp_url ?? null,
        timeoutMs: config.delivery.callback_timeout,
        onOutcome: metrics.callback,
      }),
      services: services.filter((service) => service.wctp_url !== undefined).map((service) => service.id),
    },
    config.delivery.callback_give_up,
    (error) => failed('wctp', error),
  );
  /** What one process of a database does: the one that leads. */
  const work = async () => {
    const jobs = await startJobs({
      url: url.reveal(),
      concurrency: LATER_JOBS_AT_ONCE,
      handlers: { post: (id) => poster.post(id), report: (id) => reports.deliver(id) },
      onFailure: (task, error) => failed(`job.${task}`, error),
      onOwner: (names) => registry.saveWorkers(names),
    });
    perform.by = doHere;
    matrix.ready.then(() => retryMessages(flow, dispatcher)).catch((error: unknown) => failed('sweep', error));
    let swept = false;
    const sweep = repeatEvery(
      SWEEP_EVERY_MS,
      (error) => failed('sweep', error),
      async () => {
        // A voice that has not heard anything yet has not since the start.
        const lags = (await matrix.readiness()).voices.map((voice) => voice.syncLagMs ?? performance.now());
        metrics.syncLag(Math.max(0, ...lags));
        const dead = await registry.unlockDead();
        if (dead > 0) log.info({ code: 'process.dead_unlocked', dead }, 'gave back the jobs of processes that died');
        // At the start everything that is owed, later only what nobody has dealt with for a while.
        await sweepMessages(flow, dispatcher, swept ? STALE_AFTER_MS : 0);
        swept = true;
      },
    );
    const beating = repeatEvery(
      HEARTBEAT_LOOK_MS,
      (error) => failed('heartbeat', error),
      () => heartbeats.tick(),
    );
    const pushing = repeatEvery(
      WCTP_LOOK_MS,
      (error) => failed('wctp', error),
      () => push.look(),
    );
    return () => Promise.all([sweep.stop(), beating.stop(), pushing.stop().then(() => push.stop()), jobs.stop()]);
  };
  let endWork: () => Promise<unknown> = async () => undefined;
  const ending = Promise.withResolvers<'ending'>();
  const working = keepTrying(
    async () => {
      if ((await Promise.race([lead.gained, ending.promise])) !== 'ending') endWork = await work();
      return null;
    },
    (code) => failed('work', { code }),
    errorCode,
  );
  const gate = createGate();
  const wctp = createGateway({
    ...wctpSettings(config),
    api: wctpApi(flow),
    clock: realClock,
    onNotes: (service, notes) => log.warn({ code: 'wctp.odd', service, notes }, 'read otherwise than it was written'),
    onFailure: (error) => failed('wctp', error),
  });
  const api = createHttpApi({
    wctp: wctpRouter(wctp, gate, responderOf(config)),
    tickets: {
      admit: (service, document) => admitTicket(flow, service, document),
      test: (service, account) => admitTestPage(flow, service, account),
      tell: (service, id, document) => takeOperatorEvent(flow, service, id, document),
      show: (service, id) => showTicket(store, service, id),
      list: (service, query) => listTickets(store, service, query),
    },
    tokens: new Map(services.map((service) => [service.id, secrets.serviceToken(service.id)])),
    readiness,
    gate,
    limits: {
      servicePerMinute: config.http.rate_limits.service_per_minute,
      badTokensPerMinute: config.http.rate_limits.bad_tokens_per_minute,
    },
    trustProxy: config.http.trust_proxy,
    ...(config.http.public_url === undefined ? {} : { publicUrl: config.http.public_url }),
    version: packageVersion(),
    onRequest: (request) => {
      metrics.request(request);
      log.debug({ code: 'http.request', ...request }, 'request');
    },
    onFailure: (error) => failed('http', error),
  });
  const http = await listen(api, config.http);
  const figures = metricsHandler(metrics.registry);
  const internal = await listen(
    config.dev
      ? devControl({ clock, deadlines, dispatcher, matrix, rooms, services, controlMembers: members }, figures)
      : figures,
    { ...config.metrics, maxConnections: METRICS_CONNECTIONS },
  );
  log.info({ code: 'server.started', port: config.http.port }, 'started');

  return {
    log,
    overtaken: lead.overtaken,
    async stop() {
      gate.close();
      await http.stop(STOP_GRACE_MS);
      setUp.stop();
      ending.resolve('ending');
      working.stop();
      // What is just being started is ended as well; nobody would end it later.
      await working.finished;
      await Promise.all([
        endWork(),
        deadlines.stop(),
        administration.stop(),
        counting.stop(),
        schedules.stop(),
        rosters.stop(),
      ]);
      await dispatcher.stop();
      await matrix.stop();
      await lead.stop();
      sequencing.stop();
      await sequencer.stop();
      await registry.leave();
      await internal.stop(STOP_GRACE_MS);
      await database.close();
      log.info({ code: 'server.stopped' }, 'stopped');
    },
  };
}

/** What may be said of an error: its own code, or its kind. */
function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? (/^[a-z0-9-]+$/.test(error.message) ? error.message : error.name) : 'unknown';
}
