/** Ticket flows on a real PostgreSQL with real sealing and auditing; the rooms are in memory, and so is business time. */
import { randomBytes } from 'node:crypto';
import { type AdmissionFlow, admitTicket } from '../../src/flows/admitTicket.ts';
import { keepDeadlines } from '../../src/flows/deadlines.ts';
import type { CrashPoint, Job, RoomEvent, Voices } from '../../src/flows/ports.ts';
import { MessagePoster } from '../../src/flows/postMessage.ts';
import { RoomEventReceiver } from '../../src/flows/receiveRoomEvent.ts';
import type { DeliveryFlow } from '../../src/flows/ticketFlow.ts';
import {
  type AccountId,
  accountId,
  eventId,
  type RoomId,
  roomId,
  type ServiceId,
  serviceId,
  type TicketId,
  type UserId,
  userId,
} from '../../src/kernel/ids.ts';
import { Phi, Secret } from '../../src/kernel/phi.ts';
import { ok } from '../../src/kernel/result.ts';
import { entriesStatement } from '../../src/postgres/auditWriter.ts';
import { PostgresStore } from '../../src/postgres/store.ts';
import { startClinic } from '../../src/server/clinic.ts';
import type { DispatchDirectory } from '../../src/tickets/directory.ts';
import type { Dispatch } from '../../src/tickets/dispatchSchema.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { directory, dispatch, oncall, T0 } from '../tickets/fixtures.ts';

export const NIGHTJAR = serviceId('nightjar');
export const WREN = serviceId('wren');
export const CONTROL = roomId('!control');
export const VOICE = userId('@wardroom_nightjar:example');

export interface Posted {
  readonly event: string;
  readonly room: RoomId;
  readonly voice?: UserId;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever was posted
  readonly content: any;
}

interface Using {
  readonly dispatch: Dispatch;
  readonly directory: DispatchDirectory;
}

export class TicketRig {
  readonly bench: AuditBench;
  readonly flow: DeliveryFlow & AdmissionFlow;
  readonly store: PostgresStore;
  readonly receiver: RoomEventReceiver;
  /** Business time. */
  now = T0;
  readonly posted: Posted[] = [];
  readonly alarms: string[] = [];
  /** Where the next thing that is done fails, as if the process were killed there: the point, and how many times it is passed before. */
  crash: { readonly point: CrashPoint; readonly after: number } | null = null;
  readonly #jobs: Job[] = [];
  #events = 0;

