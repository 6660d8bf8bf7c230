import { ok } from '../../kernel/result.ts';
import type { ReviewSummary } from '../../policy/review/summary.ts';
import type { Command } from '../command.ts';
import { reviewNamed, reviewNeeds, reviewReasons, summaryPieces } from '../reviews.ts';

export const reviewShow: Command = {
  name: 'review show',
  takes: ['ID'],
  summary: 'shows a summary of activity again, as it was made',
  needs: reviewNeeds,
  examples: [{ say: 'review show REV-2026-11-30', does: 'the week that ended before that day' }],
  needsIdentity: false,
  reasons: reviewReasons,
  prepare(given, { reviews }) {
    const id = reviewNamed(given);
    return id.ok ? ok((tx) => reviews.show(tx, id.value)) : id;
  },
  say: ({ summary, digest, signed_by }) => [
    ...summaryPieces(summary as ReviewSummary, String(digest)),
    signed_by === null ? 'Nobody has signed it yet.' : `Signed by ${String(signed_by)}.`,
  ],
};
