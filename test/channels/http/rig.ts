/** The HTTP edge on a real socket, with an in-memory TicketApi behind it that keeps the contract's rules about admission. */
import { request as httpRequest } from 'node:http';
import { createGate, createHttpApi, type HttpApiOptions } from '../../../src/channels/http/index.ts';
import type { TicketApi, TicketDetail, TicketPage } from '../../../src/flows/ticketApi.ts';
import { type ServiceId, serviceId, ticketId } from '../../../src/kernel/ids.ts';
import { Secret } from '../../../src/kernel/phi.ts';
import { type Listener, listen } from '../../../src/server/listeners.ts';
import { readOperatorEvent } from '../../../src/tickets/operatorEvent.ts';
import { readTicket } from '../../../src/tickets/readTicket.ts';

export const NIGHTJAR = serviceId('nightjar');
export const WREN = serviceId('wren');
export const TOKENS = { nightjar: 'nightjar-token-0123456789', wren: 'wren-token-9876543210abc' };
const ACCOUNTS: Record<string, readonly string[]> = { nightjar: ['LARK-CARD', 'TAMSIN-OB'], wren: ['ORRIN-HOME'] };
const NOW = Date.parse('2026-11-28T13:20:00Z');

/** Keeps tickets in memory; the same id with the same text is the same ticket. */
export class MemoryTickets implements TicketApi {
  readonly tickets = new Map<string, { service: ServiceId; text: string; detail: TicketDetail }>();
  /** What the next calls do instead of working. */
  failure: Error | 'busy' | null = null;
  /** When set, calls wait for it. */
  hold: Promise<void> | null = null;
  calls = 0;

  async admit(service: ServiceId, document: unknown): ReturnType<TicketApi['admit']> {
    this.calls++;
    await this.hold;
    if (this.failure === 'busy') return { kind: 'busy', retryAfterSeconds: 7 };
    if (this.failure) throw this.failure;
    const read = readTicket(document, { now: NOW, ownNumbers: ['+12125550100'] });
    if (!read.ok) return { kind: 'refused', reason: 'invalid', errors: read.error };
    const { externalId, account, urgency, flags, text } = read.value;
    if (!ACCOUNTS[service]?.includes(account)) return { kind: 'refused', reason: 'account' };
    const same = [...this.tickets.values()].filter(
      (ticket) => ticket.service === service && ticket.detail.external_id === externalId,
    );
    const twin = same.find((ticket) => ticket.text === JSON.stringify(text));
    if (twin) return { kind: 'accepted', ticket: viewOf(twin.detail, true), duplicate: true };
    const detail: TicketDetail = {
      ticket_id: ticketId(`tkt_${String(this.tickets.size).padStart(26, '0')}`),
      external_id: externalId,
      account,
      urgency,
      state: 'accepted',
      duplicate: false,
      flags: same.length > 0 ? [...flags, 'id_reused'] : flags,
      accepted_at: '2026-11-28T13:20:00.000Z',
      step: null,
      next_step_at: null,
      acknowledged: null,
      room_id: null,
      event_id: null,
      timeline: [{ at: '2026-11-28T13:20:00.000Z', event: 'accepted' }],
    };
    this.tickets.set(detail.ticket_id, { service, text: JSON.stringify(text), detail });
    return { kind: 'accepted', ticket: viewOf(detail, false), duplicate: false };
  }

  async test(service: ServiceId, account: string): ReturnType<TicketApi['test']> {
    this.calls++;
    if (this.failure === 'busy') return { kind: 'busy', retryAfterSeconds: 7 };
    if (this.failure) throw this.failure;
    if (!ACCOUNTS[service]?.includes(account)) return { kind: 'refused', reason: 'account' };
    const admitted = await this.admit(service, { id: `test-${this.calls}`, account, reason: 'Test page' });
    if (admitted.kind !== 'accepted') return admitted;
    return { ...admitted, ticket: { ...admitted.ticket, urgency: 'stat', test: true } };
  }

