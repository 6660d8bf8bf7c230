import type { Instant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import {
  type Facts,
  foldAccepted,
  foldGrants,
  foldTraining,
  holdsInForce,
  type KeptAgreement,
  type Policy,
} from '../policy/index.ts';
import { accessesNow } from './breakGlass/accessesNow.ts';
import type { Reads } from './ports.ts';

/** What facts are read from; a transaction or a plain read. */
export type FactReads = Pick<Reads, 'roles' | 'agreements' | 'breakGlass' | 'holds' | 'training'>;

/** Who Wardroom is here, and with whom it has agreements. */
export interface Surroundings {
  readonly ownServer: string;
  readonly bot: UserId;
  /** Every voice there is. */
  readonly voices: readonly UserId[];
  /** The agreements there are under this policy (`Partners.agreements`). */
  readonly agreements: (read: Pick<Reads, 'agreements'>, policy: Policy) => Promise<readonly KeptAgreement[]>;
}

/** What the policy judges by at this instant: every grant that was ever given, in force or not, and every agreement. */
export async function factsOf(
  read: FactReads,
  {
    policy,
    now,
    ownServer,
    bot,
    voices,
    agreements,
  }: Surroundings & { readonly policy: Policy; readonly now: Instant },
): Promise<Facts> {
  const happened = await read.training.events();
  return {
    policy,
    now,
    ownServer,
    bot,
    voices,
    grants: foldGrants(await read.roles.events()),
    agreements: await agreements(read, policy),
    coverage: policy.coverage,
    training: foldTraining(happened),
    accepted: foldAccepted(happened),
    emergencies: await accessesNow(read, now),
    holds: holdsInForce(await read.holds.events(), now),
  };
}
