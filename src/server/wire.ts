import { createHmac } from 'node:crypto';
import { alarmNotices } from '../bot/index.ts';
import { createGate } from '../channels/http/index.ts';
import { AccountRooms, type Admits } from '../flows/accountRooms.ts';
import type { AdmissionFlow } from '../flows/admitTicket.ts';
import { keepDeadlines } from '../flows/deadlines.ts';
import { ReportDelivery } from '../flows/deliverReports.ts';
import { Dispatcher } from '../flows/dispatcher.ts';
import { DutyAccess } from '../flows/dutyAccess.ts';
import { longestWait } from '../flows/heartbeats.ts';
import type { Job, RoomEvent } from '../flows/ports.ts';
import { postAgainFor } from '../flows/postAgain.ts';
import { MessagePoster } from '../flows/postMessage.ts';
import { RoomEventReceiver } from '../flows/receiveRoomEvent.ts';
import type { CarrierEvents } from '../flows/texting/carrierPort.ts';
import { LadderTexts } from '../flows/texting/stepTexts.ts';
import type { DeliveryFlow } from '../flows/ticketFlow.ts';
import { realClock } from '../kernel/clock.ts';
import { accountId, type PhoneNumber, type UserId } from '../kernel/ids.ts';
import { lineVoice } from '../matrix/index.ts';
import { createActivityRecord } from '../postgres/activityRecord.ts';
import { entriesStatement } from '../postgres/auditWriter.ts';
import { backupAge } from '../postgres/backups.ts';
import { createContentKeys } from '../postgres/contentKeys.ts';
import { queueDepth, ticketFigures } from '../postgres/figures.ts';
import { createInbox } from '../postgres/inbox.ts';
import { leaveJob } from '../postgres/jobs.ts';
import { createMatrixLead } from '../postgres/matrixLead.ts';
import { ProcessRegistry } from '../postgres/processes.ts';
import { PostgresStore } from '../postgres/store.ts';
import { createTextParts } from '../postgres/textParts.ts';
import { type Administration, startAdministration } from './administration.ts';
import { adminTokenOf } from './adminToken.ts';
import { createAlarms } from './alarms.ts';
import { AlarmTally } from './alarmTally.ts';
import { startAuditing } from './auditing.ts';
import { BusinessClock } from './businessClock.ts';
import { startClinic } from './clinic.ts';
import type { Config } from './config/index.ts';
import { crashAt, noCrash } from './crashPoints.ts';
import { devControl } from './devControl.ts';
import { Fullness } from './fullness.ts';
import { heartbeatsTo } from './heartbeats.ts';
import { keepTrying, repeatEvery } from './housekeeping.ts';
import { httpApi } from './httpApi.ts';
import { initialRoles } from './initialRoles.ts';
import { requireOwnInstallation } from './installation.ts';
import { openInstallationSecrets } from './installationSecrets.ts';
import { takeLead } from './lead.ts';
import { leadWhenOurs } from './leading.ts';
import { listen, metricsHandler } from './listeners.ts';
import { LiveDirectory } from './liveDirectory.ts';
import { createLog, errorCode, failureLog, type Log } from './log.ts';
import { connectMatrix, ownUsers } from './matrix.ts';
import { createMetrics } from './metrics.ts';
import { deviceFindings } from './oncall/devices.ts';
import { openDatabase } from './openDatabase.ts';
import { operationsOf } from './operations.ts';
import { OwnRooms } from './ownRooms.ts';
import { askParts, vitalParts } from './readiness.ts';
import { readRegistration } from './registration.ts';
import { remindersApi } from './remindersApi.ts';
import { rolesApi } from './rolesApi.ts';
import { startRosters } from './rosters.ts';
import { createRosterWatch } from './rosterWatch.ts';
import { scheduleDesk } from './scheduleDesk.ts';
import { servicePolicy, servicesOf, statusSender } from './services.ts';
import { createCarriers, routersOf } from './texting/carriers.ts';
import { textCommands } from './texting/commands.ts';
import { linesOf, phonePerson, teamOfLine } from './texting/lines.ts';
import { texting } from './texting/running.ts';
import { voiceUsers } from './voiceUsers.ts';
import { wctpPush } from './wctp.ts';

