import { explainRetention, limitsOf, type RetainedRoom, type RetentionRule } from '../../policy/index.ts';
import type { Reads } from '../ports.ts';
import type { PlacedMessage } from '../retentionPort.ts';
import { type RetentionFlow, retentionFacts } from './retentionFlow.ts';

/** Messages looked at together: so many are in memory, however many there are. */
const PAGE = 2_000;

export interface Planning extends Pick<RetentionFlow, 'clock' | 'policy' | 'agreements'> {
  readonly store: { readonly read: Pick<Reads, 'retention' | 'holds' | 'agreements'> };
}

/** How many messages each rule deletes, and keeps although they are older than the room's limit. */
export interface RoomPlan {
  readonly goes: Readonly<Partial<Record<RetentionRule, number>>>;
  readonly stays: Readonly<Partial<Record<RetentionRule, number>>>;
}

/** The messages of a room that are older than its limit and that nothing deletes yet, page by page, in the order of arrival. */
export async function* expiredPages(flow: Planning, room: RetainedRoom): AsyncGenerator<readonly PlacedMessage[]> {
  const { read } = flow.store;
  for (let after = 0; ; ) {
    const facts = await retentionFacts(flow, read);
    const limits = facts === null ? null : limitsOf(room, facts);
    if (facts === null || limits === null || limits.longestMs === null) return;
    const page = await read.retention.expired(room.room, facts.now - limits.longestMs, after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.seq;
    yield page;
  }
}

/** What a run would do in a room, by the function that a run decides by. Changes nothing. */
export async function planRoom(flow: Planning, room: RetainedRoom): Promise<RoomPlan> {
  const [goes, stays]: [Partial<Record<RetentionRule, number>>, Partial<Record<RetentionRule, number>>] = [{}, {}];
  for await (const page of expiredPages(flow, room)) {
    const facts = await retentionFacts(flow, flow.store.read);
    if (facts === null) break;
    const limits = limitsOf(room, facts);
    for (const message of page) {
      const { decision, winner } = explainRetention(message, room, facts, limits);
      const counts = decision === 'delete' ? goes : stays;
      counts[winner] = (counts[winner] ?? 0) + 1;
    }
  }
  return { goes, stays };
}
