import type { CryptoLease, StoredVoice } from '../../flows/cryptoPort.ts';
import type { UserId } from '../../kernel/ids.ts';
import type { Secret } from '../../kernel/phi.ts';
import { Engine, EngineDied, EngineFailed } from './engine.ts';
import type { OwnKeys } from './engineProtocol.ts';
import { StoreDigest } from './storeDigest.ts';
import { deriveVoiceKeys, unseal } from './voiceKeys.ts';

export type StoreInspection =
  | {
      readonly kind: 'open';
      readonly device: OwnKeys;
      /** The master key of the voice's own identity, as the store knows it; null when it knows none. */
      readonly masterKey: string | null;
    }
  /** Neither the records nor the kept identity open with this passphrase. */
  | { readonly kind: 'passphrase-wrong' }
  /** The passphrase fits, the records do not open: they are damaged. */
  | { readonly kind: 'damaged' };

/** What lies in a voice's store, without starting the voice: nothing is written, nothing is sent. */
export async function inspectStore(voice: {
  readonly user: UserId;
  readonly passphrase: Secret;
  readonly stored: StoredVoice;
}): Promise<StoreInspection> {
  const { user, stored } = voice;
  const keys = await deriveVoiceKeys(voice.passphrase, user);
  const identity = stored.sealedIdentity === null ? null : unseal(keys.seal, user, stored.sealedIdentity) !== null;
  const digest = new StoreDigest(keys.digest, stored.databases);
  const whole = stored.digest === null ? null : Buffer.from(stored.digest).equals(digest.value());
  // One of both is enough to know that the passphrase is right.
  const fits = identity === true || whole === true ? true : identity;
  if (fits === false) return { kind: 'passphrase-wrong' };
  if (whole === false) return { kind: 'damaged' };
  if (stored.deviceId === null) throw new TypeError('a voice without a device');
  const engine = new Engine(
    readOnly(stored),
    { roomKeys: () => undefined, devices: () => undefined },
    digest,
    stored.epoch,
  );
  try {
    await engine.call('open', { user, device: stored.deviceId, key: keys.store, databases: stored.databases });
    const [own] = await engine.call('identities', [user]);
    return { kind: 'open', device: await engine.call('ownKeys'), masterKey: own?.[1] ?? null };
  } catch (error) {
    if (!(error instanceof EngineFailed || error instanceof EngineDied)) throw error;
    const isLocked = error instanceof EngineFailed && error.code === 'wrong-key' && fits === null;
    return { kind: isLocked ? 'passphrase-wrong' : 'damaged' };
  } finally {
    await engine.terminate();
  }
}

/** Takes what the engine writes while it opens, and forgets it. */
function readOnly(stored: StoredVoice): CryptoLease {
  const nothing = async (): Promise<void> => undefined;
  return {
    load: async () => stored,
    apply: async () => stored.epoch,
    startDevice: nothing,
    markReady: nothing,
    saveSealedIdentity: nothing,
    isReplay: async () => false,
    lost: new Promise(() => undefined),
    release: nothing,
  };
}
