import { Agent as PlainAgent, request as plainRequest, type RequestOptions } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { realClock } from '../../kernel/clock.ts';
import { readShort } from '../../kernel/readShort.ts';

/** What is answered to a text that is handed over is short. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** Texts handed over at one time; more wait for their turn. */
const MOST_AT_ONCE = 20;
const LONGEST_PAUSE_MS = 3_600_000;

export interface Answer {
  readonly kind: 'answered';
  readonly status: number;
  /** Null: it broke off, or is longer than any answer. */
  readonly bytes: Buffer | null;
  /** What `Retry-After` says, an hour at most; null: nothing. */
  readonly retryAfterMs: number | null;
}

/** `not-sent`: not a byte of the request left. `unknown`: it left, whole or in part, and nothing came back. */
export type Called = Answer | { readonly kind: 'not-sent' | 'unknown'; readonly code: CallCode };
export type CallCode =
  | 'unreachable'
  | 'certificate'
  | 'no-connection-in-time'
  | 'no-answer'
  | 'connection-lost'
  | 'bad-answer'
  | 'stopped';

export interface Call {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Posts requests of which it must be known whether they left. Each has a connection of its own: one that is used again may be closed by the
 * other side at the moment in which it is written to, and then nobody knows.
 */
export class Caller {
  readonly #timeoutMs: number;
  readonly #agents = {
    'http:': new PlainAgent({ keepAlive: false, maxSockets: MOST_AT_ONCE }),
    'https:': new TlsAgent({ keepAlive: false, maxSockets: MOST_AT_ONCE }),
  };
  readonly #stopping = new AbortController();
  readonly #calls = new Set<Promise<Called>>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get isStopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Never rejects. Redirects are not followed. */
  post(call: Call): Promise<Called> {
    const called = this.#post(call);
    this.#calls.add(called);
    void called.then(() => this.#calls.delete(called));
    return called;
  }

  /** Calls that wait for an answer get so much longer; then they are given up. */
  async stop(patienceMs: number): Promise<void> {
    const late = setTimeout(() => this.#stopping.abort(), patienceMs);
    await Promise.all(this.#calls);
    clearTimeout(late);
    this.#stopping.abort();
  }

  #post({ url, headers, body }: Call): Promise<Called> {
    const isTls = url.startsWith('https:');
    const bytes = Buffer.from(body, 'utf8');
    const inTime = AbortSignal.timeout(this.#timeoutMs);
    const settings: RequestOptions = {
      method: 'POST',
      agent: this.#agents[isTls ? 'https:' : 'http:'],
      headers: { ...headers, 'content-length': bytes.length, 'user-agent': 'wardroom' },
      signal: AbortSignal.any([inTime, this.#stopping.signal]),
    };
    return new Promise((resolve) => {
      let hasLeft = false;
      const outgoing = (isTls ? tlsRequest : plainRequest)(url, settings, (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        const retryAfterMs = readRetryAfter(answered['retry-after']);
        // However the body ends: the status was said.
        readShort(response, MAX_ANSWER_BYTES).then(
          (bytes) => resolve({ kind: 'answered', status, bytes, retryAfterMs }),
          () => resolve({ kind: 'answered', status, bytes: null, retryAfterMs }),
        );
      });
      outgoing.once('socket', (socket) => socket.once(isTls ? 'secureConnect' : 'connect', () => (hasLeft = true)));
      outgoing.once('error', (error) => {
        const isLate = inTime.aborted;
        if (this.isStopped && !isLate) resolve({ kind: hasLeft ? 'unknown' : 'not-sent', code: 'stopped' });
        else if (!hasLeft)
          resolve({ kind: 'not-sent', code: isLate ? 'no-connection-in-time' : unreachableBecause(error) });
        else resolve({ kind: 'unknown', code: isLate ? 'no-answer' : lostBecause(error) });
      });
      outgoing.end(bytes);
    });
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | null)?.code);

/** A certificate that is not believed is the administrator's to mend, unlike a carrier that is away. */
const unreachableBecause = (error: unknown): CallCode =>
  /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(codeOf(error)) ? 'certificate' : 'unreachable';

const lostBecause = (error: unknown): CallCode => (/^HPE_/.test(codeOf(error)) ? 'bad-answer' : 'connection-lost');

/** RFC 9110, 10.2.3: seconds, or a date. */
export function readRetryAfter(header: string | undefined, now = realClock.now): number | null {
  if (header === undefined) return null;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now();
  return Number.isNaN(ms) ? null : Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS);
}
