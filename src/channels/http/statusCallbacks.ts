/** Status reports to answering services, as Standard Webhooks (standardwebhooks.com, specification 1.0). */
import { createHmac } from 'node:crypto';
import type { Heartbeat, Report, StatusSender } from '../../flows/ports.ts';
import { type Clock, isoInstant } from '../../kernel/clock.ts';
import type { ServiceId } from '../../kernel/ids.ts';
import type { Secret } from '../../kernel/phi.ts';
import { err, ok, type PortFailure, type Result } from '../../kernel/result.ts';
import type { Ticket } from '../../tickets/ticket.ts';
import { STATES } from './schemas.ts';

export interface CallbackTarget {
  /** Checked by the configuration: https, or loopback in the embedded hospital. */
  readonly url: string;
  /** `whsec_` and base64 of the key. */
  readonly secret: Secret;
}

export interface StatusSenderOptions {
  /** Null for a service that wants no callbacks. */
  readonly targetOf: (service: ServiceId) => CallbackTarget | null;
  readonly timeoutMs: number;
  /** The machine's clock, never the business clock: receivers refuse a timestamp that is not about now. */
  readonly machineClock: Clock;
  readonly onOutcome?: (outcome: 'delivered' | 'retry' | 'permanent') => void;
  /** Hears when a service begins not to be reached, with the code, and null when it is reached again. */
  readonly onReach?: (service: ServiceId, code: string | null) => void;
}

/** Reports that are states; the others leave the ticket in the state it is in. */
const isState: ReadonlySet<string> = new Set(STATES);

/** More of an answer is not read, not even to keep the connection. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Delivers each report by one POST. Only 2xx counts as received. Everything else is `retry`: other statuses (410 too: a
 * status that a misconfigured proxy can send must not lose a report), redirects, which are not followed, refused
 * connections, time-outs. A repetition carries the same `webhook-id`, so that "maybe received" may be sent again.
 * `permanent`: the service has no callback. Nothing of the answer but its status is looked at.
 */
export function createStatusSender(options: StatusSenderOptions): StatusSender {
  const unreached = new Set<ServiceId>();
  const post = async (service: ServiceId, eventId: string, body: string): Promise<Result<void, PortFailure>> => {
    const result = await attempt(service, eventId, body);
    const isReached = result.ok || result.error.kind === 'permanent';
    if (isReached === unreached.has(service)) options.onReach?.(service, result.ok ? null : result.error.code);
    if (isReached) unreached.delete(service);
    else unreached.add(service);
    return result;
  };
  const attempt = async (service: ServiceId, eventId: string, body: string): Promise<Result<void, PortFailure>> => {
    const target = options.targetOf(service);
    if (target === null) return err({ kind: 'permanent', code: 'callback-none' });
    const seconds = Math.floor(options.machineClock.now() / 1000);
    try {
      const response = await fetch(target.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': 'wardroom',
          'webhook-id': eventId,
          'webhook-timestamp': String(seconds),
          'webhook-signature': signature(target.secret, eventId, seconds, body),
        },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      await discard(response);
      if (response.status >= 200 && response.status < 300) return ok(undefined);
      return err({ kind: 'retry', code: `callback-${Math.floor(response.status / 100)}xx` });
    } catch (error) {
      // Its message may name the receiver's answer: only the kind is kept.
      const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
      return err({ kind: 'retry', code: timedOut ? 'callback-timeout' : unreachableBecause(error) });
    }
  };
  return {
    send: async (service, report, ticket) => {
      const result = await post(service, report.eventId, callbackBody(report, ticket));
      options.onOutcome?.(result.ok ? 'delivered' : result.error.kind === 'retry' ? 'retry' : 'permanent');
      return result;
    },
    beat: (service, heartbeat) => post(service, heartbeat.eventId, heartbeatBody(service, heartbeat)),
  };
}

/** A certificate that is not believed is the administrator's to mend, unlike a server that is away. */
function unreachableBecause(error: unknown): string {
  const code = String((error as { cause?: { code?: unknown } } | null)?.cause?.code);
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code) ? 'callback-certificate' : 'callback-unreachable';
}

/** contract.md, "Status callbacks". The same for every attempt as long as the ticket's state is the same. */
export function callbackBody(report: Report, ticket: Ticket): string {
  return JSON.stringify({
    type: `ticket.${report.status}`,
    timestamp: isoInstant(report.at),
    data: {
      event_id: report.eventId,
      sequence: report.sequence,
      ticket_id: ticket.ticketId,
      external_id: ticket.externalId,
      account: ticket.account,
      urgency: ticket.urgency,
      ...(ticket.test && { test: true }),
      state: isState.has(report.status) ? report.status : ticket.state,
      ...(report.step !== null && { step: report.step }),
      ...(report.by !== null && { by: report.by }),
      ...(report.strength !== null && { strength: report.strength }),
      ...(report.text !== null && { text: report.text.reveal() }),
    },
  });
}

/** contract.md, `service.heartbeat`. */
export function heartbeatBody(service: ServiceId, { eventId, sequence, at, parts, oldestUnsentMs }: Heartbeat): string {
  return JSON.stringify({
    type: 'service.heartbeat',
    timestamp: isoInstant(at),
    data: {
      event_id: eventId,
      sequence,
      service,
      state: Object.values(parts).every(Boolean) ? 'ok' : 'degraded',
      wardroom: 'ok',
      ...Object.fromEntries(Object.entries(parts).map(([part, isOk]) => [part, isOk ? 'ok' : 'down'])),
      oldest_unsent_seconds: oldestUnsentMs === null ? null : Math.round(oldestUnsentMs / 1000),
    },
  });
}

/** `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. */
export function signature(secret: Secret, id: string, seconds: number, body: string): string {
  const key = Buffer.from(secret.reveal().replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}

/** Reads a short answer to its end, so that the connection can be used again; gives up on a long one. */
async function discard(response: Response): Promise<void> {
  if (response.body === null) return;
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) break;
  }
}
