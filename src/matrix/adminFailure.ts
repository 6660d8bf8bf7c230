import type { PortFailure } from '../kernel/result.ts';
import { errcodeOf, failureOf } from './failures.ts';
import type { MatrixResponse } from './matrixRequest.ts';

/** Where an administrator's call is refused; also where the homeserver has no such call: its accounts may be kept elsewhere. */
export const adminFailure = (response: MatrixResponse): PortFailure =>
  ['M_FORBIDDEN', 'M_UNRECOGNIZED'].includes(errcodeOf(response) ?? '')
    ? { kind: 'permanent', code: 'bot-no-server-admin' }
    : failureOf(response);
