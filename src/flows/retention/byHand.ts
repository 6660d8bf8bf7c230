import type { EventId, RoomId, UserId } from '../../kernel/ids.ts';
import { holdsInForce, holdsOver, judgeRecall, type RetainedRoom } from '../../policy/index.ts';
import type { AuditEntry, Store, Tx } from '../ports.ts';
import type { PlacedMessage } from '../retentionPort.ts';
import type { RetentionFlow } from './retentionFlow.ts';

export interface ByHandFlow extends Pick<RetentionFlow, 'clock' | 'policy' | 'alarms'> {
  readonly store: Pick<Store, 'read' | 'change'>;
}

/** Something that a person did to a message with their client. */
export interface DoneByHand {
  readonly room: RoomId;
  readonly event: EventId;
  readonly by: UserId;
  /** The message. */
  readonly target: EventId;
}

/** Why it may not be; null: it may. */
interface Why {
  readonly code: string;
  /** Those that cover the message. */
  readonly holds: readonly string[];
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

  /**
   * A message was redacted. What Wardroom copied of it goes, too, unless a hold covers it: then copies, files and room keys stay as long as the hold
   * does, and the alarm is another one, since the homeserver blanks the message after its `redaction_retention_period`.
   */
  async redacted(done: DoneByHand): Promise<void> {
    const { store, clock, alarms } = this.#flow;
    // Most redactions withdraw a reaction: that costs one look.
    if (isNothing(await store.read.retention.message(done.target))) return;
    const caught = await store.change<Why | 'fine'>(async (tx) => {
      const message = await this.#messageOf(tx, done);
      if (message === null || isNothing(message)) return null;
      const { ticket } = message;
      const why = await this.#why(tx, done, message);
      const isHeld = why?.code === 'under-hold';
      const now = clock.now();
      if (!isHeld) await tx.retention.markGone([done.target], 'withdrawn', now);
      const copies = isHeld ? 0 : (await tx.forgetSaid(done.target)).copies;
      if (ticket !== null)
        await tx.insertTimeline(ticket.id, [
          { at: now, event: 'recalled', step: null, who: done.by, late: why !== null, code: why?.code ?? null },
        ]);
      return { value: why ?? 'fine', audit: [entry('message.redacted_by_hand', done, why, { copies })] };
    });
    if (caught === null || caught === 'fine') return;
    alarms.raise(caught.code === 'under-hold' ? 'held-message-redacted-by-hand' : 'message-redacted-by-hand', {
      room: done.room,
    });
  }

  /** A message was edited. What it said before stays with the homeserver, and goes with it. */
  async edited(done: DoneByHand): Promise<void> {
    const { store, alarms } = this.#flow;
    const caught = await store.change<boolean>(async (tx) => {
      const message = await this.#messageOf(tx, done);
      if (message === null) return null;
      const why = await this.#why(tx, done, message);
      return { value: why !== null, audit: [entry('message.edited', done, why, {})] };
    });
    if (caught === true) alarms.raise('message-edited-late', { room: done.room });
  }

  /** Null: it is no message of a room that is kept. */
  async #messageOf(tx: Tx, { room, target }: DoneByHand) {
    const message = await tx.retention.message(target);
    if (message === null || message.room !== room || message.isState) return null;
    const place = await tx.retention.room(room);
    return place === null ? null : { ...message, place };
  }

  async #why(
    tx: Tx,
    { by }: DoneByHand,
    message: PlacedMessage & { readonly place: RetainedRoom },
  ): Promise<Why | null> {
    const { policy: current, clock } = this.#flow;
    const [policy, now, { place }] = [current(), clock.now(), message];
    const holds = holdsOver(message, place, { holds: holdsInForce(await tx.holds.events(), now) });
    if (holds.length > 0) return { code: 'under-hold', holds };
    if (policy === null) return { code: 'policy-unreadable', holds };
    const { sender: author, at: sentAt } = message;
    const room = { class: place.class, roles: [] };
    const [violation] = judgeRecall({ by, author, sentAt, room }, { policy, now });
    return violation === undefined ? null : { code: violation.code, holds };
  }
}

/** What is gone already, and what never said anything. */
const isNothing = (message: { readonly type: string; readonly gone: unknown } | null): boolean =>
  message === null || message.type === 'm.reaction' || message.gone !== null;

const entry = (
  action: string,
  { room, target, by }: DoneByHand,
  why: Why | null,
  detail: Readonly<Record<string, unknown>>,
): AuditEntry => ({
  action,
  outcome: why === null ? 'ok' : 'refused',
  actor: by,
  room,
  event: target,
  ...(why === null ? {} : { code: why.code }),
  detail: why === null || why.holds.length === 0 ? detail : { ...detail, holds: why.holds },
});
