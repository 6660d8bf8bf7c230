import type { PhoneNumber } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import type { Tx } from '../ports.ts';
import { appendConsent } from './consentRecord.ts';
import { contentOf, lastFour, type TextingFlow } from './textingFlow.ts';
import type { Text, TextState } from './textsPort.ts';

/** In words, for the message about a text; states that say nothing new have none. */
const WORDS: Partial<Record<TextState, (to: string, code: string | null) => string>> = {
  sent: (to) => `Sent to ${to}.`,
  delivered: (to) => `Delivered to ${to}.`,
  failed: (to, code) => `Not delivered to ${to}${because(code)}. Call, or try again.`,
  refused: (to, code) => `The carrier did not take it for ${to}${because(code)}. Call, or try again.`,
  cancelled: (to, code) => `Not sent to ${to}${because(code)}.`,
  unknown: (to) =>
    `Nobody knows whether ${to} got it: the carrier did not answer. It is not sent again by itself. Call, or write it again.`,
};

const REASONS: Readonly<Record<string, string>> = {
  'opted-out': 'the telephone’s holder stopped texts at the carrier',
  'bad-number': 'no text reaches this number',
  unregistered: 'the line is not registered (10DLC)',
  'carrier-away': 'the carrier was away for too long',
  stopped: 'the telephone’s holder wants no more texts',
  'not-delivered': 'the network says so',
};

const because = (code: string | null): string => (code === null ? '' : `: ${REASONS[code] ?? code}`);

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
    await tx.texts.cancelWaiting(after.phone, 'stopped');
  }
  const say = WORDS[after.state];
  if (say === undefined || after.state === before.state) return;
  if (after.purpose === 'step') {
    if (['failed', 'refused', 'unknown', 'cancelled'].includes(after.state)) flow.alarms.raise('text-step-failed', {});
    return;
  }
  if (after.room === null || after.event === null) return;
  const body = [
    after.purpose === 'notice' ? 'The notice to call: ' : '',
    say(lastFour(number), after.code),
    after.segments !== null && after.segments > 1 ? ` (${after.segments} parts)` : '',
  ].join('');
  await tx.texts.owe(
    {
      id: `${after.id}.${after.state}`,
      text: after.id,
      line: after.line,
      patient: after.patient,
      room: after.room,
      edits: `${after.id}.verdict`,
      at: flow.clock.now(),
    },
    contentOf({
      body,
      mark: { text_id: after.id, direction: 'out', state: after.state, purpose: after.purpose, code: after.code },
      isNotice: true,
    }),
  );
}
