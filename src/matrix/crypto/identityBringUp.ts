import type { UserId } from '../../kernel/ids.ts';
import type { Courier } from './courier.ts';
import type { Engine } from './engine.ts';
import type { CrossSigningKeys } from './engineProtocol.ts';
import type { CryptoCode } from './types.ts';

export interface IdentityOptions {
  readonly user: UserId;
  readonly engine: Engine;
  readonly courier: Courier;
  readonly onCode: (code: CryptoCode) => void;
  /** The private cross-signing keys as they were kept; null when there were none. */
  readonly kept: string | null;
  /** Keeps them durably. */
  readonly keep: (plain: string) => Promise<void>;
}

/**
 * Gives a new device an identity that signs it, so that clients which exclude unsigned devices (MSC4153) talk to it. The kept
 * identity is used again where the homeserver still shows it: people who verified the voice need not do it again.
 */
export async function bringUpIdentity(options: IdentityOptions): Promise<void> {
  const { engine, courier, user, kept, onCode } = options;
  await engine.call('trackUsers', [user]);
  await engine.call('devicesChanged', [user]);
  await courier.drain();
  const before = await engine.call('ownIdentity');

  if (kept !== null && (await engine.call('importIdentity', JSON.parse(kept) as CrossSigningKeys))) {
    await courier.send(await engine.call('signOwnDevice'));
    await engine.call('devicesChanged', [user]);
    await courier.drain();
    if ((await engine.call('ownIdentity')) === 'signs-us') {
      onCode('crypto.identity_restored');
      return;
    }
  }
  // A bring-up that was interrupted has made its identity already.
  const unfinished = (await engine.call('exportIdentity')) !== null;
  const requests = await engine.call('bootstrapIdentity', !unfinished);
  const keys = await engine.call('exportIdentity');
  if (keys === null) throw new Error('no identity was made');
  // Kept before it is published: from then on people may rely on it.
  await options.keep(JSON.stringify(keys));
  for (const request of requests) await courier.send(request);
  onCode(before === 'none' ? 'crypto.identity_created' : 'crypto.identity_reset');
}
