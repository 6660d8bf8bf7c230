import { alarmNotice, Bot, type BotApi, identityNotices } from '../bot/index.ts';
import type { ActivityRecord } from '../flows/activityPort.ts';
import { Administrators } from '../flows/administrators.ts';
import { answerCommand, finishCommand } from '../flows/answerCommand.ts';
import type { BreakGlass } from '../flows/breakGlass/breakGlass.ts';
import { CommandAuthority } from '../flows/commandAuthority.ts';
import { confirm } from '../flows/confirmations.ts';
import type { Inbox, SessionUsed } from '../flows/inboxPort.ts';
import type { Operations } from '../flows/operationsPort.ts';
import { Partners } from '../flows/partners.ts';
import { Policies } from '../flows/policies.ts';
import { type FactReads, factsOf } from '../flows/policyFacts.ts';
import type { RoomEvent } from '../flows/ports.ts';
import type { ByHand } from '../flows/retention/byHand.ts';
import type { Recalls } from '../flows/retention/recalls.ts';
import { type InitialRole, Roles, type RolesFlow } from '../flows/roles.ts';
import type { StateChanged } from '../flows/roomKeeperPort.ts';
import { shownRooms } from '../flows/rooms/roomAnswers.ts';
import type { RoomDesk } from '../flows/rooms/roomDesk.ts';
import type { ScheduleDesk } from '../flows/scheduleDeskPort.ts';
import { ConsentDesk } from '../flows/texting/consentDesk.ts';
import { SuppressionDesk } from '../flows/texting/suppressionDesk.ts';
import { TicketDesk } from '../flows/ticketDesk.ts';
import type { TicketFlow } from '../flows/ticketFlow.ts';
import type { TrainingDesk } from '../flows/training/trainingDesk.ts';
import { realClock } from '../kernel/clock.ts';
import type { AccountId, RoomId, UserId } from '../kernel/ids.ts';
import type { RunningMatrix } from '../matrix/index.ts';
import { isPartner, type Policy } from '../policy/index.ts';
import { accountCommands } from './accounts.ts';
import type { AlarmTally } from './alarmTally.ts';
import { breakGlass } from './breakGlass.ts';
import { ControlRooms } from './controlRooms.ts';
import { repeatEvery } from './housekeeping.ts';
import { OfficersRoom } from './officersRoom.ts';
import { oversight } from './oversight.ts';
import type { OwnRooms } from './ownRooms.ts';
import { retention } from './retention.ts';
import { roomKeeping } from './rooms.ts';
import type { TextingParts } from './texting/running.ts';
import { training } from './training.ts';

export interface AdministrationParts {
  readonly flow: TicketFlow;
  readonly accounts: readonly AccountId[];
  readonly operations: Operations;
  readonly schedules: ScheduleDesk;
  readonly matrix: Pick<
    RunningMatrix,
    | 'accounts'
    | 'attachments'
    | 'bot'
    | 'controlRoom'
    | 'devices'
    | 'emergencyRooms'
    | 'eraser'
    | 'forgetSessions'
    | 'identities'
    | 'keeper'
    | 'privacyRoom'
    | 'rooms'
    | 'voices'
  >;
  /** The voices that speak for an account. */
  readonly voicesOf: (account: AccountId) => readonly UserId[];
  readonly voiceOfLine: (line: string) => UserId;
  /** Wardroom's own rooms. */
  readonly ownRooms: OwnRooms;
  readonly inbox: Pick<Inbox, 'sessionSeenBefore'>;
  /** What is remembered of what happened. */
  readonly record: ActivityRecord;
  readonly alarmTally: AlarmTally;
  /** A digest under a key of this installation. */
  readonly digest: (text: string) => string;
  /** Whom the configuration names as administrators. */
  readonly members: readonly UserId[];
  readonly requireCrossSigned: boolean;
  /** The policy as the files say it; null: they cannot be read. */
  readonly policyFile: Policy | null;
  /** What commands about texts work with. */
  readonly texts: Pick<BotApi, 'textLines' | 'templates'>;
  readonly roles: Pick<RolesFlow, 'ownServer' | 'voices'> & {
    /** Who holds what where nothing was decided yet. */
    readonly initial: readonly InitialRole[];
  };
  readonly onFailure: (error: unknown) => void;
}

