import type { PortFailure } from '../kernel/result.ts';
import { type MatrixResponse, RequestFailed } from './matrixRequest.ts';

/** The homeserver's error code, or null when the answer held none. */
export function errcodeOf(response: MatrixResponse): string | null {
  const body = response.body;
  if (typeof body !== 'object' || body === null || !('errcode' in body)) return null;
  return typeof body.errcode === 'string' ? body.errcode : null;
}

/** Our word for the homeserver's refusals (Matrix specification, "Standard error response"). */
const permanentCodes: ReadonlyMap<string, string> = new Map([
  ['M_FORBIDDEN', 'forbidden'],
  ['M_NOT_FOUND', 'not-found'],
  ['M_TOO_LARGE', 'too-large'],
  ['M_BAD_JSON', 'bad-request'],
  ['M_INVALID_PARAM', 'bad-request'],
  ['M_UNSUPPORTED_ROOM_VERSION', 'room-version'],
]);

/** What an answer that is no success means. Never carries text from outside. */
export function failureOf(response: MatrixResponse): PortFailure {
  const { status } = response;
  const errcode = errcodeOf(response);
  if (status === 429 || errcode === 'M_LIMIT_EXCEEDED') return { kind: 'retry', code: 'rate-limited' };
  if (status >= 500 || status === 0) return { kind: 'retry', code: 'homeserver-error' };
  // A wrong token is the operator's to mend: what is owed is kept until then.
  if (status === 401) return { kind: 'retry', code: 'token-refused' };
  // The crypto engine brings up another device when it learns that this one is gone.
  if (errcode === 'M_UNKNOWN_DEVICE') return { kind: 'retry', code: 'device-gone' };
  // Without an error code it was not the homeserver but something before it that answered.
  if (errcode === null) return { kind: 'retry', code: 'homeserver-unclear' };
  return { kind: 'permanent', code: permanentCodes.get(errcode) ?? 'homeserver-refused' };
}

/** What it means that no answer came. `idempotent`: the same call again has no second effect. */
export function failureOfError(error: unknown, idempotent: boolean): PortFailure {
  if (!(error instanceof RequestFailed)) throw error;
  if (!error.written || idempotent) {
    return { kind: 'retry', code: error.code === 'timeout' ? 'homeserver-timeout' : 'homeserver-unreachable' };
  }
  return { kind: 'unknown', code: 'no-answer' };
}
