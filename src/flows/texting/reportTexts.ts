import { setTimeout as pause } from 'node:timers/promises';
import type { AuditEntry } from '../ports.ts';
import type { CarrierName, DeliveryReport, DeliveryState } from './carrierPort.ts';
import { entryOf, type SendingFlow } from './sendTexts.ts';
import type { Text, TextState } from './textsPort.ts';

/** A report may overtake the answer that says under which id the carrier took the text. */
const OVERTAKEN_MS = 5_000;
const LOOK_MS = 50;

/** How far a text is; a report that would take it back came late. */
const RANK: Readonly<Record<DeliveryState, number>> = { queued: 0, sent: 1, unknown: 2, delivered: 3, failed: 3 };
const rankOf = (state: TextState): number => (Object.hasOwn(RANK, state) ? RANK[state as DeliveryState] : -1);

/** Takes up what carriers say became of texts. Safe to call again with the same report, and in any order. */
export class TextReports {
  readonly #flow: SendingFlow;

  constructor(flow: SendingFlow) {
    this.#flow = flow;
  }

  async reported(carrier: CarrierName, report: DeliveryReport): Promise<void> {
    const { store } = this.#flow;
    const text = await this.#textOf(carrier, report);
    if (text === null) {
      const code = 'text-unknown-report';
      const entry: AuditEntry = { action: 'text.reported', outcome: 'refused', actor: `carrier:${carrier}`, code };
      await store.change(async () => ({ value: null, audit: [entry] }));
      return;
    }
    await store.change(async (tx) => {
      const before = await tx.texts.forUpdate(text.id);
      if (before === null || rankOf(before.state) < 0 || RANK[report.state] <= rankOf(before.state)) return null;
      const code = report.refusal ?? (report.state === 'failed' ? 'not-delivered' : null);
      const after: Text = { ...before, state: report.state, code, carrierCode: report.carrierCode };
      await tx.texts.save(after);
      const open = await tx.texts.one(text.id);
      if (open !== null) await this.#flow.became(tx, before, after, open.number);
      const outcome = report.state === 'failed' ? 'failed' : 'ok';
      return {
        value: null,
        audit: [{ ...entryOf(after, `text.${report.state}`), actor: `carrier:${carrier}`, outcome }],
      };
    });
  }

  async #textOf(carrier: CarrierName, { carrierId, alsoKnownAs }: DeliveryReport): Promise<Text | null> {
    const { store, machineClock } = this.#flow;
    const until = machineClock.now() + OVERTAKEN_MS;
    for (;;) {
      const found = await store.read.texts.sentAs(carrier, [carrierId, ...alsoKnownAs]);
      if (found !== null) return found;
      const handing = await store.read.texts.handing();
      if (!handing.some((one) => one.carrier === carrier) || machineClock.now() >= until)
        return store.read.texts.sentAs(carrier, [carrierId, ...alsoKnownAs]);
      await pause(LOOK_MS);
    }
  }
}
