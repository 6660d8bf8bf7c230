/** The closed set of steps that bring a room from what it is to what its class demands. Plain data, safe to keep and to repeat. */
import type { RoomId, UserId } from '../kernel/ids.ts';
import type { Tree } from './observedRoom.ts';

export type Step =
  | { readonly kind: 'set-state'; readonly type: string; readonly stateKey: string; readonly content: Tree }
  /** Out of the room; of somebody who was invited or knocks: no longer. `reason` is readable by every homeserver in the room. */
  | { readonly kind: 'kick'; readonly user: UserId; readonly reason: string }
  /** Wardroom's voices begin new outbound sessions: who left cannot read what comes. */
  | { readonly kind: 'rotate-sessions' }
  | { readonly kind: 'delete-alias'; readonly alias: string }
  /** Out of the public room directory. */
  | { readonly kind: 'unlist' }
  | { readonly kind: 'unban'; readonly user: UserId }
  /** Somebody of our own server: joined at once where the admin API allows it, else invited. */
  | { readonly kind: 'join'; readonly user: UserId }
  | { readonly kind: 'invite'; readonly user: UserId }
  /** The room was replaced: the replacement is looked at and taken over, if Wardroom is in it. */
  | { readonly kind: 'follow-upgrade'; readonly replacement: RoomId; readonly by: UserId }
  /** Nothing to do by itself: a person has to. `what` says what. */
  | { readonly kind: 'cannot-correct'; readonly why: string; readonly what: string; readonly user?: UserId };

/** What is wrong, and the step against it. */
export type Correction = Step & {
  /** The rule that saw it, and what it serves. */
  readonly rule: string;
  readonly regulation: string;
  /** Code of the fault. */
  readonly fault: string;
};

export type CorrectionKind = Step['kind'];

/**
 * In which order steps are taken: power and doors first, then people out and keys changed, then the server list, so that a partner's server
 * still hears that its people are out; then people in.
 */
const ORDER: readonly CorrectionKind[] = [
  'set-state',
  'kick',
  'rotate-sessions',
  'delete-alias',
  'unlist',
  'unban',
  'join',
  'invite',
  'follow-upgrade',
  'cannot-correct',
];

const rank = (step: Step): number => {
  if (step.kind === 'set-state' && step.type === 'm.room.power_levels') return -1;
  if (step.kind === 'set-state' && step.type === 'm.room.server_acl') return ORDER.indexOf('rotate-sessions') + 0.5;
  // How long messages live is said when whoever would purge by it is out, and taken back before they come in.
  if (step.kind === 'set-state' && step.type === 'm.room.retention' && Object.keys(step.content).length > 0)
    return ORDER.indexOf('rotate-sessions') + 0.6;
  return ORDER.indexOf(step.kind);
};

/** What tells two steps apart; of two that do the same, one is enough. */
const identity = (step: Step): string => {
  switch (step.kind) {
    case 'set-state':
      return JSON.stringify([step.type, step.stateKey]);
    case 'kick':
    case 'unban':
    case 'join':
    case 'invite':
      return step.user;
    case 'delete-alias':
      return step.alias;
    case 'follow-upgrade':
      return step.replacement;
    case 'cannot-correct':
      return JSON.stringify([step.why, step.user ?? '']);
    case 'rotate-sessions':
    case 'unlist':
      return '';
  }
};

/** What a fault is told by from one plan to the next: one that comes back for the third time is nothing to fight over. */
export const faultKey = (correction: Correction): string =>
  JSON.stringify([correction.rule, correction.fault, correction.kind, identity(correction)]);

/** The steps in their order, each once, whatever order they were found in. */
export function inOrder(corrections: readonly Correction[]): readonly Correction[] {
  const sorted = corrections
    .map((correction) => {
      const { rule, fault } = correction;
      const same = correction.kind === 'cannot-correct' ? JSON.stringify([rule, fault]) : '';
      return {
        correction,
        rank: rank(correction),
        key: `${correction.kind}\0${identity(correction)}\0${same}`,
        tie: `${rule}\0${fault}`,
      };
    })
    .sort((a, b) => a.rank - b.rank || compare(a.key, b.key) || compare(a.tie, b.tie));
  return sorted.filter(({ key }, index) => sorted[index - 1]?.key !== key).map(({ correction }) => correction);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
