import type { Instant } from '../kernel/clock.ts';
import { type AccountId, accountId } from '../kernel/ids.ts';
import { LATE_MS } from '../tickets/climb.ts';
import type { Dispatch, Practice } from '../tickets/dispatchSchema.ts';
import { trackOf } from '../tickets/schedule.ts';
import { changeTicket } from './changeTicket.ts';
import type { TicketFlow } from './ticketFlow.ts';

/** How far the beginning of a shift is looked for, to tell how late its open tickets are handed over, and its end, to look again. */
const LOOK_MS = 24 * 3_600_000;

interface Held {
  readonly practice: Practice;
  readonly holders: string;
  /** The latest shift that runs began then. */
  readonly since: Instant;
  /** Nothing changes before this instant, as long as the schedule stays the same. */
  readonly until: Instant;
  readonly at: Instant;
}

/**
 * Hands open tickets over when somebody comes on. Each `look` compares who holds what with the look before it; the first one, after a
 * start, looks at every account, so that a change during an outage is done once, marked late.
 */
export class ShiftChanges {
  readonly #flow: TicketFlow;
  readonly #dispatch: () => Dispatch;
  readonly #held = new Map<AccountId, Held>();

  constructor(flow: TicketFlow, dispatch: () => Dispatch) {
    this.#flow = flow;
    this.#dispatch = dispatch;
  }

  /** Resolves when the open tickets of every account with another holder than before are handed over. */
  async look(): Promise<void> {
    const now = this.#flow.clock.now();
    for (const [name, practice] of Object.entries(this.#dispatch().practices)) {
      const account = accountId(name);
      const before = this.#held.get(account);
      if (before?.practice === practice && before.at <= now && now < before.until) continue;
      const held = heldAt(practice, now);
      if (before?.holders !== held.holders) {
        const late = now - held.since > LATE_MS;
        for (const id of await this.#flow.store.read.openTicketsOf(account))
          await changeTicket(this.#flow, id, { actor: 'wardroom' }, () => [{ type: 'shift_changed', late }]);
      }
      // Only now: what failed half way is done by the next look.
      this.#held.set(account, held);
    }
  }
}

function heldAt(practice: Practice, now: Instant): Held {
  const running = Object.keys(practice.roles).flatMap((role) =>
    (['primary', 'backup'] as const).map((tier) =>
      trackOf(practice, role, tier)
        ?.shifts(now - LOOK_MS, now + LOOK_MS)
        .find((shift) => shift.from <= now && now < shift.until),
    ),
  );
  return {
    practice,
    holders: JSON.stringify(running.map((shift) => shift?.who ?? null)),
    since: Math.max(0, ...running.map((shift) => shift?.from ?? 0)),
    until: Math.min(now + LOOK_MS, ...running.map((shift) => shift?.until ?? now + LOOK_MS)),
    at: now,
  };
}
