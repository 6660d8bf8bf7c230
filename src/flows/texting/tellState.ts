import type { PhoneNumber } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import type { Tx } from '../ports.ts';
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

/** Says in the room where a text was written what became of it: the message about it is edited. */
export async function tellState(
  flow: Pick<TextingFlow, 'clock'>,
  tx: Tx,
  text: Text,
  number: Phi<PhoneNumber>,
): Promise<void> {
  const say = WORDS[text.state];
  if (say === undefined || text.room === null || text.event === null) return;
  const body = [
    text.purpose === 'notice' ? 'The notice to call: ' : '',
    say(lastFour(number), text.code),
    text.segments !== null && text.segments > 1 ? ` (${text.segments} parts)` : '',
  ].join('');
  await tx.texts.owe(
    {
      id: `${text.id}.${text.state}`,
      text: text.id,
      line: text.line,
      patient: text.patient,
      room: text.room,
      edits: `${text.id}.verdict`,
      at: flow.clock.now(),
    },
    contentOf({
      body,
      mark: { text_id: text.id, direction: 'out', state: text.state, purpose: text.purpose, code: text.code },
      isNotice: true,
    }),
  );
}
