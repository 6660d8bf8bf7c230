import { Phi } from '../../kernel/phi.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { reviewNamed, reviewNeeds, reviewReasons } from '../reviews.ts';

export const reviewSign: Command = {
  name: 'review sign',
  takes: ['ID'],
  options: { note: 'TEXT' },
  summary:
    'signs that you looked at a summary of activity (45 CFR 164.308(a)(1)(ii)(D)); the audit log names what you signed by its digest',
  needs: reviewNeeds,
  examples: [
    { say: 'review sign REV-2026-11-30', does: 'signs it' },
    { say: 'review sign REV-2026-11-30 --note the refusals were a training', does: 'with a note, kept sealed' },
  ],
  needsIdentity: true,
  reasons: reviewReasons,
  prepare(given, { reviews }) {
    const id = reviewNamed(given);
    if (!id.ok) return id;
    const typed = given.option('note');
    const note = typed === null ? null : new Phi(typed);
    return ok((tx, order) => reviews.sign(tx, order, id.value, note));
  },
  say: ({ review, digest }) => [`${String(review)} is signed. Digest of what you signed: \`${String(digest)}\``],
};
