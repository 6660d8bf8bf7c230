import type { Dispatcher } from '../flows/dispatcher.ts';
import { URGENCIES, type Urgency } from '../tickets/ticket.ts';

/** Worth waiting for: in this time a homeserver takes a few hundred messages. */
const RETRY_AFTER_S = 10;

/**
 * Whether so much waits before a ticket of an urgency that its service had better wait itself; see `http.backlog`. What this process
 * has in hand is known at once; what is owed in all, also what was put off while the homeserver is away, as of the last `look`.
 */
export class Fullness {
  readonly #dispatcher: Pick<Dispatcher, 'ahead'>;
  readonly #bounds: { readonly routine: number; readonly urgent: number };
  readonly #owed: () => Promise<ReadonlyMap<Urgency, number>>;
  #known: ReadonlyMap<Urgency, number> = new Map();

  constructor(
    dispatcher: Pick<Dispatcher, 'ahead'>,
    bounds: { readonly routine: number; readonly urgent: number },
    owed: () => Promise<ReadonlyMap<Urgency, number>>,
  ) {
    this.#dispatcher = dispatcher;
    this.#bounds = bounds;
    this.#owed = owed;
  }

  async look(): Promise<void> {
    this.#known = await this.#owed();
  }

  /** Null when one more can be taken; else after how many seconds it is worth trying again. */
  isFull(urgency: Urgency): number | null {
    const bound = urgency === 'stat' || urgency === 'urgent' ? this.#bounds.urgent : this.#bounds.routine;
    const ahead = Math.max(this.#dispatcher.ahead(urgency), this.#owedBefore(urgency));
    return ahead < bound ? null : RETRY_AFTER_S;
  }

  #owedBefore(urgency: Urgency): number {
    return URGENCIES.slice(URGENCIES.indexOf(urgency)).reduce((sum, one) => sum + (this.#known.get(one) ?? 0), 0);
  }
}
