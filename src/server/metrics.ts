/** Figures for Prometheus. Labels come from closed sets of ours; no id, name or text is ever a label. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { TicketMeter } from '../flows/ticketFlow.ts';
import { STATES, URGENCIES } from '../tickets/ticket.ts';

/** What is asked of the database when Prometheus asks us. A figure that cannot be had is left out or NaN, the rest is served. */
export interface MetricSources {
  readonly tickets?: () => Promise<
    readonly { readonly urgency: string; readonly state: string; readonly count: number }[]
  >;
  readonly queueDepth?: () => Promise<number>;
  /** Seconds; NaN when there never was one. */
  readonly backupAge?: () => Promise<number>;
  /** Seconds. */
  readonly oldestUnsent?: () => Promise<number>;
  /** What Wardroom needs, by a word of ours. */
  readonly parts?: () => Promise<readonly { readonly part: string; readonly ok: boolean }[]>;
}

export interface Metrics {
  readonly registry: Registry;
  /** For the ticket flows. */
  readonly tickets: TicketMeter;
  /** A callback to an answering service had this outcome. */
  callback(outcome: 'delivered' | 'retry' | 'permanent'): void;
  /** A sign of life to an answering service had this outcome. */
  heartbeat(outcome: 'delivered' | 'failed'): void;
  /** An event in a managed room could not be decrypted when it was tried; it is tried again while its key may come. */
  decryption(outcome: 'failed'): void;
  /** So many events of rooms had not been pushed by the homeserver, and were found in its history. */
  foundInHistory(events: number): void;
  /** How long ago, in milliseconds, the voice that is furthest behind last finished a /sync. */
  syncLag(ms: number): void;
  /** A code of ours; anything that does not look like one counts as `other`. */
  alarm(code: string): void;
  request(request: {
    readonly method: string;
    readonly route: string;
    readonly status: number;
    readonly milliseconds: number;
  }): void;
}

/** The alarms that an alert rule names (docker/prometheus/alerts.yaml). */
const WATCHED_ALARMS = [
  'undecryptable',
  'callback-parked',
  'callback-dropped',
  'wctp-response-parked',
  'wctp-response-refused',
  'audit-other',
  'admin-identity-changed',
  'crypto.store_lost',
  'crypto.store_stale',
  'crypto.store_damaged',
  'crypto.store_foreign',
  'crypto.passphrase_wrong',
  'crypto.device_conflict',
  'crypto.device_gone',
  'crypto.identity_reset',
  'crypto.engine_died',
  'crypto.lease_lost',
  'audit-damaged',
  'audit-stalled',
];

