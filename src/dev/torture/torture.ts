import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { devKill, devStart } from '../commands.ts';
import { type AnsweringService, postTicket } from '../demo/answeringService.ts';
import type { HospitalInfo } from '../hospitalInfo.ts';
import type { Person } from '../person.ts';
import { roomHistory, type StoredEvent, ticketPart } from '../roomHistory.ts';
import { Seeded } from '../seeded.ts';
import type { Part } from '../status.ts';
import { pollUntil } from '../wait.ts';

export interface Torture {
  readonly dir: string;
  readonly hospital: HospitalInfo;
  /** Which of the hospital's services posts, and for which of its accounts. */
  readonly service: string;
  readonly account: string;
  /** Listens at the service's callback address. */
  readonly receiver: AnsweringService;
  /** Reads everything at the end. */
  readonly reader: Person;
  /** Acknowledges meanwhile. */
  readonly answerer: Person;
  readonly kills: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface TortureReport {
  readonly seed: number;
  readonly kills: Readonly<Record<string, number>>;
  /** Tickets that the service was told are safe. */
  readonly accepted: number;
  readonly acknowledged: number;
  /** Accepted, and not in the room so that a member can read it. */
  readonly lost: readonly string[];
  /** In the room more than once: the ticket, or one of its reminders. */
  readonly doubled: readonly string[];
  /** Events of Wardroom that the reader cannot decrypt. */
  readonly unreadable: readonly string[];
  /** Acknowledged by an event that the homeserver took, and not so for Wardroom. */
  readonly unheard: readonly string[];
  /** Tickets of whose statuses the service missed one, or was told out of order. */
  readonly untold: readonly string[];
  /** Steps of ladders done later than five seconds after they were due, which an outage excuses. */
  readonly late: number;
  readonly seconds: number;
}

/** Nothing lost, doubled or unheard. Late is what outages make of ladders. */
export const holds = ({ lost, doubled, unreadable, unheard, untold }: TortureReport): boolean =>
  [lost, doubled, unreadable, unheard, untold].every((list) => list.length === 0);

const CALLERS = 3;
/** A caller's next ticket comes so long after its last: enough for every kill to hit some, and 1,000 kills stay countable. */
const PAUSE_MS = [200, 900] as const;
const RETRY_MS = 100;
/** What dies, how often of ten. `worker`: the encryption engines panic. */
const VICTIMS = [
  'wardroom',
  'wardroom',
  'wardroom',
  'wardroom',
  'worker',
  'worker',
  'synapse',
  'synapse',
  'postgres',
  'postgres',
] as const;
const SETTLE_MS = 180_000;

interface Looked {
  readonly state: string;
  readonly timeline: readonly { readonly event: string; readonly late?: boolean }[];
}

interface Accepted {
  readonly ticketId: string;
  readonly externalId: string;
}

/**
 * Kills parts with -9 at random while tickets arrive and people acknowledge, lets everything come to rest, and counts. Killed are
 * Wardroom, its encryption engines, PostgreSQL and Synapse, sometimes two at once, the next one sometimes while the last one starts.
 */
export async function torture(on: Torture): Promise<TortureReport> {
  const run = new Run(on);
  return run.run();
}

class Run {
  readonly #on: Torture;
  /** One for each who draws, so that the same seed kills the same parts after the same pauses, however fast the others are. */
  readonly #fate: Seeded;
  readonly #answers: Seeded;
  readonly #room: string;
  readonly #accepted = new Map<string, Accepted>();
  /** By ticket: the acknowledgement that is at the homeserver. */
  readonly #acknowledged = new Map<string, string>();
  readonly #kills: Record<string, number> = {};
  #over = false;

  constructor(on: Torture) {
    this.#on = on;
    this.#fate = new Seeded(on.seed);
    this.#answers = new Seeded(on.seed + 1);
    const account = on.hospital.services
      .find(({ id }) => id === on.service)
      ?.accounts.find(({ id }) => id === on.account);
    if (!account?.room_id) throw new Error(`no room of ${on.account}`);
    this.#room = account.room_id;
  }

