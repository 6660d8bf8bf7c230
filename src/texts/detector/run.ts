import type { Finding } from './finding.ts';
import type { Known } from './known.ts';
import type { Recogniser } from './recogniser.ts';
import { spanOf } from './views/view.ts';
import { viewsOf } from './views/views.ts';

/** What these recognisers find, each finding once, in the order of the text. */
export function run(text: string, known: Known, recognisers: readonly Recogniser[]): readonly Finding[] {
  const views = viewsOf(text);
  const found = new Map<string, Finding>();
  for (const { rule, kind, reads, find } of recognisers)
    for (const view of reads === 'plain' ? [views.plain] : views[reads])
      for (const match of find(view, known)) {
        const finding = { ...spanOf(view, match.start, match.end), rule, kind };
        found.set(`${finding.start} ${finding.end} ${rule}`, finding);
      }
  return [...found.values()].sort((a, b) => a.start - b.start || a.end - b.end || (a.rule < b.rule ? -1 : 1));
}
