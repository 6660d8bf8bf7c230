/**
 * Lives all timelines in one hospital, in the order of their instants, so that business time only goes forward. Every instant at which
 * something is put in, expected or due by a ladder is stopped at, and left when nothing is owed any more.
 */
import { devKill, devStart } from '../../../src/dev/commands.ts';
import { postTicket } from '../../../src/dev/demo/answeringService.ts';
import type { WctpConsole } from '../../../src/dev/demo/wctpConsole.ts';
import type { Person } from '../../../src/dev/person.ts';
import { pollUntil } from '../../../src/dev/wait.ts';
import { clock, type Timeline } from '../../tickets/fixtures.ts';
import type { BusinessTime } from '../support/businessTime.ts';
import { ask } from '../support/database.ts';
import { ticketsIn } from '../support/rooms.ts';
import { telephones, textsOn } from '../support/telephone.ts';
import type { TicketState, Ward } from '../support/ward.ts';
import { accountOf, serviceOf, ticketFor } from './data.ts';
import { type Input, PLAYERS } from './players.ts';
import { mainTicket, type Run } from './run.ts';
import { type Sender, wctpPage } from './wctpPage.ts';

export interface Stage {
  readonly ward: Ward;
  readonly time: BusinessTime;
  readonly console: WctpConsole;
  readonly sender: Sender;
  /** Everybody with a client, by the keys of the data. */
  readonly people: Map<string, Person>;
}

/** How long before a timeline somebody who is to get a new device has none. */
const BEFORE_MS = 60_000;
const SETTLE_MS = 30_000;

export class Replay {
  readonly stage: Stage;
  readonly runs: Run[] = [];
  readonly #waiting: Timeline[];
  readonly #inputs = new Map<Run, Input[]>();
  readonly #prepared = new Set<Timeline>();
  #isUp = true;

  /** What each telephone showed at any time. */
  readonly texts = new Map<string, Set<string>>();

  constructor(stage: Stage, timelines: readonly Timeline[]) {
    this.stage = stage;
    this.#waiting = [...timelines].sort((one, other) => Date.parse(one.t0) - Date.parse(other.t0));
  }

  /** Ends when every timeline has. */
  async play(): Promise<readonly Run[]> {
    const { time } = this.stage;
    for (let next = this.#next(); next !== null; next = this.#next()) {
      await time.to(next);
      await this.#prepare();
      await this.#accept();
      await this.#put();
      if (!this.#isUp) continue;
      await this.#settle();
      await this.#takeTexts();
      for (const run of this.#living()) await this.#look(run);
      // A step that became due a moment after this instant may have been done before it was looked at: what it said belongs here.
      await this.#settle();
    }
    return this.runs;
  }

  get #now(): number {
    return this.stage.time.now();
  }

  #living(): readonly Run[] {
    return this.runs.filter((run) => run.ended === null);
  }