  private constructor(bench: AuditBench, using: Using) {
    this.bench = bench;
    const { directory, dispatch } = using;
    const crash = { reach: (point: CrashPoint) => this.#pass(point) };
    const clock = { now: () => this.now };
    this.store = new PostgresStore({
      pool: bench.pool as never,
      sealer: bench.content,
      entries: (db, entries) => entriesStatement(db, entries, bench.writer),
      crash,
      onReady: (jobs) => this.#jobs.push(...jobs),
    });
    const accounts = oncall.services as unknown as Record<string, { accounts: string[] }>;
    this.flow = {
      store: this.store,
      clock,
      directory,
      services: { hasCallback: () => true, repliesWithText: (service) => service === NIGHTJAR },
      alarms: { raise: (code) => void this.alarms.push(code) },
      meter: {
        changed: () => undefined,
        seenAfter: () => undefined,
        acknowledgedAfter: () => undefined,
        deadlineLate: () => undefined,
      },
      crash,
      voices: this.#voices(),
      sender: { send: async () => ok(undefined), beat: async () => ok(undefined) },
      isOwnUser: (user) => /^@wardroom/.test(user),
      fingerprintKey: new Secret<Uint8Array>(randomBytes(32)),
      accountsOf: (service) => accounts[service]?.accounts ?? [],
      ownNumbers: [],
      isFull: () => null,
    };
    this.receiver = new RoomEventReceiver(this.flow, {
      commands: startClinic({
        flow: this.flow,
        matrix: { bot: userId('@wardroom:example') },
        training: {
          accept: async () => {
            throw new Error('nothing is accepted here');
          },
        },
        breakGlass: {
          hear: async () => {
            throw new Error('no emergencies here');
          },
        },
        texts: {
          assign: async () => {
            throw new Error('no texts here');
          },
          release: async () => {
            throw new Error('no texts here');
          },
          scopes: () => [],
          record: async () => {
            throw new Error('no texts here');
          },
        },
        roomNames: { find: () => null, names: () => [] },
        recalls: {
          recall: async () => {
            throw new Error('nothing is taken back here');
          },
        },
        dispatch: () => dispatch,
        voicesOf: () => [VOICE],
      }),
      hearsCommands: (room) => room === CONTROL,
      acceptsUnsignedDevices: false,
      machineClock: { now: () => this.now },
      elsewhere: async () => undefined,
      byHand: { redacted: async () => undefined, edited: async () => undefined },
    });
  }

  static async open(using: Using = { directory, dispatch }): Promise<TicketRig> {
    const rig = new TicketRig(await openAuditBench(), using);
    for (const account of ['LARK-CARD', 'ORRIN-HOME', 'BRINE-PEDS'].map(accountId)) await rig.#makeRoom(account);
    return rig;
  }

  close(): Promise<void> {
    return this.bench.close();
  }

  roomOf(account: string): RoomId {
    return roomId(`!${account.toLowerCase()}`);
  }

  /** Takes a ticket and posts it; its id. */
  async take(document: Record<string, unknown>, service: ServiceId = NIGHTJAR): Promise<TicketId> {
    const outcome = await admitTicket(this.flow, service, document);
    if (outcome.kind !== 'accepted') throw new Error(JSON.stringify(outcome));
    await this.work();
    return outcome.ticket.ticket_id;
  }

  /** What can be done at once. */
  get waiting(): readonly string[] {
    return this.#jobs.map(({ task }) => task);
  }

  /** Posts what is owed. */
  async work(): Promise<void> {
    const poster = new MessagePoster(this.flow, {
      report: async (_accounts, alias) => ok(roomId(`!${alias}`)),
      account: async (account) => ok(this.roomOf(account)),
      personal: async (account, person) => ok(roomId(`!${account}:${person}`)),
    });
    for (let job = this.#jobs.shift(); job; job = this.#jobs.shift())
      if (job.task === 'post') await poster.post(job.messageId);
  }

  /** Business time comes to this instant: what falls due until then is done and posted. */
  async until(instant: number): Promise<void> {
    await this.fallDue(instant);
    await this.work();
  }

  /** The same, and nothing is posted. */
  async fallDue(instant: number): Promise<void> {
    this.now = instant;
    const failures: unknown[] = [];
    const keeper = keepDeadlines(this.flow, 3_600_000, (error) => failures.push(error));
    await keeper.poke();
    await keeper.stop();
    if (failures.length > 0) throw failures[0];
  }

  /** A new process: what was in hand is forgotten, what is owed is done. */
  async startAgain(): Promise<void> {
    this.crash = null;
    this.#jobs.length = 0;
    for (const { id, urgency } of await this.store.read.unsentMessages(500))
      this.#jobs.push({ task: 'post', messageId: id, urgency });
    await this.work();
  }

  #pass(point: CrashPoint): void {
    if (this.crash?.point !== point) return;
    if (this.crash.after > 0) {
      this.crash = { point, after: this.crash.after - 1 };
      return;
    }
    this.crash = null;
    throw new Error(`killed at ${point}`);
  }

  async #makeRoom(account: AccountId): Promise<void> {
    const roomId = this.roomOf(account);
    await this.store.change(async (tx) => {
      await tx.insertAccountRoom({ account, roomId });
      return { value: null, audit: [{ action: 'room.created', outcome: 'ok', actor: 'wardroom' }] };
    });
  }