  async tell(service: ServiceId, id: string, document: unknown): ReturnType<TicketApi['tell']> {
    this.calls++;
    if (this.failure instanceof Error) throw this.failure;
    const ticket = this.tickets.get(id);
    if (ticket?.service !== service) return { kind: 'refused', reason: 'not-found' };
    const read = readOperatorEvent(document);
    if (!read.ok) return { kind: 'refused', reason: 'invalid', errors: read.error };
    const { type } = read.value;
    if (type === 'patched' && ticket.detail.state === 'closed') return { kind: 'refused', reason: 'closed' };
    if (type === 'closed' || type === 'cancelled') ticket.detail = { ...ticket.detail, state: 'closed' };
    return { kind: 'done', ticket: viewOf(ticket.detail, false) };
  }

  async show(service: ServiceId, id: string): Promise<TicketDetail | null> {
    this.calls++;
    if (this.failure instanceof Error) throw this.failure;
    const ticket = this.tickets.get(id);
    return ticket?.service === service ? ticket.detail : null;
  }

  async list(service: ServiceId, query: { state: string | null; cursor: string | null }): Promise<TicketPage> {
    this.calls++;
    const mine = [...this.tickets.values()]
      .filter((ticket) => ticket.service === service)
      .map((ticket) => ticket.detail);
    const from = query.cursor === null ? 0 : mine.findIndex((ticket) => ticket.ticket_id === query.cursor) + 1;
    const page = mine.slice(from, from + 2).map((ticket) => viewOf(ticket, false));
    return { tickets: page, next: from + 2 < mine.length ? page.at(-1)!.ticket_id : null };
  }
}

const viewOf = ({ ticket_id, external_id, account, urgency, state, flags }: TicketDetail, duplicate: boolean) => ({
  ticket_id,
  external_id,
  account,
  urgency,
  state,
  duplicate,
  flags,
});

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  readonly body: any;
}

export interface Rig {
  readonly tickets: MemoryTickets;
  readonly listener: Listener;
  readonly gate: ReturnType<typeof createGate>;
  readonly requests: unknown[];
  readonly failures: unknown[];
  call(path: string, init?: RequestInit): Promise<Answer>;
  post(document: unknown, init?: { token?: string; type?: string; raw?: string | Uint8Array }): Promise<Answer>;
  get(path: string, token?: string): Promise<Answer>;
  stop(): Promise<void>;
}

export async function startRig(
  options: Partial<HttpApiOptions> = {},
  timeouts: { headersTimeoutMs?: number; requestTimeoutMs?: number; maxConnections?: number } = {},
): Promise<Rig> {
  const tickets = new MemoryTickets();
  const gate = createGate();
  const requests: unknown[] = [];
  const failures: unknown[] = [];
  const app = createHttpApi({
    tickets,
    tokens: new Map([
      [NIGHTJAR, new Secret(TOKENS.nightjar)],
      [WREN, new Secret(TOKENS.wren)],
    ]),
    readiness: async () => [{ part: 'database', ok: true }],
    gate,
    limits: { servicePerMinute: 1000, badTokensPerMinute: 1000 },
    trustProxy: 0,
    version: '0.0.0-test',
    onRequest: (request) => requests.push(request),
    onFailure: (error) => failures.push(error),
    ...options,
  });
  const listener = await listen(app, { host: '127.0.0.1', port: 0, ...timeouts });
  const call = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(listener.url + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) };
  };
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  return {
    tickets,
    listener,
    gate,
    requests,
    failures,
    call,
    post: (document, { token = TOKENS.nightjar, type = 'application/json', raw } = {}) =>
      call('/api/v1/tickets', {
        method: 'POST',
        headers: { ...bearer(token), 'content-type': type },
        body: (raw as string | undefined) ?? JSON.stringify(document),
      }),
    get: (path, token = TOKENS.nightjar) => call(path, { headers: bearer(token) }),
    stop: () => listener.stop(1000),
  };
}

/** One request with headers that fetch would not send. */
export function rawRequest(
  url: string,
  options: { method: string; headers: Record<string, string>; body?: string | Buffer },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: options.method, headers: options.headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    request.end(options.body);
  });
}

export const aTicket = (patch: Record<string, unknown> = {}) => ({
  id: 'NJ-1',
  account: 'LARK-CARD',
  reason: 'Wants a call back about a prescription.',
  urgency: 'URGENT',
  taken_at: '2026-11-28T08:15:00-05:00',
  caller: { name: 'Rune Okonjo', callback: '+12125550109' },
  patient: { name: 'Silas Wrenfield', dob: '1960-02-29' },
  ...patch,
});