  async run(): Promise<TortureReport> {
    const begun = performance.now();
    const callers = Array.from({ length: CALLERS }, (_, caller) => this.#call(new Seeded(this.#on.seed + 2 + caller)));
    const answering = this.#answer();
    try {
      await this.#kill();
    } finally {
      this.#over = true;
      for (const part of ['postgres', 'synapse', 'wardroom'] as const) await this.#start(part);
    }
    this.#wake();
    await Promise.all(callers);
    await answering;
    this.#on.say('coming to rest');
    await this.#settle();
    return this.#count((performance.now() - begun) / 1000);
  }

  /** An answering service that repeats what was not answered; now and then it sends the same twice at once. */
  async #call(random: Seeded): Promise<void> {
    while (!this.#over) {
      const ticket = {
        id: `T-${randomUUID()}`,
        account: this.#on.account,
        taken_at: new Date().toISOString(),
        caller: { name: 'Maren Holloway', callback: '+12125550142' },
        reason: 'Wants the cardiologist to know.',
        urgency: random.between(1, 3) === 1 ? 'STAT' : 'ROUTINE',
      };
      const copies = random.between(1, 10) === 1 ? 2 : 1;
      const answers = await Promise.all(Array.from({ length: copies }, () => this.#post(ticket)));
      for (const ticketId of answers) this.#accepted.set(ticketId, { ticketId, externalId: ticket.id });
      await pause(random.between(...PAUSE_MS));
    }
  }

  async #post(ticket: { readonly id: string }): Promise<string> {
    const token = this.#on.hospital.services.find(({ id }) => id === this.#on.service)?.token ?? '';
    for (;;) {
      const answer = await postTicket(this.#on.hospital.api_url, token, ticket).catch(() => null);
      if (answer?.status === 202 || answer?.status === 200) return String(answer.body.ticket_id);
      if (answer && ![429, 503].includes(answer.status)) throw new Error(`answered ${answer.status}`);
      await pause(RETRY_MS);
    }
  }

  /** A clinician who takes every second ticket, by a reaction or a reply. */
  async #answer(): Promise<void> {
    const { answerer } = this.#on;
    const handled = new Set<string>();
    while (!this.#over) {
      const root = await answerer
        .waitFor(
          (event) =>
            event.roomId === this.#room &&
            ticketPart(event.content)?.kind === 'ticket' &&
            this.#accepted.has(ticketPart(event.content)?.ticket_id ?? '') &&
            !handled.has(event.eventId),
          { timeoutMs: 1_000 },
        )
        .catch(() => null);
      if (!root) continue;
      handled.add(root.eventId);
      const way = this.#answers.between(1, 4);
      if (way > 2) continue;
      const id = ticketPart(root.content)?.ticket_id ?? '';
      // The homeserver may be dead: it is not acknowledged unless the event is there.
      const sent =
        way === 1
          ? answerer.react(this.#room, root.eventId, '\u2705')
          : answerer.say(this.#room, 'ok', { thread: root.eventId });
      const event = await Promise.race([sent, pause(20_000).then(() => null)]).catch(() => null);
      if (event !== null) this.#acknowledged.set(id, event);
    }
  }

  async #kill(): Promise<void> {
    const { kills, say } = this.#on;
    for (let done = 0; done < kills; ) {
      await pause(this.#fate.between(100, 2_000));
      const victims = new Set([this.#fate.pick(VICTIMS)]);
      if (this.#fate.between(1, 5) === 1) victims.add(this.#fate.pick(VICTIMS));
      for (const victim of victims) {
        if (victim === 'worker') await this.#panic();
        else await devKill({ dir: this.#on.dir, part: victim });
        this.#kills[victim] = (this.#kills[victim] ?? 0) + 1;
        done += 1;
      }
      say(`kill ${done} of ${kills}: ${[...victims].join(' and ')}; ${this.#accepted.size} tickets accepted`);
      await pause(this.#fate.between(0, 1_500));
      for (const part of ['postgres', 'synapse', 'wardroom'] as const) {
        // Leaves alone what runs. Not always waited for: the next one dies while this one starts.
        const started = this.#start(part);
        if (part !== 'wardroom' || this.#fate.between(1, 3) > 1) await started;
      }
      this.#wake();
    }
  }

  /** A start that another kill cuts short is made good by the next one, at the end by trying again. */
  async #start(part: Part): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await devStart({ dir: this.#on.dir, part });
        return;
      } catch (error) {
        if (!this.#over) return;
        if (tries === 10) throw error;
        await pause(500);
      }
    }
  }

  /** A Wardroom that is just starting has no engines that could panic. */
  async #panic(): Promise<void> {
    await fetch(new URL('/dev/panic', this.#on.hospital.metrics_url), {
      method: 'POST',
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined);
  }

  #wake(): void {
    for (const person of [this.#on.reader, this.#on.answerer]) person.client.retryImmediately();
  }

  /** Until nothing is owed any more. */
  async #settle(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#on.hospital.processes.postgres.url });
    await client.connect();
    const owed = async () => {
      const { rows } = await client.query<{ n: string }>(
        `SELECT (SELECT count(*) FROM wardroom.messages WHERE state IN ('queued', 'encrypted'))
              + (SELECT count(*) FROM wardroom.reports WHERE state = 'pending')
              + (SELECT count(*) FROM wardroom.inbox_events WHERE state IN ('waiting', 'parked')) AS n`,
      );
      return Number(rows[0]?.n);
    };
    try {
      await pollUntil('nothing owed', async () => (await owed()) === 0, { deadlineMs: SETTLE_MS, everyMs: 500 });
      await pollUntil('acknowledgements', async () => (await this.#unheard()).length === 0, {
        deadlineMs: 60_000,
        everyMs: 500,
      }).catch(() => undefined);
      await pollUntil('nothing owed', async () => (await owed()) === 0, { deadlineMs: SETTLE_MS, everyMs: 500 });
    } finally {
      await client.end();
    }
  }

  async #unheard(): Promise<string[]> {
    const unheard: string[] = [];
    for (const id of this.#acknowledged.keys()) if ((await this.#look(id)).state !== 'acknowledged') unheard.push(id);
    return unheard;
  }

  /** Each with what became of its acknowledgement on the way in. */
  async #fatesOf(ids: readonly string[]): Promise<string[]> {
    const client = new pg.Client({ connectionString: this.#on.hospital.processes.postgres.url });
    await client.connect();
    try {
      const fates: string[] = [];
      for (const id of ids) {
        const { rows } = await client.query<{ state: string; code: string | null }>(
          'SELECT state, code FROM wardroom.inbox_events WHERE event_id = $1',
          [this.#acknowledged.get(id)],
        );
        const isThere = await this.#on.reader
          .api(
            'GET',
            `/_matrix/client/v3/rooms/${encodeURIComponent(this.#room)}/event/${encodeURIComponent(this.#acknowledged.get(id) ?? '')}`,
          )
          .then(
            () => 'at the homeserver',
            () => 'not at the homeserver',
          );
        const [row] = rows;
        fates.push(`${id}: ${isThere}, ${row ? `${row.state} ${row.code ?? ''}` : 'never arrived'}`.trimEnd());
      }
      return fates;
    } finally {
      await client.end();
    }
  }

  async #look(id: string): Promise<Looked> {
    const token = this.#on.hospital.services.find((one) => one.id === this.#on.service)?.token ?? '';
    const response = await fetch(`${this.#on.hospital.api_url}/api/v1/tickets/${id}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (response.status !== 200) throw new Error(`answered ${response.status}`);
    return (await response.json()) as Looked;
  }

  async #count(seconds: number): Promise<TortureReport> {
    const history = await roomHistory(this.#on.reader, this.#room);
    const ours = history.filter((event) => event.sender === this.#voice() && event.wireType === 'm.room.encrypted');
    const times = new Map<string, number>();
    for (const event of ours) {
      const what = nameOf(event);
      if (what) times.set(what, (times.get(what) ?? 0) + 1);
    }
    const accepted = [...this.#accepted.keys()];
    let late = 0;
    for (const id of accepted) late += (await this.#look(id)).timeline.filter((line) => line.late).length;
    return {
      seed: this.#on.seed,
      kills: this.#kills,
      accepted: accepted.length,
      acknowledged: this.#acknowledged.size,
      lost: accepted.filter((id) => !times.has(`${id} ticket`)),
      doubled: [...times].filter(([, count]) => count > 1).map(([what]) => what),
      unreadable: ours.filter((event) => event.content === null).map((event) => event.eventId),
      unheard: await this.#fatesOf(await this.#unheard()),
      untold: await this.#untold(accepted),
      late,
      seconds: Math.round(seconds),
    };
  }

  #voice(): string {
    return (
      this.#on.hospital.services
        .find(({ id }) => id === this.#on.service)
        ?.accounts.find(({ id }) => id === this.#on.account)?.voice_user_id ?? ''
    );
  }

  /** Of which the service did not hear every status that there is, from the first to the last, each first in its order. */
  async #untold(accepted: readonly string[]): Promise<string[]> {
    const client = new pg.Client({ connectionString: this.#on.hospital.processes.postgres.url });
    await client.connect();
    const { rows } = await client
      .query<{ id: string; last: number }>(
        'SELECT ticket_id AS id, max(sequence) AS last FROM wardroom.reports WHERE ticket_id = ANY($1) GROUP BY ticket_id',
        [accepted],
      )
      .finally(() => client.end());
    const last = new Map(rows.map((row) => [row.id, row.last]));
    const told = new Map<string, Set<number>>();
    for (const { data } of this.#on.receiver.callbacks) {
      const id = String(data.ticket_id);
      told.set(id, (told.get(id) ?? new Set()).add(Number(data.sequence)));
    }
    return accepted.filter((id) => {
      const sequences = [...(told.get(id) ?? [])];
      return sequences.length !== last.get(id) || sequences.some((sequence, index) => sequence !== index + 1);
    });
  }
}

/** Ticket, kind and step of a message; a text posted again for a new device may come as often as there are new devices. */
function nameOf(event: StoredEvent): string | null {
  const part = ticketPart(event.content);
  if (!part || part.kind === 'posted_again' || part.kind === 'notice') return null;
  return [part.ticket_id, part.kind, part.step ?? '']
    .join(' ')
    .trim()
    .replace(/ ticket .*$/, ' ticket');
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
