/** WCTP on a real socket and a real PostgreSQL, with the accounts, people and protocols of the test data; no homeserver. */
import { readFileSync } from 'node:fs';
import { createGate, createHttpApi } from '../../../src/channels/http/index.ts';
import { createGateway, wctpRouter } from '../../../src/channels/wctp/index.ts';
import { parseXml, type XmlElement } from '../../../src/channels/wctp/parseXml.ts';
import { type AdmissionFlow, admitTicket } from '../../../src/flows/admitTicket.ts';
import { changeTicket } from '../../../src/flows/changeTicket.ts';
import type { Store } from '../../../src/flows/ports.ts';
import type { TicketApi } from '../../../src/flows/ticketApi.ts';
import { wctpApi } from '../../../src/flows/wctp.ts';
import type { Instant } from '../../../src/kernel/clock.ts';
import { eventId, roomId, type ServiceId, serviceId, type TicketId, userId } from '../../../src/kernel/ids.ts';
import { Phi, Secret } from '../../../src/kernel/phi.ts';
import { entriesStatement } from '../../../src/postgres/auditWriter.ts';
import { PostgresStore } from '../../../src/postgres/store.ts';
import type { Config } from '../../../src/server/config/index.ts';
import { type Listener, listen } from '../../../src/server/listeners.ts';
import { wctpSettings } from '../../../src/server/wctp.ts';
import type { Ticket, TicketEvent } from '../../../src/tickets/ticket.ts';
import { type AuditBench, openAuditBench } from '../../postgres/auditSupport.ts';
import { directory, dispatch } from '../../tickets/fixtures.ts';

export const sample = (name: string): string =>
  readFileSync(new URL(`../../fixtures/data/wctp/${name}.xml`, import.meta.url), 'utf8');
export const sampleBytes = (name: string): Buffer =>
  readFileSync(new URL(`../../fixtures/data/wctp/${name}.xml`, import.meta.url));

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly xml: string;
  readonly root: XmlElement | null;
  /** The code of the success or failure in it. */
  readonly code: number | null;
}

export interface Stored {
  readonly ticket: Ticket;
  readonly text: Record<string, unknown>;
}