export interface Administration {
  /** What is known of rooms, roles and the policy, for who keeps rooms of its own. */
  readonly forTexts: Pick<TextingParts, 'facts' | 'keeping' | 'policy'>;
  /** Where privacy and security officers are told what they have to look at. */
  readonly officersRoom: OfficersRoom;
  /** Takes up what happened and tells officers what they have to do; where this process leads. */
  oversee(): Promise<void>;
  /** What decides about roles here. */
  readonly rolesFlow: RolesFlow;
  /** What people accept. */
  readonly training: TrainingDesk;
  /** Takes back what clinicians wrote. */
  readonly recalls: Recalls;
  /** What people do to messages with their clients. */
  readonly byHand: ByHand;
  /** Emergency access, as clinicians ask for it. */
  readonly breakGlass: BreakGlass;
  readonly roomNames: Pick<RoomDesk, 'find' | 'names'>;
  /** Whether a room is kept, or one of a person and Wardroom: where clinicians' commands are heard. */
  isKept(room: RoomId): boolean;
  /** Who may give commands. */
  members(): readonly UserId[];
  /** A message of a person in a room of no account. */
  receive(message: Extract<RoomEvent, { type: 'message' }>): Promise<void>;
  /** The homeserver says that devices or identities of these people changed. */
  devicesChanged(users: readonly UserId[]): void;
  /**
   * Takes over the policy and the roles that the configuration names, makes the rooms for commands and the log, and looks at the administrators'
   * identities. Resolves to why it could not.
   */
  open(): Promise<string | null>;
  /** Begins to keep rooms, once Wardroom's own are there. Resolves to why it could not. */
  keepRooms(): Promise<string | null>;
  /** Something about a room's state changed. */
  stateChanged(change: StateChanged): Promise<void>;
  sessionUsed(used: SessionUsed): Promise<void>;
  /** What is on record of rooms and roles, from before: so that nothing is said to who may not hear it. */
  remember(): Promise<void>;
  /** Of a room's members, who may have the key. */
  readersOf(room: RoomId, members: readonly UserId[]): readonly UserId[];
  /** Whether the policy lets somebody into a kept room. */
  admits(room: RoomId, user: UserId): boolean;
  rostersChanged(): void;
  /** Organisations with which agreements were made and none is in force. */
  endedPartners(): readonly string[];
  stop(): Promise<void>;
}

/** Identities are looked at when the homeserver says that one changed; this is for what it did not say, and what could not be told. */
const LOOK_EVERY_MS = 30_000;

/** How often agreements are looked at that end soon. */
const AGREEMENTS_LOOK_MS = 10_000;
/** How soon a policy, or a role, that another process changed holds here. */
const POLICY_LOOK_MS = 1_000;

