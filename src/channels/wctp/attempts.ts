import { BoundedMap } from '../../kernel/boundedMap.ts';
import type { Clock } from '../../kernel/clock.ts';

const MINUTE_MS = 60_000;
/** Addresses and senders remembered. */
const MOST_KEYS = 10_000;

/** Counts what happens per key within a minute of the machine's time. */
export class PerMinute {
  readonly #clock: Clock;
  readonly #counts = new BoundedMap<{ from: number; count: number }>(MOST_KEYS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How often it has happened in this key's minute, this time included. */
  count(key: string): number {
    const now = this.#clock.now();
    const known = this.#counts.get(key);
    if (known && now >= known.from && now - known.from < MINUTE_MS) {
      known.count += 1;
      return known.count;
    }
    this.#counts.put(key, { from: now, count: 1 });
    return 1;
  }
}
