import { plainSends, ticketPosts } from './load.ts';
import type { Ratio } from './ratios.ts';
import { sideBySide } from './sideBySide.ts';
import type { BenchWard } from './ward.ts';

/** Enough that the rate decides, not how long the first and the last of them take. */
const COUNT = 120;

/** Ticket posts per second / plain sends per second, through the same Synapse; at concurrency 1 and 8. */
export function encryptedPerPlain(ward: BenchWard, say: (line: string) => void): Promise<Ratio> {
  ward.quiet();
  return sideBySide({
    settings: [1, 8],
    rounds: 5,
    names: { ours: 'tickets', theirs: 'plain' },
    ours: async (concurrency) => COUNT / (await ticketPosts(ward, COUNT, concurrency)),
    theirs: async (concurrency) => COUNT / (await plainSends(ward, COUNT, concurrency)),
    say,
  });
}
