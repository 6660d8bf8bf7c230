import type { Clock } from '../../kernel/clock.ts';
import type { RoomId } from '../../kernel/ids.ts';
import { holdsInForce, type KeptAgreement, type Policy, type RetentionFacts } from '../../policy/index.ts';
import type { Eraser } from '../eraserPort.ts';
import type { Alarms, CrashPoints, Reads, Store } from '../ports.ts';

export interface RetentionFlow {
  readonly store: Store;
  /** Business time: how old a message is. */
  readonly clock: Clock;
  readonly eraser: Eraser;
  readonly ownServer: string;
  /** Null: it cannot be read; nothing is deleted then. */
  readonly policy: () => Policy | null;
  readonly agreements: (read: Pick<Reads, 'agreements'>, policy: Policy) => Promise<readonly KeptAgreement[]>;
  /** Makes Wardroom's own devices forget these Megolm sessions of a room; how many there were. */
  readonly forgetSessions: (room: RoomId, sessions: readonly string[]) => Promise<number>;
  readonly alarms: Alarms;
  readonly crash: CrashPoints;
}

/** What lifetimes are judged by, as it is in this transaction. */
export async function retentionFacts(
  flow: Pick<RetentionFlow, 'clock' | 'policy' | 'agreements'>,
  read: Pick<Reads, 'holds' | 'agreements'>,
): Promise<RetentionFacts | null> {
  const policy = flow.policy();
  if (policy === null) return null;
  const now = flow.clock.now();
  const holds = holdsInForce(await read.holds.events(), now);
  return { policy, now, holds, agreements: await flow.agreements(read, policy) };
}
