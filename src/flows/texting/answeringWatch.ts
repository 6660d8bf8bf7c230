import { durationMs, type Texting } from '../../policy/index.ts';
import { lastFour, sayIn, type TextingFlow } from './textingFlow.ts';

/** So many are told of at a time. */
const AT_ONCE = 50;

/** Patients who wait for an answer for longer than the practice promises (`texting.answer_within`): an alarm and a message in their room, once per text. */
export class AnsweringWatch {
  readonly #flow: TextingFlow;
  readonly #texting: () => Texting | null;

  constructor(flow: TextingFlow, texting: () => Texting | null) {
    this.#flow = flow;
    this.#texting = texting;
  }

  async look(): Promise<void> {
    const { store, clock, alarms } = this.#flow;
    const within = durationMs(this.#texting()?.answer_within ?? '0m');
    if (within === 0) return;
    for (const { text, number } of await store.read.texts.unanswered(clock.now() - within, AT_ONCE)) {
      await store.change(async (tx) => {
        const now = await tx.texts.forUpdate(text.id);
        if (now === null || now.code === 'overdue') return null;
        await tx.texts.save({ ...now, code: 'overdue' });
        await sayIn(
          this.#flow,
          tx,
          { id: `${text.id}.overdue`, text: text.id, line: text.line, patient: text.patient },
          {
            body: `${lastFour(number)} has waited for an answer for longer than ${this.#texting()?.answer_within}. A note that begins with // does not answer.`,
            mark: { text_id: text.id, direction: 'in', state: 'overdue', purpose: text.purpose },
            isNotice: false,
          },
        );
        const detail = { text: text.id, line: text.line };
        return {
          value: null,
          audit: [{ action: 'text.answer_overdue', outcome: 'failed', actor: 'wardroom', detail }],
        };
      });
      alarms.raise('text-answer-overdue', {});
    }
  }
}
