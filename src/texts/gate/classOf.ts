import type { ContentClass } from '../contentClass.ts';
import type { Finding } from '../detector/finding.ts';

/** What a reminder of an appointment holds as well: nothing by which a stranger learns more than that there is one. */
const OF_REMINDERS: ReadonlySet<string> = new Set(['date', 'time', 'name-addressed']);

/**
 * What somebody's own words carry, by what was found in them: nothing, an appointment's day and a first name, or more. PHI is an identifier
 * together with health, but the phone that it goes to is an identifier itself: so either is enough.
 */
export function classOf(findings: readonly Finding[]): Extract<ContentClass, 'plain' | 'reminder' | 'content'> {
  if (findings.length === 0) return 'plain';
  return findings.every(({ rule, kind }) => kind === 'identifier' && OF_REMINDERS.has(rule)) ? 'reminder' : 'content';
}
