import { randomBytes, randomUUID } from 'node:crypto';
import { AnsweringService, type Callback, postTicket } from '../../../src/dev/demo/answeringService.ts';
import { searchHospital } from '../../../src/dev/demo/canary.ts';
import type { HospitalInfo } from '../../../src/dev/hospitalInfo.ts';
import { Person, type PersonOptions, type SeenEvent } from '../../../src/dev/person.ts';
import type { CrashPoint } from '../../../src/flows/ports.ts';
import {
  crashAt,
  cryptoDevices,
  devCommand,
  type SharedHospital,
  sharedHospital,
  type Way,
  wayTo,
} from '../../support/hospital.ts';
import { ask } from './database.ts';

export interface TicketState {
  readonly ticket_id: string;
  readonly external_id: string;
  readonly joined_to?: string;
  readonly state: string;
  readonly flags: readonly string[];
  readonly duplicate: boolean;
  readonly accepted_at: string;
  readonly next_step_at: string | null;
  readonly acknowledged: { readonly by: string; readonly how: string; readonly strength: string } | null;
  readonly room_id: string | null;
  readonly event_id: string | null;
  readonly timeline: readonly {
    readonly at: string;
    readonly event: string;
    readonly who?: string;
    readonly step?: number;
    readonly late?: boolean;
    readonly code?: string;
  }[];
}

/** The shared hospital as one test file sees it: its people, its tickets, what its answering service was told. */
export class Ward {
  readonly hospital: HospitalInfo;
  readonly dir: string;
  readonly receiver = new AnsweringService();
  /** In every ticket of this file; may be nowhere but inside encrypted events. */
  readonly canary = `CNRY-${randomBytes(6).toString('hex')}`;
  readonly #people: Person[] = [];
  readonly #crashFile: string;
  readonly #cryptoFile: string;
  readonly #networkFile: string;

  private constructor({ hospital, dir, crashFile, cryptoFile, networkFile }: SharedHospital) {
    this.hospital = hospital;
    this.dir = dir;
    this.#crashFile = crashFile;
    this.#cryptoFile = cryptoFile;
    this.#networkFile = networkFile;
  }

  /** Of the hospital that all files share, or of one of the file's own. */
  static async open(own?: SharedHospital): Promise<Ward> {
    const shared = own ?? (await sharedHospital());
    const ward = new Ward(shared);
    await ward.receiver.listen(shared.callbackPort);
    ward.receiver.trust(ward.service('nightjar').callback_secret);
    return ward;
  }

