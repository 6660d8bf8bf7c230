/**
 * How long messages live: which rule decides about each of them. Pure; what explains a message is what deletes it. The strongest rule that has
 * something to say wins: a legal hold, then a STAT message that nobody acknowledged, then the least lifetime, then the limits.
 */
import type { Instant } from '../../kernel/clock.ts';
import type { RoomId, TicketId, UserId } from '../../kernel/ids.ts';
import { agreementPhase, type KeptAgreement } from '../agreements.ts';
import type { Policy, RoomClass } from '../policySchema.ts';
import { durationMs } from '../values.ts';
import { covers, type Hold } from './holds.ts';

/** Stands for the class of rooms of Wardroom and one person, which no class of the policy is about; no class can be called so. */
export const DIRECT = '(direct)';

/** A message as far as its lifetime is concerned. */
export interface RetainedMessage {
  readonly sender: UserId;
  /** When it came; of an edit, when what it edits came: an old text does not get younger by being written again. */
  readonly at: Instant;
  /** In whose thread it stands. */
  readonly ticket: {
    readonly id: TicketId;
    readonly urgency: string;
    /** Somebody acknowledged it, or an operator or administrator closed it. */
    readonly isHandled: boolean;
    /** Whom it called. */
    readonly due: readonly UserId[];
  } | null;
}

/** Where messages stand. */
export interface RetainedRoom {
  readonly room: RoomId;
  readonly class: string;
  readonly patient: string | null;
  /** Organisations with people in it, now or before, by server name; without our own. */
  readonly partners: readonly string[];
}

export interface RetentionFacts {
  readonly policy: Pick<Policy, 'classes' | 'direct_rooms' | 'time_zone'>;
  readonly now: Instant;
  /** Those in force. */
  readonly holds: readonly Hold[];
  readonly agreements: readonly KeptAgreement[];
}

/** The rule that wins. `class-unknown`: the policy has no such class any more; nothing is deleted by a rule that is not there. */
export type RetentionRule =
  | 'hold'
  | 'unread_stat'
  | 'audit.keep'
  | 'min_age'
  | 'cross_org'
  | 'max_age'
  | 'class-unknown';

export interface RetentionVerdict {
  readonly decision: 'keep' | 'delete';
  readonly winner: RetentionRule;
  /** With `hold`: which ones. */
  readonly holds: readonly string[];
  /** The lifetime that was counted with, in milliseconds; null: none was. */
  readonly limitMs: number | null;
}

export interface Limits {
  /** Messages older than this are deleted; null: never. */
  readonly longestMs: number | null;
  /** Nothing younger is deleted. */
  readonly leastMs: number;
  /** Which rule the longest comes from. */
  readonly rule: 'cross_org' | 'max_age' | 'audit.keep';
}

/** The limits of a room; null: its class is not in the policy. */
export function limitsOf(
  room: RetainedRoom,
  facts: Pick<RetentionFacts, 'policy' | 'agreements' | 'now'>,
): Limits | null {
  const { classes, direct_rooms: direct } = facts.policy;
  if (room.class === DIRECT) return { longestMs: longestOf(direct.max_age), leastMs: 0, rule: 'max_age' };
  const roomClass = Object.hasOwn(classes, room.class) ? classes[room.class] : undefined;
  if (roomClass === undefined) return null;
  const { max_age: maxAge, min_age: minAge } = roomClass.retention;
  const own = longestOf(maxAge);
  const leastMs = durationMs(minAge);
  const theirs = partnersLimit(room, roomClass, facts);
  if (theirs !== null) return { longestMs: own === null ? theirs : Math.min(own, theirs), leastMs, rule: 'cross_org' };
  return { longestMs: own, leastMs, rule: room.class === 'audit' ? 'audit.keep' : 'max_age' };
}

const longestOf = (maxAge: string): number | null => (maxAge === 'never' ? null : durationMs(maxAge));

/**
 * The shortest time that partners in the room keep messages, where the class asks for it: by the agreements in force, and by those on file with a
 * partner that has none in force any more. A new agreement takes the place of the one before.
 */
function partnersLimit(
  { partners, class: name }: RetainedRoom,
  { retention }: RoomClass,
  { agreements, now, policy }: Pick<RetentionFacts, 'policy' | 'agreements' | 'now'>,
): number | null {
  if (retention.cross_org !== 'min_of_both') return null;
  const limits = partners.flatMap((partner) => {
    const onFile = agreements.filter(({ domain, classes }) => domain === partner && classes.includes(name));
    const inForce = onFile.filter((one) => agreementPhase(one, now, policy) === 'in-force');
    return (inForce.length > 0 ? inForce : onFile).flatMap(({ max_age: maxAge }) =>
      maxAge === undefined ? [] : [durationMs(maxAge)],
    );
  });
  return limits.length === 0 ? null : Math.min(...limits);
}

/** What becomes of a message, and by which rule. */
export function explainRetention(
  message: RetainedMessage,
  room: RetainedRoom,
  facts: RetentionFacts,
  limits: Limits | null = limitsOf(room, facts),
): RetentionVerdict {
  const keep = (winner: RetentionRule, limitMs: number | null = null, holds: readonly string[] = []) =>
    ({ decision: 'keep', winner, holds, limitMs }) as const;
  const holds = holdsOver(message, room, facts);
  if (holds.length > 0) return keep('hold', null, holds);
  const { ticket, at } = message;
  if (ticket?.urgency === 'stat' && !ticket.isHandled) return keep('unread_stat');
  if (limits === null) return keep('class-unknown');
  const { longestMs, leastMs, rule } = limits;
  const age = facts.now - at;
  if (age < leastMs) return keep(rule === 'audit.keep' ? rule : 'min_age', leastMs);
  if (longestMs === null || !(age > longestMs)) return keep(rule, longestMs);
  return { decision: 'delete', winner: rule, holds: [], limitMs: longestMs };
}

/** The holds that cover a message, of those in force. */
export function holdsOver(
  message: RetainedMessage,
  room: RetainedRoom,
  { holds }: Pick<RetentionFacts, 'holds'>,
): readonly string[] {
  if (holds.length === 0) return [];
  const { ticket, sender, at } = message;
  const people = ticket === null ? [sender] : [sender, ...ticket.due];
  const asked = { room: room.room, class: room.class, patient: room.patient, ticket: ticket?.id ?? null, people, at };
  return holds.filter((hold) => covers(hold.covers, asked)).map(({ id }) => id);
}