/**
 * Messages posted at the same time. Synapse is the bottleneck, and stores what waits for it in batches: with 16 it takes about 1.2 ms
 * less for each than with 10. With more, a STAT would find too much before it.
 */
const JOBS_AT_ONCE = 16;
/** How old the count of what is owed may be; what comes in meanwhile is counted by the process that took it. */
const OWED_LOOK_MS = 2_000;
/** How soon an alarm that could not be shown is shown when it can be. */
const ALARMS_LOOK_MS = 10_000;
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
  const adminToken = adminTokenOf(config);
  const clock = new BusinessClock(config.dev?.clock_file);
  const crash = config.dev
    ? crashAt(config.dev.crash_at, (point) => log.warn({ code: 'dev.crash', point }, 'ending as configured'))
    : noCrash;
  const services = servicesOf(config);

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
  const failed = failureLog(log);
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
  const alarmTally = new AlarmTally();
  const countAlarm = (code: string) => {
    metrics.alarm(code);
    alarmTally.add(code);
  };
  const alarms = createAlarms(log, countAlarm, clock);
  const auditing = startAuditing({ pool, secrets, origin: config.audit.origin, alarms, log });
  const registry = new ProcessRegistry(pool);
  await registry.register();
  const lead = await takeLead(createMatrixLead(url.reveal()), log);

  const isOwnUser = ownUsers(config.homeserver.server_name);
  const lines = linesOf(config, clock);
  const directory = new LiveDirectory(config.dispatch, isOwnUser, (account) =>
    lines.some((line) => line.accounts.includes(account)),
  );
  await directory.refresh(store.read.oncall);
  const received: { by: (event: RoomEvent) => Promise<void> } = { by: async () => undefined };
  const happened: Pick<Administration, 'stateChanged' | 'sessionUsed' | 'readersOf'> = {
    readersOf: (_room, members) => members,
    stateChanged: async () => undefined,
    sessionUsed: async () => undefined,
  };
  /** Whoever handles events is there and remembers. What the homeserver brings sooner waits: handled by nobody, it would be lost. */
  const wired = Promise.withResolvers<void>();
  const reachable: { by: (users: readonly UserId[]) => void } = { by: () => undefined };
  const matrix = await connectMatrix({
    config,
    registration,
    adminToken,
    secrets,
    services,
    lines,
    pool,
    url,
    store,
    lead,
    clock,
    alarms,
    crash,
    log,
    metrics,
    onRoomEvent: (event) => wired.promise.then(() => received.by(event)),
    onStateChanged: (change) => wired.promise.then(() => happened.stateChanged(change)),
    onSessionUsed: (used) => wired.promise.then(() => happened.sessionUsed(used)),
    readersOf: (room, members) => happened.readersOf(room, members),
    onDevicesChanged: (users) => reachable.by(users),
  });
  alarms.notifyBy(alarmNotices(matrix.controlRoom));
  const showing = repeatEvery(
    ALARMS_LOOK_MS,
    (error) => failed('alarms', error),
    () => alarms.showAgain(),
  );
  const fullness = new Fullness(dispatcher, config.http.backlog, () => store.read.owed());
  const counting = repeatEvery(
    OWED_LOOK_MS,
    (error) => failed('backlog', error),
    () => fullness.look(),
  );
  const digest = (text: string) => createHmac('sha256', referenceKey.reveal()).update(text).digest('base64url');
  const flow: DeliveryFlow & AdmissionFlow = {
    store,
    clock,
    directory,
    services: servicePolicy(config),
    alarms,
    meter: metrics.tickets,
    crash,
    voices: matrix.voices,
    sender: statusSender(config, secrets, metrics, log),
    isOwnUser,
    fingerprintKey: referenceKey,
    accountsOf: (service) => config.dispatch.services[service]?.accounts ?? [],
    ownNumbers: services.flatMap((service) => service.own_numbers),
    isFull: (urgency) => fullness.isFull(urgency),
    texts: new LadderTexts({ clock, digest, lines }),
  };
  const personOf = (number: PhoneNumber) => phonePerson(directory.dispatch, number);
  const teamOf = (line: string) => teamOfLine(config, directory, line);
  const accounts = [...new Set(services.flatMap((service) => service.accounts))].map(accountId);
  const voicesOf = (account: string) =>
    services.filter((service) => service.accounts.includes(account)).map((service) => matrix.voices.userOf(service.id));
  const admits: { by: Admits } = { by: () => true };
  const rooms = new AccountRooms({
    store,
    rooms: matrix.rooms,
    directory,
    clock,
    voicesOf,
    admits: (room, user) => admits.by(room, user),
  });
  const poster = new MessagePoster(flow, {
    account: (account, people) => rooms.roomOf(account, people),
    personal: (account, person) => rooms.personalRoom(account, person),
    report: (accounts, alias) => rooms.reportRoom(accounts, alias),
  });
  const reports = new ReportDelivery(flow, config.delivery.callback_give_up);
  const heard: { events: CarrierEvents | null } = { events: null };
  const carrierFailed = (error: unknown) => failed('texts', error);
  const carriers = createCarriers(config, {
    events: {
      received: async (carrier, text) => heard.events?.received(carrier, text),
      reported: async (carrier, report) => heard.events?.reported(carrier, report),
    },
    parts: createTextParts(pool, content),
    onFailure: carrierFailed,
    onFault: (carrier, fault) =>
      log.warn({ code: 'texts.carrier', carrier, fault }, 'a carrier, or who says to be one'),
  });
  const administration = startAdministration({
    flow,
    accounts,
    operations: operationsOf({ config, pool, flow, readiness: () => readiness() }),
    schedules: scheduleDesk({ config, clock, oncall: store.read.oncall }),
    matrix,
    voicesOf,
    voiceOfLine: (line) => lineVoice(line, config.homeserver.server_name),
    ownRooms: new OwnRooms({ directory, rooms, accounts, teamOf }),
    inbox: createInbox(pool),
    record: createActivityRecord(pool, content),
    alarmTally,
    digest,
    texts: textCommands({ config, flow, lines, carriers, digest, personOf }),
    members: config.control_members,
    requireCrossSigned: config.bot.require_cross_signed,
    policyFile: config.policy.ok ? config.policy.value.policy : null,
    roles: {
      ownServer: config.homeserver.server_name,
      voices: voiceUsers(config),
      initial: initialRoles(config),
    },
    onFailure: (error) => failed('identities', error),
  });
  const texts = texting({
    ...administration.forTexts,
    flow,
    serverName: config.homeserver.server_name,
    lines,
    carriers,
    teamOf,
    personOf,
    requireCrossSigned: config.bot.require_cross_signed,
    upload: (name, type, file) => matrix.attachments.upload(name, type, file),
    digest,
    onFailure: carrierFailed,
  });
  heard.events = texts.events;
  const commands = startClinic({
    flow,
    matrix,
    dispatch: () => directory.dispatch,
    voicesOf,
    recalls: administration.recalls,
    training: administration.training,
    breakGlass: administration.breakGlass,
    texts: {
      assign: (...asked) => texts.triage.assign(...asked),
      release: (...asked) => texts.answers.release(...asked),
      scopes: () => texts.consents.scopes(),
      record: (...asked) => texts.consents.record(...asked),
    },
    roomNames: administration.roomNames,
  });
  const receiver = new RoomEventReceiver(flow, {
    commands,
    hearsCommands: (room) => room === matrix.controlRoom.id() || administration.isKept(room),
    acceptsUnsignedDevices: config.crypto.devices === 'all',
    machineClock: realClock,
    elsewhere: async (message) => {
      if (!(await texts.hear(message))) await administration.receive(message);
    },
    byHand: administration.byHand,
  });
  Object.assign(happened, {
    stateChanged: administration.stateChanged,
    sessionUsed: administration.sessionUsed,
    readersOf: administration.readersOf,
  });
  directory.withoutPartners(() => administration.endedPartners());
  await administration.remember();
  admits.by = (room, user) => administration.admits(room, user);
  received.by = (event) => receiver.receive(event);
  wired.resolve();
  reachable.by = (users) => {
    void postAgainFor(flow, users).catch((error: unknown) => failed('post_again', error));
    administration.devicesChanged(users);
  };

  const rosters = startRosters({ flow, directory, rooms, accounts, failed, onChanged: administration.rostersChanged });
  const deadlines = keepDeadlines(flow, config.delivery.delayed_after, (error) => failed('deadlines', error));
  const setUp = keepTrying(
    async () => {
      await matrix.ready;
      const opened = await administration.open();
      if (opened !== null) return opened;
      const all = await Promise.all(accounts.map((account) => rooms.ensure(account)));
      const bad = all.find((one) => !one.ok);
      if (bad && !bad.ok) return bad.error.code;
      const notKept = await administration.keepRooms();
      if (notKept === null) {
        for (const carrier of carriers.values()) carrier.begin?.();
        texts.start();
      }
      return notKept;
    },
    (code) => log.warn({ code: 'rooms.not_ready', cause: code }, 'rooms not ready, will be tried again'),
    errorCode,
  );

  const vital = () => vitalParts(pool, matrix);
  const readiness = () =>
    askParts({ ...vital(), audit: () => auditing.isWell(), rooms: () => setUp.done && leading.done });
  const leading = leadWhenOurs({
    lead,
    url,
    flow,
    matrix,
    registry,
    dispatcher,
    poster,
    reports,
    heartbeats: heartbeatsTo({ config, services, flow, vital, metrics }),
    oversee: () => administration.oversee(),
    access: new DutyAccess(flow, matrix.rooms, rooms, accounts),
    push: wctpPush({ config, services, flow, metrics, failed }),
    rosterWatch: createRosterWatch({
      dispatch: () => directory.dispatch,
      accounts,
      clock,
      aheadMs: config.oncall.warn_before,
      // The homeserver's times are the machine's.
      unreachable: async (people) =>
        (await deviceFindings(config, people, realClock.now(), config.oncall.unseen_after)).findings,
      alarms,
    }),
    takeUpJobs() {
      perform.by = (job) => (job.task === 'post' ? poster.post(job.messageId) : reports.deliver(job.ticketId));
    },
    metrics,
    log,
    failed,
  });
  const gate = createGate();
  const roles = rolesApi(
    config,
    secrets,
    services.map(({ id }) => id),
    administration.rolesFlow,
  );
  const reminders = remindersApi(
    config,
    secrets,
    services.map(({ id }) => id),
    { ...texts.flow, texting: () => administration.forTexts.policy()?.texting ?? null },
  );
  const api = httpApi({
    config,
    services,
    secrets,
    flow,
    roles,
    reminders,
    carriers: routersOf(carriers),
    gate,
    readiness,
    metrics,
    log,
    failed,
  });
  const http = await listen(api, config.http);
  const figures = metricsHandler(metrics.registry);
  const internal = await listen(
    config.dev
      ? devControl(
          {
            clock,
            deadlines,
            dispatcher,
            matrix,
            rooms,
            services,
            controlMembers: () => administration.members(),
            officers: () => administration.officersRoom.officers(),
          },
          figures,
        )
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
      await Promise.all([
        leading.stop(),
        deadlines.stop(),
        administration.stop(),
        texts.stop(),
        counting.stop(),
        showing.stop(),
        rosters.stop(),
      ]);
      await dispatcher.stop();
      await matrix.stop();
      await lead.stop();
      await auditing.stop();
      await registry.leave();
      await internal.stop(STOP_GRACE_MS);
      await database.close();
      log.info({ code: 'server.stopped' }, 'stopped');
    },
  };
}
