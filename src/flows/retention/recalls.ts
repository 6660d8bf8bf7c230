import type { EventId, RoomId } from '../../kernel/ids.ts';
import { explainRetention, type Facts, judgeRecall, type RetainedRoom } from '../../policy/index.ts';
import type { Performed, Said } from '../clinicianPort.ts';
import { notPerformed as refused } from '../decided.ts';
import type { FactReads } from '../policyFacts.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import { HOLDS_LOCK } from './holds.ts';
import { eraseUnusedMedia } from './mediaErasure.ts';
import { type RetentionFlow, retentionFacts } from './retentionFlow.ts';

export interface RecallsFlow
  extends Pick<RetentionFlow, 'store' | 'clock' | 'eraser' | 'policy' | 'agreements' | 'alarms' | 'crash'> {
  /** Null: the policy cannot be read. */
  readonly facts: (read: FactReads) => Promise<Facts | null>;
}

/** So many are taken away together. */
const PAGE = 50;
const REASON = 'Taken back by who wrote it.';

/**
 * `!recall`: somebody takes back what they wrote, within their class's window (45 CFR 164.312(c)(1), 164.526): the message, its edits, what Wardroom
 * copied of it, its files. Decided and marked in one transaction; taken away by `sweep`, however long the homeserver is away.
 */
export class Recalls {
  readonly #flow: RecallsFlow;
  #sweeping: Promise<void> | null = null;

  constructor(flow: RecallsFlow) {
    this.#flow = flow;
  }

  async recall(tx: Tx, said: Said): Promise<Performed> {
    const target = said.replyTo;
    const message = target === null ? null : await tx.retention.message(target);
    const room = await tx.retention.room(said.room);
    if (target === null || message === null || message.room !== said.room || message.isState || !room)
      return refused('no-such-message');
    if (message.gone !== null) return refused('gone-already', { event_id: target });
    const refusal = await this.#refusal(tx, said, { ...message, event: target }, room);
    if (refusal !== null) return refusal;
    if ((await tx.eventKind(target))?.kind === 'acknowledgement') return refused('is-acknowledgement');
    const events = [target, ...(await tx.retention.editsOf(target))];
    await tx.retention.markGoing(events, 'recalled');
    const { copies, told } = await tx.forgetSaid(target);
    const seenBy = (await tx.retention.seenBy(target)).filter((user) => user !== said.sender);
    const ticket = message.ticket?.id ?? null;
    const now = this.#flow.clock.now();
    if (ticket !== null)
      await tx.insertTimeline(ticket, [
        { at: now, event: 'recalled', step: null, who: said.sender, late: false, code: null },
      ]);
    const entry: AuditEntry = {
      action: 'message.recalled',
      outcome: 'ok',
      actor: said.sender,
      room: said.room,
      event: target,
      ...(ticket === null ? {} : { ticket }),
      detail: { edits: events.length - 1, copies, told_service: told, seen_by: seenBy.length },
    };
    const data = {
      event_id: target,
      edits: events.length - 1,
      seen_by: seenBy,
      told_service: told > 0,
      ...(ticket === null ? {} : { ticket_id: ticket }),
    };
    const afterwards = () => {
      this.#flow.crash.reach('recall.decided');
      void this.sweep().catch(() => this.#flow.alarms.raise('recall-waits', { room: said.room }));
    };
    return { outcome: 'ok', code: 'recalled', data, audit: [entry], jobs: [], moved: [], afterwards };
  }

  /** Takes away what was recalled and is still there. Call it after a recall, and now and then in the process that leads. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = null;
    });
    return this.#sweeping;
  }

  async #refusal(
    tx: Tx,
    said: Said,
    message: Parameters<typeof explainRetention>[0] & { readonly event: EventId },
    room: RetainedRoom,
  ): Promise<Performed | null> {
    const facts = await this.#flow.facts(tx);
    if (facts === null) return refused('policy-unreadable');
    const { sender: author, at: sentAt } = message;
    const subject = { class: room.class, roles: [] };
    const [violation] = judgeRecall({ by: said.sender, author, sentAt, room: subject }, facts);
    const window = facts.policy.classes[room.class]?.recall;
    if (violation) return refused(violation.code, { event_id: message.event, ...(window ? { window } : {}) });
    await tx.lock(HOLDS_LOCK);
    const judged = await retentionFacts(this.#flow, tx);
    if (judged === null) return refused('policy-unreadable');
    const { holds } = explainRetention(message, room, judged);
    return holds.length > 0 ? refused('under-hold', { event_id: message.event, holds }) : null;
  }

  async #sweep(): Promise<void> {
    const { store } = this.#flow;
    let done = 0;
    for (let after = 0; ; ) {
      const page = await store.read.retention.recallsOwed(after, PAGE);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.seq;
      for (const one of page) done += (await this.#takeAway(one)) ? 1 : 0;
    }
    if (done > 0) await eraseUnusedMedia(this.#flow);
  }

  async #takeAway({ room, event }: { readonly room: RoomId; readonly event: EventId }): Promise<boolean> {
    const { store, eraser, clock, alarms } = this.#flow;
    const found = await eraser.look(room, event);
    if (!found.ok && found.error.kind !== 'permanent') return false;
    const redacted = found.ok && found.value === 'there' ? await eraser.redact(room, event, REASON) : found;
    if (!redacted.ok) {
      if (redacted.error.kind === 'permanent') alarms.raise('recall-refused', { room });
      return false;
    }
    await store.change<true>(async (tx) => {
      await tx.retention.markGone([event], 'recalled', clock.now());
      return { value: true, audit: [{ action: 'message.taken_away', outcome: 'ok', actor: 'wardroom', room, event }] };
    });
    return true;
  }
}
