import type { Tx } from '../ports.ts';
import { tellState } from './tellState.ts';
import type { TextingFlow } from './textingFlow.ts';
import type { PhoneRef } from './textsPort.ts';

/** What waits for a telephone that was stopped does not go any more, and whoever wrote it is told where they wrote it; how many there were. */
export async function cancelWaiting(flow: Pick<TextingFlow, 'clock'>, tx: Tx, phone: PhoneRef): Promise<number> {
  const cancelled = await tx.texts.cancelWaiting(phone, 'stopped');
  for (const id of cancelled) {
    const open = await tx.texts.one(id);
    if (open !== null) await tellState(flow, tx, open.text, open.number);
  }
  return cancelled.length;
}
