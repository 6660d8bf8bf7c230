import type { EventId, RoomId, UserId } from '../../kernel/ids.ts';
import { decide, explainRetention, type Facts, type RetainedRoom } from '../../policy/index.ts';
import type { FactReads } from '../policyFacts.ts';
import type { AuditEntry, Tx } from '../ports.ts';
import { type RetentionFlow, retentionFacts } from './retentionFlow.ts';

export interface ByHandFlow extends Pick<RetentionFlow, 'store' | 'clock' | 'policy' | 'agreements' | 'alarms'> {
  /** Null: the policy cannot be read. */
  readonly facts: (read: FactReads) => Promise<Facts | null>;
}

/** Something that a person did to a message with their client. */
export interface DoneByHand {
  readonly room: RoomId;
  readonly event: EventId;
  readonly by: UserId;
  /** The message. */
  readonly target: EventId;
}

/**
 * What people do to messages with their clients, past `!recall`: a homeserver lets everybody redact and edit what they wrote, whenever they like. It
 * cannot be forbidden where reactions may be withdrawn; it is caught: on record always, and an alarm where it may not be (45 CFR 164.312(c)(1)).
 */
export class ByHand {
  readonly #flow: ByHandFlow;

  constructor(flow: ByHandFlow) {
    this.#flow = flow;
  }

  /** A message was redacted. What Wardroom copied of it goes, too. */
  async redacted(done: DoneByHand): Promise<void> {
    const { store, clock, alarms } = this.#flow;
    const caught = await store.change<boolean>(async (tx) => {
      const judged = await this.#judge(tx, done);
      if (judged === null || judged.type === 'm.reaction' || judged.isGone) return null;
      const { ticket, why } = judged;
      const now = clock.now();
      await tx.retention.markGone([done.target], 'withdrawn', now);
      const { copies } = await tx.forgetSaid(done.target);
      if (ticket !== null)
        await tx.insertTimeline(ticket, [
          { at: now, event: 'recalled', step: null, who: done.by, late: why !== null, code: why },
        ]);
      return { value: why !== null, audit: [entry('message.redacted_by_hand', done, why, { copies })] };
    });
    if (caught === true) alarms.raise('message-redacted-by-hand', { room: done.room });
  }

  /** A message was edited. What it said before stays with the homeserver, and goes with it. */
  async edited(done: DoneByHand): Promise<void> {
    const { store, alarms } = this.#flow;
    const caught = await store.change<boolean>(async (tx) => {
      const judged = await this.#judge(tx, done);
      if (judged === null) return null;
      const { why } = judged;
      return { value: why !== null, audit: [entry('message.edited', done, why, {})] };
    });
    if (caught === true) alarms.raise('message-edited-late', { room: done.room });
  }

  /** Null: it is no message of a room that is kept, or was dealt with. `why`: by which rule it may not be. */
  async #judge(tx: Tx, { room, by, target }: DoneByHand) {
    const message = await tx.retention.message(target);
    const place = await tx.retention.room(room);
    if (message === null || message.room !== room || message.isState || place === null) return null;
    const why = await this.#why(tx, by, message, place);
    const { ticket, type, gone } = message;
    return { ticket: ticket?.id ?? null, type, isGone: gone !== null, why };
  }

  async #why(
    tx: Tx,
    by: UserId,
    message: Parameters<typeof explainRetention>[0],
    room: RetainedRoom,
  ): Promise<string | null> {
    const [facts, judged] = [await this.#flow.facts(tx), await retentionFacts(this.#flow, tx)];
    if (facts === null || judged === null) return 'policy-unreadable';
    if (explainRetention(message, room, judged).winner === 'hold') return 'under-hold';
    const subject = { class: room.class, roles: [] };
    const { sender: author, at: sentAt } = message;
    return decide({ kind: 'recall', by, author, sentAt, room: subject }, facts)[0]?.code ?? null;
  }
}

const entry = (
  action: string,
  { room, target, by }: DoneByHand,
  why: string | null,
  detail: Readonly<Record<string, unknown>>,
): AuditEntry => ({
  action,
  outcome: why === null ? 'ok' : 'refused',
  actor: by,
  room,
  event: target,
  ...(why === null ? {} : { code: why }),
  detail,
});