  /** The next instant at which there is something to do or to look at; null at the end. */
  #next(): number | null {
    const instants = [
      ...this.#waiting.map((one) => Date.parse(one.t0) - (this.#prepared.has(one) ? 0 : BEFORE_MS)),
      ...this.#living().flatMap((run) => [
        ...(this.#inputs.get(run) ?? []).map((input) => run.acceptedAt + clock(input.t)),
        ...this.#unlooked(run),
        ...this.#due(run),
      ]),
    ];
    return instants.length === 0 ? null : Math.min(...instants);
  }

  /** Instants of which something is expected and that have not been looked at. */
  #unlooked(run: Run): readonly number[] {
    if (!this.#isUp) return [];
    const last = run.samples.at(-1)?.at ?? 0;
    return expectedInstants(run).filter((at) => at > last);
  }

  #due(run: Run): readonly number[] {
    const next = run.samples.at(-1)?.ticket.next_step_at;
    return this.#isUp && next ? [Date.parse(next)] : [];
  }

  /** Who gets a new device in a timeline has none before it. */
  async #prepare(): Promise<void> {
    for (const timeline of this.#waiting) {
      if (this.#prepared.has(timeline) || Date.parse(timeline.t0) - BEFORE_MS > this.#now) continue;
      this.#prepared.add(timeline);
      for (const { who } of timeline.inputs.filter(({ sig }) => sig === 'device_new')) {
        await this.stage.people.get(who ?? '')?.logOut();
        this.stage.people.delete(who ?? '');
        await this.stage.ward.lookAtDevices();
      }
    }
  }

  async #accept(): Promise<void> {
    while (this.#waiting[0] !== undefined && Date.parse(this.#waiting[0].t0) <= this.#now) {
      const timeline = this.#waiting.shift()!;
      const [account, service] = [accountOf(timeline), serviceOf(timeline)];
      const isWctp = timeline.expect.some(({ wctp }) => wctp !== undefined);
      const id = isWctp ? await this.#submit(timeline) : await this.post(timeline, timeline.ticket);
      const ticket = await this.stage.ward.look(id, service);
      const run: Run = {
        timeline,
        account,
        service,
        room: this.stage.ward.room(account),
        tickets: new Map([[timeline.ticket, id]]),
        acceptedAt: Date.parse(ticket.accepted_at),
        samples: [{ at: this.#now, ticket }],
        ended: null,
        board: new Set(),
        callbacks: [],
        pushed: [],
        messages: [],
      };
      this.runs.push(run);
      this.#inputs.set(run, [...timeline.inputs]);
    }
  }

  /** Posts a ticket of the data by HTTP; Wardroom's id. */
  async post(timeline: Timeline, id: string): Promise<string> {
    const { ward } = this.stage;
    const { token } = ward.service(serviceOf(timeline));
    const { status, body } = await postTicket(ward.hospital.api_url, token, ticketFor(timeline, id));
    if (status !== 202) throw new Error(`${id} was answered ${status} ${JSON.stringify(body)}`);
    return String(body.ticket_id);
  }

  async #submit(timeline: Timeline): Promise<string> {
    const { ward, console, sender } = this.stage;
    const ticket = ticketFor(timeline, timeline.ticket) as unknown as Parameters<typeof wctpPage>[0];
    const outcome = await console.post(ward.hospital.wctp_url, wctpPage(ticket, sender));
    if (outcome !== 200) throw new Error(`${ticket.id} was answered ${outcome} by WCTP`);
    const [row] = await ask<{ ticket_id: string }>(
      ward.hospital,
      'SELECT ticket_id FROM wardroom.tickets WHERE account = $1',
      [ticket.account],
    );
    return row?.ticket_id ?? '';
  }

  /** Puts in everything that is due by now. */
  async #put(): Promise<void> {
    for (;;) {
      const due = this.#living().flatMap((run) => {
        const [input] = this.#inputs.get(run) ?? [];
        return input && run.acceptedAt + clock(input.t) <= this.#now ? [{ run, input }] : [];
      });
      const first = due.sort((one, other) => atOf(one) - atOf(other))[0];
      if (!first) return;
      this.#inputs.get(first.run)?.shift();
      const player = PLAYERS[first.input.sig];
      if (!player) throw new Error(`nobody plays ${first.input.sig}`);
      await player(this, first.run, first.input);
    }
  }

  /** Asks until the run's ticket is as wanted. */
  until(run: Run, wanted: (ticket: TicketState) => boolean): Promise<TicketState> {
    return this.stage.ward.until(mainTicket(run), wanted, run.service, SETTLE_MS);
  }

  async kill(): Promise<void> {
    await devKill({ dir: this.stage.ward.dir, part: 'wardroom' });
    this.#isUp = false;
  }

  async start(): Promise<void> {
    await devStart({ dir: this.stage.ward.dir, part: 'wardroom' });
    this.#isUp = true;
  }

  /** Until nothing is owed to rooms and services, and the people have everything that was sent. */
  async #settle(): Promise<void> {
    const ids = this.runs.flatMap((run) => [...run.tickets.values()]);
    const owed = `SELECT 'message' AS kind, event_id, state = 'sent' AS done FROM wardroom.messages WHERE ticket_id = ANY($1)
      UNION ALL SELECT 'report', NULL, state <> 'pending' FROM wardroom.reports WHERE ticket_id = ANY($1)
      UNION ALL SELECT 'wctp', NULL, state <> 'pending' FROM wardroom.wctp_responses WHERE ticket_id = ANY($1)`;
    await pollUntil(
      'nothing owed',
      async () => {
        const rows = await ask<{ event_id: string | null; done: boolean }>(this.stage.ward.hospital, owed, [ids]);
        const seen = this.#seen();
        return rows.every(({ done, event_id: event }) => done && (event === null || seen.has(event)));
      },
      { deadlineMs: SETTLE_MS, everyMs: 20 },
    );
    this.#takeIn();
  }

  /** The telephones forget when Wardroom is killed. */
  async #takeTexts(): Promise<void> {
    const { hospital } = this.stage.ward;
    for (const phone of await telephones(hospital)) {
      const known = this.texts.get(phone) ?? new Set();
      for (const { body } of await textsOn(hospital, phone)) known.add(body);
      this.texts.set(phone, known);
    }
  }

  #seen(): ReadonlySet<string> {
    const all = [...this.stage.people.values()].flatMap((person) => person.events.all());
    // Arrived is not enough: what is decrypted after the next turn of the clock would seem to have come then.
    const read = all.filter(({ failure, readableAt }) => failure === null && readableAt !== null);
    return new Set(read.map(({ eventId }) => eventId));
  }

  /** Gives everything that came to the run that it is about. */
  #takeIn(): void {
    const { ward, console, people, time } = this.stage;
    const events = [...people.values()].flatMap((person) => person.events.all());
    for (const run of this.runs) {
      const ids = new Set(run.tickets.values());
      const known = new Set(run.messages.map(({ what }) => what.eventId));
      for (const what of events) {
        const isOurs = ticketsIn(what.content).some((id) => ids.has(id));
        if (!isOurs || what.readableAt === null || known.has(what.eventId)) continue;
        known.add(what.eventId);
        run.messages.push({ at: time.at(what.readableAt - performance.timeOrigin), what });
      }
      const told = ward.receiver.callbacks.filter(({ data }) => ids.has(String(data.ticket_id)));
      for (const what of told.slice(run.callbacks.length)) run.callbacks.push({ at: time.at(what.at), what });
      const own = ticketFor(run.timeline, run.timeline.ticket).id;
      const pushed = console.pushed.filter(({ about }) => about === own);
      for (const what of pushed.slice(run.pushed.length)) run.pushed.push({ at: time.at(what.at), what });
    }
  }

  /** The open tickets as the service lists them. */
  async #board(service: string): Promise<ReadonlySet<string>> {
    const { ward } = this.stage;
    const response = await fetch(`${ward.hospital.api_url}/api/v1/tickets?state=open`, {
      headers: { authorization: `Bearer ${ward.service(service).token}` },
    });
    const { tickets } = (await response.json()) as { tickets: readonly { readonly ticket_id: string }[] };
    return new Set(tickets.map(({ ticket_id: id }) => id));
  }

  async #look(run: Run): Promise<void> {
    const at = this.#now;
    const ticket = await this.stage.ward.look(mainTicket(run), run.service);
    run.samples.push({ at, ticket });
    const isOver = (this.#inputs.get(run) ?? []).length === 0 && expectedInstants(run).every((one) => one <= at);
    if (!isOver || ticket.next_step_at !== null) return;
    run.ended = ticket;
    run.board = await this.#board(run.service);
    for (const id of run.tickets.values()) await this.stage.ward.tell(id, { type: 'closed' }, run.service);
  }
}

const atOf = ({ run, input }: { run: Run; input: Input }): number => run.acceptedAt + clock(input.t);

/** Every instant of business time of which the timeline says something. */
export function expectedInstants(run: Run): readonly number[] {
  return run.timeline.expect.flatMap(({ t, by, at }) => [
    ...[t, by].flatMap((one) => (typeof one === 'string' ? [run.acceptedAt + clock(one)] : [])),
    ...(typeof at === 'string' ? [Date.parse(at)] : []),
  ]);
}
