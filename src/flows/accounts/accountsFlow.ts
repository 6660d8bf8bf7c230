import type { Clock } from '../../kernel/clock.ts';
import type { UserId } from '../../kernel/ids.ts';
import type { PortFailure } from '../../kernel/result.ts';
import { serverOf } from '../../policy/index.ts';
import type { Accounts } from '../accountsPort.ts';
import type { Decided } from '../commandsPort.ts';
import type { Store } from '../ports.ts';

/** What work on people's accounts and devices needs. */
export interface AccountsFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly accounts: Accounts;
  readonly ownServer: string;
  /** Whether it is Wardroom itself, or one of its voices. */
  readonly isOwnUser: (user: UserId) => boolean;
}

/** Some rooms and devices are named, of more only how many. */
export const SHOWN = 40;

export const refused = (code: string, data: Decided['data'] = {}): Decided => ({
  outcome: 'refused',
  code,
  data,
  audit: [],
  ...('user_id' in data ? { about: { user: data.user_id } } : {}),
});

/** Why the homeserver did not do it: a refusal that somebody has to mend, or "not now". */
export const notDone = ({ kind, code }: PortFailure, data: Decided['data']): Decided => ({
  ...refused(code, data),
  outcome: kind === 'permanent' ? 'refused' : 'failed',
});

/** Why this person's account is none that Wardroom could work on; null: it is. */
export function unreachable(
  { ownServer, isOwnUser }: Pick<AccountsFlow, 'ownServer' | 'isOwnUser'>,
  user: UserId,
): Decided | null {
  if (serverOf(user) !== ownServer) return refused('not-ours', { user_id: user, server: serverOf(user) });
  return isOwnUser(user) ? refused('is-wardroom', { user_id: user }) : null;
}

/**
 * Why Wardroom must not touch the sessions and accounts there are: they belong to an authentication service in front of the homeserver, which would
 * bring a deleted device back with its next request. Null: it may.
 */
export async function signInRefusal(
  { accounts }: Pick<AccountsFlow, 'accounts'>,
  user: UserId,
): Promise<Decided | null> {
  const signIn = await accounts.signIn();
  if (!signIn.ok) return notDone(signIn.error, { user_id: user });
  return signIn.value === 'delegated' ? refused('sign-in-delegated', { user_id: user }) : null;
}