  async close(): Promise<void> {
    for (const person of this.#people) await person.logOut().catch(() => person.stop());
    await this.receiver.close();
    // What a file leaves open would be posted again to every device that its people log in with later.
    await ask(
      this.hospital,
      `UPDATE wardroom.tickets SET state = 'closed', next_step_at = NULL, life = life || '{"state": "closed", "nextStepAt": null}'
        WHERE state NOT IN ('acknowledged', 'closed', 'reported')`,
    );
  }

  service(id: string): HospitalInfo['services'][number] {
    const service = this.hospital.services.find((one) => one.id === id);
    if (!service) throw new Error(`no service ${id}`);
    return service;
  }

  room(account: string): string {
    const found = this.hospital.services.flatMap((service) => service.accounts).find((one) => one.id === account);
    if (!found?.room_id) throw new Error(`no account ${account}`);
    return found.room_id;
  }

  userId(key: string): string {
    return this.#who(key).user_id;
  }

  password(key: string): string {
    return this.#who(key).password;
  }

  /** Logs a person in on a new device, verified unless said otherwise; logged out when the file ends. */
  async person(key: string, options: Partial<PersonOptions> = {}): Promise<Person> {
    const { user_id: userId, password, recovery_key: recoveryKey } = this.#who(key);
    const person = await Person.logIn({ url: this.hospital.homeserver_url, userId, password, recoveryKey, ...options });
    this.#people.push(person);
    await this.lookAtDevices();
    return person;
  }

  /**
   * Until the voices know of every device there is. What they know may be a quarter of a second old: a ticket that comes sooner after
   * a login is posted again, which is right, and not what tests mean that wait for the first message. Nothing to wait for while
   * Wardroom, or the homeserver, is killed.
   */
  async lookAtDevices(): Promise<void> {
    const url = new URL('/dev/look', this.hospital.metrics_url);
    await fetch(url, { method: 'POST', signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
  }

  #who(key: string) {
    const person = this.hospital.people.find((one) => one.key === key);
    if (!person) throw new Error(`no person ${key}`);
    return person;
  }

  ticket(account: string, patch: Readonly<Record<string, unknown>> = {}): Record<string, unknown> & { id: string } {
    return {
      id: `T-${randomUUID()}`,
      account,
      taken_at: new Date().toISOString(),
      caller: { name: `Maren ${this.canary}`, relation: 'spouse', callback: '+12125550142', readback: true },
      patient: { name: `Ottis ${this.canary}`, dob: '1951-03-09' },
      reason: `Chest pressure ${this.canary}`,
      urgency: 'STAT',
      canary: this.canary,
      ...patch,
    };
  }

  /** Posts a ticket that must be accepted; its Wardroom id. */
  async post(account: string, patch: Readonly<Record<string, unknown>> = {}, service = 'nightjar'): Promise<string> {
    const { status, body } = await postTicket(
      this.hospital.api_url,
      this.service(service).token,
      this.ticket(account, patch),
    );
    if (status !== 202) throw new Error(`answered ${status} ${JSON.stringify(body)}`);
    return String(body.ticket_id);
  }

  async look(ticketId: string, service = 'nightjar'): Promise<TicketState> {
    const response = await fetch(`${this.hospital.api_url}/api/v1/tickets/${ticketId}`, {
      headers: { authorization: `Bearer ${this.service(service).token}` },
    });
    if (response.status !== 200) throw new Error(`answered ${response.status}`);
    return (await response.json()) as TicketState;
  }

  /** Says something of a ticket as the operator `op17`; the answer's status and body. */
  async tell(ticketId: string, event: Readonly<Record<string, unknown>>, service = 'nightjar') {
    const response = await fetch(`${this.hospital.api_url}/api/v1/tickets/${ticketId}/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.service(service).token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ by: 'op17', ...event }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Asks until the ticket is as wanted. */
  async until(
    ticketId: string,
    wanted: (ticket: TicketState) => boolean,
    service = 'nightjar',
    timeoutMs = 90_000,
  ): Promise<TicketState> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const ticket = await this.look(ticketId, service).catch(() => null);
      if (ticket && wanted(ticket)) return ticket;
      if (performance.now() > deadline)
        throw new Error(`not in ${timeoutMs / 1000} s; it is ${JSON.stringify(ticket)}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  untilState(ticketId: string, state: string, service = 'nightjar'): Promise<TicketState> {
    return this.until(ticketId, (ticket) => ticket.state === state, service);
  }

  /** A callback about this ticket. */
  told(ticketId: string, type: string, timeoutMs = 90_000): Promise<Callback> {
    return this.receiver.waitFor(type, (one) => one.type === type && one.data.ticket_id === ticketId, timeoutMs);
  }

  toldOf(ticketId: string): string[] {
    return this.receiver.callbacks
      .filter((one) => one.data.ticket_id === ticketId)
      .map((one) => one.type.replace('ticket.', ''));
  }

  /** Where Wardroom ends itself from its next start on; `{}`: nowhere. */
  crashAt(points: Readonly<Partial<Record<CrashPoint, number>>>): void {
    crashAt(this.#crashFile, points);
  }

  /** Which devices get keys from Wardroom's next start on. */
  cryptoDevices(devices: 'cross-signed' | 'all'): void {
    cryptoDevices(this.#cryptoFile, devices);
  }

  /** Which way Wardroom goes to its homeserver and its database from its next start on; `{}`: straight. */
  wayTo(way: Way): void {
    wayTo({ networkFile: this.#networkFile, hospital: this.hospital }, way);
  }

  /** `wardroom dev ARGS` on this hospital. */
  dev(...args: string[]): Promise<string> {
    return devCommand(this.dir, args);
  }

  /** Where the canary, or any of these words, is although it may not be. */
  async leaks(words: readonly string[] = [this.canary]): Promise<readonly string[]> {
    return (await searchHospital(this.hospital, words)).found;
  }
}

/** A message of Wardroom about this ticket. */
export const about =
  (ticketId: string, kind: string) =>
  (event: SeenEvent): boolean => {
    const part = event.content['org.wardroom.ticket'] as { ticket_id?: string; kind?: string } | undefined;
    return part?.ticket_id === ticketId && part.kind === kind;
  };

export const mentioned = (event: SeenEvent): readonly string[] =>
  (event.content['m.mentions'] as { user_ids?: string[] } | undefined)?.user_ids ?? [];

export const relation = (event: SeenEvent) =>
  event.content['m.relates_to'] as
    | { rel_type?: string; event_id?: string; 'm.in_reply_to'?: { event_id: string } }
    | undefined;