/** The administrators, their identities and the bot that hears them. */
export function startAdministration(parts: AdministrationParts): Administration {
  const { flow: ticketFlow, accounts, operations, schedules, matrix, requireCrossSigned, onFailure } = parts;
  const { store, clock, alarms } = ticketFlow;
  const policies = new Policies({
    store,
    clock,
    file: parts.policyFile,
    preview: (changed) => shownRooms(kept.keeping.preview(changed)),
  });
  const policy = () => policies.current();
  const { ownServer } = parts.roles;
  const partners = new Partners({
    store,
    clock,
    policy,
    ownServer,
    tell: async (id, text) => (await matrix.controlRoom.post(id, alarmNotice(text))).ok,
  });
  const rolesFlow: RolesFlow = {
    store,
    clock,
    bot: matrix.bot,
    policy,
    agreements: (read, current) => partners.agreements(read, current),
    ...parts.roles,
  };
  const authority = new CommandAuthority({
    ...rolesFlow,
    configured: parts.members,
    followPolicy: () => policies.refresh(),
  });
  const officersRoom = new OfficersRoom(matrix, authority);
  const notices = identityNotices(matrix.controlRoom);
  const administrators = new Administrators({
    store,
    clock,
    alarms,
    authority,
    identities: matrix.identities,
    notices,
  });
  const flow = { store, clock, administrators, authority, requireCrossSigned, onFailure };
  const roles = new Roles(rolesFlow);
  const rooms = new ControlRooms(matrix.rooms, authority);
  const facts = async (read: FactReads) => {
    await policies.refresh();
    const current = policy();
    return current === null ? null : factsOf(read, { ...rolesFlow, policy: current, now: clock.now() });
  };
  const kept = roomKeeping({
    flow: ticketFlow,
    matrix,
    facts,
    voicesOf: ({ subject }) => {
      if (subject.kind !== 'room') return [];
      if (subject.line !== undefined) return [parts.voiceOfLine(subject.line)];
      return subject.account === undefined ? [] : parts.voicesOf(subject.account);
    },
    rosterOf: (room) => parts.ownRooms.rosterOf(room, { members: authority.members(), officers: authority.officers() }),
    digest: parts.digest,
    inbox: parts.inbox,
    onFailure,
  });
  const overseeing = oversight({
    flow: ticketFlow,
    matrix,
    record: parts.record,
    officersRoom,
    keeping: kept.keeping,
    policy,
    agreements: (read, current) => partners.agreements(read, current),
    members: () => authority.members(),
    alarmTally: parts.alarmTally,
  });
  const trained = training({
    flow: { store, clock, policy, facts, classesInUse: () => kept.keeping.classesInUse() },
    matrix,
    onFailure,
  });
  const retained = retention({
    flow: {
      store,
      clock,
      eraser: matrix.eraser,
      ownServer,
      policy,
      agreements: (read, current) => partners.agreements(read, current),
      forgetSessions: (room, sessions) => matrix.forgetSessions(room, sessions),
      alarms,
      crash: ticketFlow.crash,
      facts,
    },
    controlRoom: matrix.controlRoom,
    digest: parts.digest,
    onFailure,
  });
  const emergencies = breakGlass({
    store,
    clock,
    machineClock: realClock,
    crash: ticketFlow.crash,
    facts,
    keeping: kept.keeping,
    rooms: matrix.emergencyRooms,
    officersRoom,
    onFailure,
  });
  /** Desks with work of their own, which begins once rooms are kept. */
  const atWork: readonly { start(): void; stop(): Promise<void> }[] = [retained, trained, emergencies];
  /** What was decided is taken up at once. */
  const afterwards = <T>(answered: T): T => {
    void kept.keeping.look().catch(onFailure);
    return answered;
  };
  const bot = new Bot({
    room: matrix.controlRoom,
    self: { userId: matrix.bot, displayName: 'Wardroom' },
    api: {
      administrators,
      schedules,
      tickets: new TicketDesk(ticketFlow),
      partners,
      policies,
      roles,
      rooms: kept.desk,
      newRooms: kept.opening,
      ...accountCommands({ flow: ticketFlow, accounts: matrix.accounts, roles, schedules, ownServer }),
      incidents: overseeing.incidents,
      worksheets: overseeing.worksheets,
      reviews: overseeing.reviews,
      retention: retained.desk,
      holds: retained.holds,
      training: trained.desk,
      consent: new ConsentDesk({ clock, digest: parts.digest, policy }),
      suppressed: new SuppressionDesk({ clock, digest: parts.digest }),
      breakGlass: emergencies.desk,
      ...parts.texts,
      operations,
      accounts: () => accounts,
    },
    confirm: (tx, given, code, find) => confirm(flow, tx, given, code, find),
    answer: async (given, order) => afterwards(await answerCommand(flow, given, order)),
    finish: async (given, order) => afterwards(await finishCommand(flow, given, order)),
    alarms,
    onFailure,
  });
  const looking = repeatEvery(LOOK_EVERY_MS, onFailure, () => administrators.look());
  const following = repeatEvery(POLICY_LOOK_MS, onFailure, () => authority.refresh());
  // Whoever leads keeps the rooms, once they are there. Apart from the rest: it may wait for the homeserver.
  const keeping = repeatEvery(POLICY_LOOK_MS, onFailure, async () => {
    if (rooms.ids !== null && (await rooms.keep())) {
      await administrators.look();
      kept.keeping.rostersChanged();
    }
  });
  const warning = repeatEvery(AGREEMENTS_LOOK_MS, onFailure, () => partners.look());
  const counting = repeatEvery(AGREEMENTS_LOOK_MS, onFailure, () => overseeing.countAlarms());
  return {
    forTexts: { keeping: kept.keeping, policy, facts },
    officersRoom,
    oversee: () => overseeing.look(),
    training: trained.desk,
    recalls: retained.recalls,
    byHand: retained.byHand,
    isKept: (room) => kept.keeping.of(room) !== null || trained.notices.isDirect(room),
    breakGlass: emergencies.desk,
    roomNames: kept.desk,
    rolesFlow,
    members: () => authority.members(),
    receive: (message) => bot.receive(message),
    devicesChanged(users) {
      if (users.some((user) => administrators.isMember(user))) {
        void administrators.look().catch(onFailure);
        overseeing.devicesChanged();
      }
      kept.devicesChanged(users);
    },
    async open() {
      await policies.importFirst();
      if (policies.differsFromFile()) alarms.raise('policy-file-differs', {});
      await roles.importFirst(parts.roles.initial);
      await roles.nameAdministrators(parts.members);
      await authority.refresh();
      const opened = await rooms.open();
      if (!opened.ok) return opened.error.code;
      await administrators.look();
      return null;
    },
    async keepRooms() {
      if (rooms.ids !== null) await parts.ownRooms.keep(kept.keeping, rooms.ids);
      const started = await kept.keeping.start();
      if (!started.ok) return started.error.code;
      for (const desk of atWork) desk.start();
      await bot.resume(await store.read.commands.unfinished());
      return null;
    },
    async stateChanged(change) {
      // It is put right like everything else; that somebody tried to have messages forgotten is told of, too.
      if (change.type === 'm.room.retention' && change.sender !== matrix.bot && kept.keeping.of(change.room) !== null)
        alarms.raise('retention-changed-by-hand', { room: change.room });
      await kept.keeping.stateChanged(change);
    },
    sessionUsed: (used) => kept.sessionUsed(used),
    async remember() {
      await kept.keeping.load();
      await trained.notices.load();
    },
    readersOf: (room, members) => kept.keeping.readersOf(room, members),
    admits: (room, user) => kept.keeping.admits(room, user),
    rostersChanged: () => kept.keeping.rostersChanged(),
    endedPartners() {
      const facts = kept.keeping.known()?.facts;
      if (facts === undefined) return [];
      const { agreements, now, policy: current } = facts;
      const domains = [...new Set(agreements.map(({ domain }) => domain))];
      return domains.filter((domain) => !isPartner(agreements, domain, now, current));
    },
    async stop() {
      await kept.stop();
      for (const desk of atWork) await desk.stop();
      await bot.idle();
      await Promise.all([looking.stop(), following.stop(), keeping.stop(), warning.stop(), counting.stop()]);
    },
  };
}
