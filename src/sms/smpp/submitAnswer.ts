import type { RefusalCode } from '../../flows/texting/carrierPort.ts';
import { COMMAND, STATUS, statusText } from './commands.ts';
import { readMessageId } from './message.ts';
import type { Answer } from './pending.ts';

/** What became of one segment. `throttled`: not taken, and too fast. */
export type Submitted =
  | { readonly kind: 'taken'; readonly id: string | null }
  | { readonly kind: 'throttled' | 'retry' | 'unknown'; readonly code: string }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly status: string };

/** Statuses of a system that may take it later (SMPP 3.4, section 5.1.3): bind state, system error, temporary error. */
const LATER: readonly number[] = [STATUS.wrongState, 0x08, STATUS.temporaryFailure];
/** Destination, its type, its plan; of the sender likewise. Everything else is the carrier's plain no. */
const BAD_NUMBER: readonly number[] = [0x0b, 0x50, 0x51];
const BAD_SENDER: readonly number[] = [0x0a, 0x48, 0x49];

/** Any status but 0 says that the SMSC did not take it; no answer, or one that is none, says nothing. */
export function readSubmitAnswer(answer: Answer, refusals: ReadonlyMap<number, RefusalCode>): Submitted {
  if (answer.kind === 'unsent') return { kind: 'retry', code: 'smpp-not-bound' };
  if (answer.kind === 'late') return { kind: 'unknown', code: 'smpp-no-answer' };
  if (answer.kind !== 'answered') return { kind: 'unknown', code: 'smpp-connection-lost' };
  const { command, status, body } = answer;
  if (command !== COMMAND.submitResp && command !== COMMAND.genericNack)
    return { kind: 'unknown', code: 'smpp-bad-answer' };
  const refusal = refusals.get(status);
  if (status !== STATUS.ok && refusal !== undefined)
    return { kind: 'refused', code: refusal, status: statusText(status) };
  if (status === STATUS.throttled || status === STATUS.queueFull)
    return { kind: 'throttled', code: `smpp-${statusText(status)}` };
  if (LATER.includes(status)) return { kind: 'retry', code: `smpp-${statusText(status)}` };
  if (status !== STATUS.ok) {
    const code = BAD_NUMBER.includes(status) ? 'bad-number' : BAD_SENDER.includes(status) ? 'not-allowed' : 'rejected';
    return { kind: 'refused', code, status: statusText(status) };
  }
  if (command === COMMAND.genericNack) return { kind: 'unknown', code: 'smpp-bad-answer' };
  const id = readMessageId(body);
  return id.ok ? { kind: 'taken', id: id.value } : { kind: 'unknown', code: 'smpp-bad-answer' };
}