/** Seconds: from a glance at the phone to the hour in which a ladder ends. */
const PEOPLE_SECONDS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
const MACHINE_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One registry with all of Wardroom's metrics and those of the process. */
export function createMetrics(sources: MetricSources = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const { tickets, queueDepth, oldestUnsent, backupAge, parts } = sources;
  if (tickets) {
    new Gauge({
      name: 'wardroom_tickets',
      help: 'Tickets by urgency and state',
      labelNames: ['urgency', 'state'],
      registers,
      async collect() {
        const rows = await tickets().catch(() => []);
        this.reset();
        for (const { urgency, state, count } of rows) this.set({ urgency, state }, count);
      },
    });
  }
  if (queueDepth) {
    new Gauge({
      name: 'wardroom_queue_depth',
      help: 'Jobs waiting or running',
      registers,
      async collect() {
        this.set(await queueDepth().catch(() => Number.NaN));
      },
    });
  }
  if (backupAge) {
    new Gauge({
      name: 'wardroom_backup_age_seconds',
      help: 'Since the last `wardroom backup`; NaN when there never was one',
      registers,
      async collect() {
        this.set(await backupAge().catch(() => Number.NaN));
      },
    });
  }
  if (oldestUnsent) {
    new Gauge({
      name: 'wardroom_oldest_unsent_seconds',
      help: 'Age of the message that has waited longest for its room; 0 when none waits',
      registers,
      async collect() {
        this.set(await oldestUnsent().catch(() => Number.NaN));
      },
    });
  }
  if (parts) {
    new Gauge({
      name: 'wardroom_part_up',
      help: 'Whether a part that Wardroom needs does its work: 1 or 0',
      labelNames: ['part'],
      registers,
      async collect() {
        for (const { part, ok } of await parts()) this.set({ part }, ok ? 1 : 0);
      },
    });
  }
  const changes = new Counter({
    name: 'wardroom_ticket_changes_total',
    help: 'Times a ticket came into a state',
    labelNames: ['urgency', 'state'],
    registers,
  });
  const seen = new Histogram({
    name: 'wardroom_ticket_seen_seconds',
    help: 'From acceptance to the first receipt',
    labelNames: ['urgency'],
    buckets: PEOPLE_SECONDS,
    registers,
  });
  const acknowledged = new Histogram({
    name: 'wardroom_ticket_acknowledged_seconds',
    help: 'From acceptance to the acknowledgement',
    labelNames: ['urgency'],
    buckets: PEOPLE_SECONDS,
    registers,
  });
  const late = new Histogram({
    name: 'wardroom_deadline_late_seconds',
    help: 'How late a step of a ladder was taken',
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 60, 600],
    registers,
  });
  const callbacks = new Counter({
    name: 'wardroom_callbacks_total',
    help: 'Attempts to deliver a status callback, by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const heartbeats = new Counter({
    name: 'wardroom_heartbeats_total',
    help: 'Signs of life sent to answering services, by outcome',
    labelNames: ['outcome'],
    registers,
  });
  const decryptions = new Counter({
    name: 'wardroom_decryptions_total',
    help: 'Attempts to decrypt an event that failed',
    labelNames: ['outcome'],
    registers,
  });
  const found = new Counter({
    name: 'wardroom_events_found_in_history_total',
    help: 'Events that the homeserver did not push and that were found in the history of their rooms',
    registers,
  });
  const lag = new Gauge({
    name: 'wardroom_sync_lag_seconds',
    help: 'Since the last finished /sync of the voice that is furthest behind',
    registers,
  });
  const alarms = new Counter({
    name: 'wardroom_alarms_total',
    help: 'Alarms raised, by code',
    labelNames: ['code'],
    registers,
  });
  const requests = new Histogram({
    name: 'wardroom_http_request_seconds',
    help: 'Requests to the API',
    labelNames: ['method', 'route', 'status'],
    buckets: MACHINE_SECONDS,
    registers,
  });

  // A series that begins at 1 has, for Prometheus, never risen: what an alert waits for must stand at 0 before.
  for (const urgency of URGENCIES) for (const state of STATES) changes.inc({ urgency, state }, 0);
  for (const outcome of ['delivered', 'retry', 'permanent']) callbacks.inc({ outcome }, 0);
  for (const outcome of ['delivered', 'failed']) heartbeats.inc({ outcome }, 0);
  decryptions.inc({ outcome: 'failed' }, 0);
  for (const status of ['2xx', '4xx', '5xx']) requests.zero({ method: 'POST', route: '/api/v1/tickets', status });
  const alarmCodes = new Set<string>(WATCHED_ALARMS);
  for (const code of alarmCodes) alarms.inc({ code }, 0);
  return {
    registry,
    tickets: {
      changed: (urgency, state) => changes.inc({ urgency, state }),
      seenAfter: (urgency, ms) => seen.observe({ urgency }, ms / 1000),
      acknowledgedAfter: (urgency, ms) => acknowledged.observe({ urgency }, ms / 1000),
      deadlineLate: (ms) => late.observe(Math.max(0, ms) / 1000),
    },
    callback: (outcome) => callbacks.inc({ outcome }),
    heartbeat: (outcome) => heartbeats.inc({ outcome }),
    decryption: (outcome) => decryptions.inc({ outcome }),
    foundInHistory: (events) => found.inc(events),
    syncLag: (ms) => lag.set(ms / 1000),
    alarm: (code) => alarms.inc({ code: boundedCode(code, alarmCodes) }),
    request: ({ method, route, status, milliseconds }) =>
      requests.observe({ method, route, status: `${Math.floor(status / 100)}xx` }, milliseconds / 1000),
  };
}

const MAX_CODES = 100;

/** Keeps the number of label values small, whatever a caller passes. */
function boundedCode(code: string, known: Set<string>): string {
  if (known.has(code)) return code;
  if (!/^[a-z][a-z0-9._-]{0,48}$/.test(code) || known.size >= MAX_CODES)
    // What an alert asks for by its beginning is still found.
    return code.startsWith('audit-') ? 'audit-other' : 'other';
  known.add(code);
  return code;
}
