import type { PhoneNumber } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import type { Tx } from '../ports.ts';
import { cancelWaiting } from './cancelWaiting.ts';
import { appendConsent } from './consentRecord.ts';
import { tellState } from './tellState.ts';
import type { TextingFlow } from './textingFlow.ts';
import type { Text } from './textsPort.ts';

/**
 * What became of a text, said where it was written: the message about it is edited, so that a room holds one line per text. What the carrier's own list
 * says is taken over (Twilio 21610, Telnyx 40300).
 */
export async function tellTexts(
  flow: TextingFlow,
  tx: Tx,
  before: Text,
  after: Text,
  number: Phi<PhoneNumber>,
): Promise<void> {
  if (after.code === 'opted-out' && before.code !== 'opted-out') {
    await appendConsent(flow, tx, {
      type: 'revoked',
      id: `${after.id}.carrier`,
      at: flow.clock.now(),
      by: 'carrier',
      channel: 'sms',
      to: number.reveal(),
      evidence: `the carrier refused it: ${after.carrierCode ?? 'opted out'}`,
      patient: null,
      method: 'carrier',
      topics: null,
      review: false,
    });
    await cancelWaiting(flow, tx, after.phone);
  }
  if (after.state === before.state) return;
  if (after.purpose !== 'step') return tellState(flow, tx, after, number);
  if (['failed', 'refused', 'unknown', 'cancelled'].includes(after.state)) flow.alarms.raise('text-step-failed', {});
}
