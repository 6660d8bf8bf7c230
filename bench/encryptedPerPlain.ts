import { plainSends, ticketPosts } from './load.ts';
import { quantile, type Ratio, round } from './ratios.ts';
import type { BenchWard } from './ward.ts';

const ROUNDS = 5;
/** Enough that the rate decides, not how long the first and the last of them take. */
const COUNT = 120;

/**
 * Ticket posts per second / plain sends per second, through the same Synapse, in alternating blocks; at concurrency 1 and 8.
 * Each setting's ratio is the median over its rounds.
 */
export async function encryptedPerPlain(ward: BenchWard, say: (line: string) => void): Promise<Ratio> {
  ward.quiet();
  const parts: Record<string, number> = {};
  let worst = Number.POSITIVE_INFINITY;
  for (const concurrency of [1, 8]) {
    await plainSends(ward, COUNT, concurrency);
    await ticketPosts(ward, COUNT, concurrency);
    const rounds: { plain: number; ticket: number }[] = [];
    for (let index = 0; index < ROUNDS; index += 1) {
      const plain = COUNT / (await plainSends(ward, COUNT, concurrency));
      const ticket = COUNT / (await ticketPosts(ward, COUNT, concurrency));
      rounds.push({ plain, ticket });
      say(
        `  concurrency ${concurrency}, round ${index + 1}: plain ${round(plain, 1)}/s, tickets ${round(ticket, 1)}/s, ratio ${round(ticket / plain)}`,
      );
    }
    const ratio = quantile(
      rounds.map(({ plain, ticket }) => ticket / plain),
      0.5,
    );
    parts[`plain_per_s_${concurrency}`] = round(
      quantile(
        rounds.map(({ plain }) => plain),
        0.5,
      ),
      1,
    );
    parts[`tickets_per_s_${concurrency}`] = round(
      quantile(
        rounds.map(({ ticket }) => ticket),
        0.5,
      ),
      1,
    );
    parts[`ratio_${concurrency}`] = round(ratio);
    worst = Math.min(worst, ratio);
  }
  return { value: round(worst), parts };
}
