import type { Scope } from '../record/event.ts';
import type { Stop } from '../record/stops.ts';
import type { TextKind } from '../request.ts';

const TOPICS: Readonly<Partial<Record<TextKind, readonly Scope[]>>> = {
  reminder: ['reminder'],
  clinical: ['content'],
  clinical_link: ['clinical_link'],
  notice: ['clinical_link', 'content'],
  marketing: ['marketing'],
};

/** Whether a revocation that names topics names that of such a text. One that names none ends everything. */
export function coversTopic({ event }: Stop, kind: TextKind): boolean {
  if (event.type !== 'revoked' || event.topics === null || event.topics.includes('none')) return true;
  const { topics } = event;
  return (TOPICS[kind] ?? []).some((topic) => topics.includes(topic));
}
