import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { reviewNeeds } from '../reviews.ts';
import { minuteOf } from '../times.ts';

export const reviewList: Command = {
  name: 'review list',
  takes: [],
  summary: 'shows the latest summaries of activity and who signed them',
  needs: reviewNeeds,
  examples: [{ say: 'review list', does: 'the latest first' }],
  needsIdentity: false,
  prepare: (_given, { reviews }) => ok((tx) => reviews.list(tx)),
  say(data) {
    const reviews = data.reviews as readonly Readonly<Record<string, unknown>>[];
    if (reviews.length === 0) return ['There is none yet: the first one comes when the week turns.'];
    return [
      {
        head: ['Review', 'From', 'To (excluded)', 'Signed'],
        rows: reviews.map(({ review, from, to, signed_by, signed_at }) => [
          String(review),
          String(from),
          String(to),
          signed_by === null ? 'NOT SIGNED' : `${String(signed_by)}, ${minuteOf(String(signed_at))}`,
        ]),
      },
    ];
  },
};
