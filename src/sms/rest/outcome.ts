import type { CarrierStatus, CarrierTextId, HandOver, RefusalCode } from '../../flows/texting/carrierPort.ts';
import type { Called } from './call.ts';

/** What one carrier's answers mean. */
export interface Vendor {
  /** Before every code of ours: `twilio`. */
  readonly name: string;
  /** What a 2xx tells; null: that is no answer of this carrier. */
  taken(answer: unknown): { readonly id: CarrierTextId; readonly segments: number | null } | null;
  /** The carrier's code of an error, digits; null: it names none. */
  errorOf(answer: unknown): string | null;
  readonly refusals: ReadonlyMap<string, RefusalCode>;
  /** Codes of what may be tried again. */
  readonly later: ReadonlySet<string>;
}

export interface Outcome {
  readonly handOver: HandOver;
  /** What this tells of the account; null: nothing. */
  readonly status: CarrierStatus | null;
}

const READY: CarrierStatus = { state: 'ready', code: null };
/** Of the account, of the path or of what stands between, and not of the text: it waits until that is mended. */
const NOT_OF_THE_TEXT: ReadonlySet<number> = new Set([401, 403, 404, 405, 407, 408]);
const MENDED_AFTER_MS = 60_000;

/**
 * What became of a text. Only what says so itself is `taken`; a status from 400 to 499, and 503, say that it was not. Of everything else
 * nobody knows.
 */
export function readOutcome(called: Called, vendor: Vendor): Outcome {
  const named = (what: string | number) => `${vendor.name}-${what}`;
  if (called.kind !== 'answered') {
    const code = named(called.code);
    return called.kind === 'not-sent'
      ? { handOver: { outcome: 'retry', code, afterMs: null }, status: { state: 'connecting', code } }
      : { handOver: { outcome: 'unknown', code }, status: null };
  }

  const { status } = called;
  const answer = parse(called.bytes);
  if (status >= 200 && status < 300) {
    const taken = vendor.taken(answer);
    if (taken === null) return { handOver: { outcome: 'unknown', code: named('bad-answer') }, status: null };
    return { handOver: { outcome: 'taken', carrierId: taken.id, segments: taken.segments }, status: READY };
  }
  const error = vendor.errorOf(answer);
  const again = (what: string | number, afterMs = called.retryAfterMs): HandOver => ({
    outcome: 'retry',
    code: named(what),
    afterMs,
  });
  if (status === 429 || status === 503) return { handOver: again(status), status: null };
  if (error !== null && vendor.later.has(error)) return { handOver: again(error), status: null };
  if (status < 400 || status > 499)
    return { handOver: { outcome: 'unknown', code: named(`status-${status}`) }, status: null };

  const refusal = error === null ? undefined : vendor.refusals.get(error);
  if (refusal === undefined && NOT_OF_THE_TEXT.has(status)) {
    const handOver = again(error ?? status, called.retryAfterMs ?? MENDED_AFTER_MS);
    return { handOver, status: { state: 'refused', code: named(error ?? status) } };
  }
  return {
    handOver: { outcome: 'refused', code: refusal ?? 'rejected', carrierCode: error ?? String(status) },
    status: READY,
  };
}

function parse(bytes: Buffer | null): unknown {
  try {
    return bytes === null ? null : JSON.parse(bytes.toString('utf8'));
  } catch {
    // Its message quotes the answer. No JSON: then the status alone speaks.
    return null;
  }
}
