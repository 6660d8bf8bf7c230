import { decide } from './decide.ts';
import type { Facts, PolicyRequest } from './request.ts';
import { DIRECT } from './retention/retention.ts';
import type { Violation } from './rule.ts';

/** All that rules about taking messages back may ask: nothing of who holds which role, so that it costs little to ask of every redaction. */
export type RecallFacts = Pick<Facts, 'policy' | 'now'>;

/**
 * What stands against taking a message back, by the rules that `!recall` goes by. In a room of Wardroom and one person nobody else acts on what they
 * wrote: they may, whenever they like.
 */
export function judgeRecall(
  request: Omit<Extract<PolicyRequest, { kind: 'recall' }>, 'kind'>,
  { policy, now }: RecallFacts,
): readonly Violation[] {
  if (request.room.class === DIRECT && request.by === request.author) return [];
  return decide({ ...request, kind: 'recall' }, { ...NOBODY, policy, now });
}

const NOBODY = {
  ownServer: '',
  bot: '' as Facts['bot'],
  voices: [],
  grants: [],
  agreements: [],
  coverage: [],
  training: [],
} as const;
