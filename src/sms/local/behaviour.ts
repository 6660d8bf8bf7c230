import { z } from 'zod';

/** What the carrier does with a text; `take` is the usual thing. `reports`: how often its delivery is reported. */
const one = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('take'), reports: z.int().min(0).max(3).default(1) }),
  z.strictObject({
    do: z.literal('refuse'),
    code: z.enum(['opted-out', 'bad-number', 'unregistered', 'not-allowed', 'rejected']).default('rejected'),
  }),
  z.strictObject({ do: z.literal('throttle'), afterMs: z.int().min(0).max(60_000).default(1_000) }),
  z.strictObject({ do: z.literal('lose') }),
]);

/** For tests: what it does with the next texts, in this order. */
export const behaviours = z.array(one).max(1_000);
type Doing = z.output<typeof one>;

export class Behaviour {
  #next: Doing[] = [];

  set(next: readonly Doing[]): void {
    this.#next = [...next];
  }

  next(): Doing {
    return this.#next.shift() ?? { do: 'take', reports: 1 };
  }
}