export interface WctpRig {
  readonly listener: Listener;
  readonly flow: AdmissionFlow;
  readonly store: PostgresStore;
  readonly alarms: string[];
  readonly notes: string[];
  readonly failures: unknown[];
  readonly bench: AuditBench;
  now: Instant;
  full: number | null;
  /** What every change waits for; it may throw. */
  beforeChange: (() => Promise<void>) | null;
  post(body: string | Uint8Array, type?: string): Promise<Answer>;
  tickets(): Promise<readonly Stored[]>;
  happen(id: TicketId, events: readonly TicketEvent[], written?: string): Promise<Ticket | null>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export const find = (element: XmlElement | null, name: string): XmlElement | null => {
  if (element === null || element.name === `wctp-${name}`) return element;
  for (const child of element.children) {
    const found = find(child, name);
    if (found) return found;
  }
  return null;
};

export async function startWctpRig(
  options: { wrongCodesPerMinute?: number; hasCallback?: boolean; requestTimeoutMs?: number } = {},
): Promise<WctpRig> {
  const bench = await openAuditBench();
  const store = new PostgresStore({
    pool: bench.pool,
    sealer: bench.content,
    entries: (db, entries) => entriesStatement(db, entries, bench.writer),
    crash: { reach: () => undefined },
    onReady: () => undefined,
  });
  const alarms: string[] = [];
  const notes: string[] = [];
  const failures: unknown[] = [];
  const state = {
    now: Date.parse('2026-11-27T07:04:21Z'),
    full: null as number | null,
    beforeChange: null as (() => Promise<void>) | null,
  };
  const flow: AdmissionFlow = {
    store: {
      read: store.read,
      keepCiphertext: (message) => store.keepCiphertext(message),
      keepReport: (message, others) => store.keepReport(message, others),
      change: async (work) => {
        await state.beforeChange?.();
        return store.change(work);
      },
    } satisfies Store,
    clock: { now: () => state.now },
    directory,
    services: {
      hasCallback: () => options.hasCallback ?? false,
      repliesWithText: () => true,
      speaksWctp: () => true,
    },
    alarms: { raise: (code) => void alarms.push(code) },
    meter: {
      changed: () => undefined,
      seenAfter: () => undefined,
      acknowledgedAfter: () => undefined,
      deadlineLate: () => undefined,
    },
    crash: { reach: () => undefined },
    fingerprintKey: new Secret(new Uint8Array(32).fill(7)),
    accountsOf: (service) => dispatch.services[service]?.accounts ?? [],
    ownNumbers: Object.values(dispatch.services).flatMap((service) => service.own_numbers),
    isFull: () => state.full,
  };
  const settings = wctpSettings({
    dispatch,
    homeserver: { server_name: 'larkmoor.example' },
    http: { rate_limits: { service_per_minute: 10_000, bad_tokens_per_minute: options.wrongCodesPerMinute ?? 60 } },
  } as unknown as Config);
  const gate = createGate();
  const gateway = createGateway({
    ...settings,
    api: wctpApi(flow),
    clock: { now: () => Date.now() },
    onNotes: (_service, odd) => notes.push(...odd),
    onFailure: (error) => failures.push(error),
  });
  const app = createHttpApi({
    tickets: {
      admit: (service: ServiceId, document: unknown) => admitTicket(flow, service, document),
    } as unknown as TicketApi,
    tokens: new Map([[serviceId('nightjar'), new Secret('nightjar-token-0123456789')]]),
    readiness: async () => [],
    gate,
    limits: { servicePerMinute: 1000, badTokensPerMinute: 1000 },
    trustProxy: 0,
    version: '0.0.0-test',
    onRequest: () => undefined,
    onFailure: (error) => failures.push(error),
    wctp: wctpRouter(gateway, gate, settings.responder),
  });
  const listener = await listen(app, {
    host: '127.0.0.1',
    port: 0,
    ...(options.requestTimeoutMs !== undefined && {
      requestTimeoutMs: options.requestTimeoutMs,
      headersTimeoutMs: options.requestTimeoutMs,
    }),
  });
  return {
    listener,
    flow,
    store,
    alarms,
    notes,
    failures,
    bench,
    get now() {
      return state.now;
    },
    set now(at) {
      state.now = at;
    },
    get full() {
      return state.full;
    },
    set full(seconds) {
      state.full = seconds;
    },
    get beforeChange() {
      return state.beforeChange;
    },
    set beforeChange(next) {
      state.beforeChange = next;
    },
    async post(body, type = 'text/xml') {
      const response = await fetch(`${listener.url}/wctp`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: body as string,
      });
      const xml = await response.text();
      const parsed = xml === '' ? null : parseXml(Buffer.from(xml));
      const root = parsed?.ok ? parsed.value : null;
      const outcome = find(root, 'Failure') ?? find(root, 'Success') ?? find(root, 'ClientSuccess');
      const code = outcome?.attributes.get('errorcode') ?? outcome?.attributes.get('successcode');
      return {
        status: response.status,
        type: response.headers.get('content-type') ?? '',
        xml,
        root,
        code: code === undefined ? null : Number(code),
      };
    },
    async tickets() {
      const { rows } = await bench.admin.query<{ life: Ticket }>(
        'SELECT life FROM wardroom.tickets ORDER BY accepted_at, ticket_id',
      );
      return Promise.all(
        rows.map(async ({ life }) => {
          const [message] = await store.read.messagesOf(life.ticketId);
          // The text of a repeat call is in the thread of the ticket that it joined.
          if (!message) return { ticket: life, text: {} };
          const postable = await store.read.postable(message.messageId);
          return { ticket: life, text: (await postable!.text()).reveal() };
        }),
      );
    },
    happen: (id, events, written) =>
      changeTicket(
        flow,
        id,
        { actor: 'wardroom', ...(written !== undefined && { replyText: new Phi(written) }) },
        () => events,
      ),
    async clear() {
      alarms.length = 0;
      notes.length = 0;
      state.full = null;
      state.beforeChange = null;
      state.now = Date.parse('2026-11-27T07:04:21Z');
      await bench.admin.query('TRUNCATE wardroom.tickets CASCADE');
    },
    async stop() {
      await listener.stop(1000);
      await bench.close();
    },
  };
}

/** The homeserver took the ticket's first message, and everybody due can read it. */
export const posted: TicketEvent = {
  type: 'posted',
  kind: 'ticket',
  step: 0,
  eventId: eventId('$root'),
  roomId: roomId('!room:larkmoor.example'),
  unreadableBy: [],
};

export const personOf = (key: string) => userId(dispatch.people[key]!.mxid);