  /** Somebody says something in the room; the id of the event. */
  async says(account: string, who: string, body: string, more: Partial<Extract<RoomEvent, { type: 'message' }>> = {}) {
    const event = eventId(`$said${++this.#events}`);
    const message: RoomEvent = {
      type: 'message',
      room: this.roomOf(account),
      event,
      sender: userId(who),
      at: this.now,
      sentAt: this.now,
      body: new Phi(body),
      inReplyTo: null,
      thread: null,
      isEdit: false,
      encrypted: true,
      crossSigned: true,
      signedBy: null,
      ...more,
    };
    await this.receiver.receive(message);
    await this.work();
    return message;
  }

  /** The answer to what was said: what the bot says and what programs read. */
  answerTo({ event }: { readonly event: string }) {
    const found = this.posted.filter(({ content }) => content['m.relates_to']?.['m.in_reply_to']?.event_id === event);
    if (found.length !== 1) throw new Error(`${found.length} answers`);
    const { room, content } = found[0]!;
    return { room, body: String(content.body), content, ...content['org.wardroom.answer'] };
  }

  async ticket(id: TicketId) {
    const ticket = await this.store.read.ticket(id);
    if (!ticket) throw new Error('no such ticket');
    return ticket;
  }

  /** Messages in the thread of a ticket, in order. */
  async thread(id: TicketId): Promise<readonly Posted[]> {
    const { rootEventId } = await this.ticket(id);
    return this.posted.filter(
      ({ event, content }) => event === rootEventId || content['m.relates_to']?.event_id === rootEventId,
    );
  }

  /** What the service is told of a ticket, in order. */
  async reports(id: TicketId) {
    const { rows } = await this.bench.admin.query(
      'SELECT status, by, step, text_ciphertext IS NOT NULL AS "hasText" FROM wardroom.reports WHERE ticket_id = $1 ORDER BY sequence',
      [id],
    );
    return rows as { status: string; by: string | null; step: number | null; hasText: boolean }[];
  }

  async statuses(id: TicketId): Promise<readonly string[]> {
    return (await this.reports(id)).map(({ status }) => status);
  }

  async timeline(id: TicketId) {
    return (await this.store.read.timeline(id)).map(({ event, code, who }) => ({ event, code, who }));
  }

  async entries(action: string): Promise<number> {
    const { rows } = await this.bench.admin.query(
      `SELECT count(*)::int AS count FROM wardroom.audit_entries WHERE body->>'action' = $1`,
      [action],
    );
    return (rows[0] as { count: number }).count;
  }

  /** Tables in which this text stands readable. */
  async leaks(text: string): Promise<readonly string[]> {
    const { rows } = await this.bench.admin.query(
      `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'wardroom' AND table_type = 'BASE TABLE'`,
    );
    const found: string[] = [];
    for (const { name } of rows as { name: string }[]) {
      const hit = await this.bench.admin.query(`SELECT 1 FROM wardroom.${name} AS t WHERE t::text LIKE $1 LIMIT 1`, [
        `%${text}%`,
      ]);
      if (hit.rowCount) found.push(name);
    }
    return found;
  }

  #voices(): Voices {
    const contents = new Map<string, Posted['content']>();
    let count = 0;
    return {
      userOf: (service) => userId(`@wardroom_${service}:example`),
      bot: userId('@wardroom:example'),
      async encrypt(_voice, _room, _type, content) {
        const id = `c${++count}`;
        contents.set(id, content.reveal());
        const readers = Object.fromEntries(
          directory.members('LARK-CARD' as never).map(({ userId: user }) => [user, ['DEVICE' as never]]),
        );
        return ok({ content: { id }, sessionId: 's', readers });
      },
      send: async (voice, room, _type, txnId, content) => {
        const event = `$${txnId}`;
        this.posted.push({ event, room, voice, content: contents.get(String(content.id)) });
        return ok(eventId(event));
      },
      sentBefore: async () => ok(null),
      reachable: async () => new Map(),
    };
  }
}
