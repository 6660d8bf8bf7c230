import type { Inbox } from '../flows/inboxPort.ts';
import type { CrashPoints } from '../flows/ports.ts';
import type { Clock } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import { readTransaction } from './arrivals.ts';
import { Pauses } from './pauses.ts';
import { changesMembers, type RoomMembers } from './roomMembers.ts';

export interface TransactionIntakeOptions {
  readonly inbox: Inbox;
  readonly members: RoomMembers;
  readonly clock: Clock;
  readonly crash: CrashPoints;
  readonly isOurs: (user: UserId) => boolean;
  /** Asks the homeserver to call us. */
  readonly ping: () => Promise<Result<void, PortFailure>>;
  /** Something new is in the inbox, by number; nothing of it has to be handled if both are 0. */
  readonly onAccepted: (events: number, receipts: number) => void;
  readonly firstPingMs?: number;
}

const LONGEST_PAUSE_MS = 30_000;

/**
 * Takes transactions from the homeserver into the inbox. One that could not be stored is refused; the homeserver then waits
 * longer and longer, up to 512 s, so it is asked to try again until one was stored. Meanwhile people come and go unseen:
 * who is in which room is fetched again.
 */
export class TransactionIntake {
  readonly #options: TransactionIntakeOptions;
  readonly #pauses = new Pauses();
  #asking: Promise<void> | null = null;
  #accepted = 0;

  constructor(options: TransactionIntakeOptions) {
    this.#options = options;
  }

  /** Resolves once the transaction is durable; rejects when it is not. */
  async accept(txnId: string, body: unknown): Promise<void> {
    const { inbox, members, clock, crash, isOurs, onAccepted } = this.#options;
    const transaction = readTransaction(txnId, body, clock.now(), isOurs);
    try {
      await inbox.commit(transaction);
    } catch (error) {
      members.forget();
      this.#asking ??= this.#askUntilAccepted();
      throw error;
    }
    crash.reach('inbox.committed');
    this.#accepted += 1;
    // At once, not in turn: the next message must not be encrypted for who has just left.
    for (const event of transaction.events) {
      if (event.stateKey !== null && changesMembers(event.type)) members.changed(event.roomId);
    }
    const handed = transaction.events.filter((event) => event.content !== null).length;
    onAccepted(handed, transaction.receipts.length);
  }

  stop(): void {
    this.#pauses.end();
  }

  async #askUntilAccepted(): Promise<void> {
    const before = this.#accepted;
    const first = this.#options.firstPingMs ?? 1_000;
    for (let tries = 0; !this.#pauses.ended && this.#accepted === before; tries += 1) {
      await this.#pauses.for(Math.min(LONGEST_PAUSE_MS, first * 2 ** Math.min(tries, 10)));
      if (!this.#pauses.ended && this.#accepted === before) await this.#options.ping();
    }
    this.#options.members.forget();
    this.#asking = null;
  }
}
