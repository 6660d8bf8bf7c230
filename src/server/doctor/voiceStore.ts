import type { UserId } from '../../kernel/ids.ts';
import { epochAtHomeserver, inspectStore } from '../../matrix/crypto/index.ts';
import { SecretFileError } from '../secretFile.ts';
import { openSecrets, type Secrets } from '../secrets.ts';
import { type Finding, fault, type Patient } from './finding.ts';

/** What the homeserver shows of a voice: its device's public keys and its identity's master key. */
export interface ShownKeys {
  readonly ed25519: string | undefined;
  readonly curve25519: string | undefined;
  readonly masterKey: string | undefined;
}

/** Opens one voice's store after the other with the crypto passphrase, and compares it with what the homeserver shows. */
export class VoiceStores {
  readonly #patient: Pick<Patient, 'storeOf' | 'config' | 'place' | 'asUser'>;
  readonly #passphrase: ReturnType<Secrets['cryptoPassphrase']> | null;

  constructor(patient: Pick<Patient, 'storeOf' | 'config' | 'place' | 'asUser'>) {
    this.#patient = patient;
    this.#passphrase = passphraseOf(patient.config.secrets_dir);
  }

  /** Null when nothing is wrong with it, or it cannot be looked at, which others have said. */
  async problemOf(user: UserId, shown: ShownKeys): Promise<Finding | null> {
    const { storeOf, place, asUser } = this.#patient;
    // Asked before the store is read: one that is in use moves on meanwhile.
    const told = asUser && (await epochAtHomeserver(asUser(user), user).catch(() => null));
    const stored = this.#passphrase && (await storeOf(user));
    if (!stored || !this.#passphrase || stored.deviceId === null) return null;
    if (told !== null && told > stored.epoch)
      return fault(
        'voices',
        `${user}: the database was set back in time, the homeserver has seen more of its device`,
        'restart Wardroom: it makes a new, signed device; what happened since is not in the database',
      );
    const restore = 'put the database back from the backup, or restart Wardroom without it: a new device is made';
    if (stored.databases.every(({ records }) => records.length === 0))
      return fault('voices', `${user}: its crypto store is empty`, 'restart Wardroom: it makes a new, signed device');
    const opened = await inspectStore({ user, passphrase: this.#passphrase, stored });
    if (opened.kind === 'passphrase-wrong')
      return fault(
        'crypto-passphrase',
        `crypto.passphrase does not open the store of ${user}`,
        `put back the file this database was written with: ${place('secrets_dir')}; nothing is thrown away meanwhile`,
      );
    if (opened.kind === 'damaged') return fault('voices', `${user}: its crypto store is damaged`, restore);
    const { device, masterKey } = opened;
    if (device.ed25519 !== shown.ed25519 || device.curve25519 !== shown.curve25519)
      return fault(
        'voices',
        `${user}: the homeserver has other keys of its device than its crypto store`,
        'stop the other installation that speaks as it, if there is one; restart Wardroom: it makes a new device',
      );
    if (masterKey !== null && masterKey !== shown.masterKey)
      return fault(
        'voices',
        `${user}: its identity at the homeserver is not the one people verified`,
        'find out who replaced it; restart Wardroom: it makes an identity again, which people must verify anew',
      );
    return null;
  }
}

function passphraseOf(directory: string): ReturnType<Secrets['cryptoPassphrase']> | null {
  try {
    return openSecrets(directory, { create: false }).cryptoPassphrase();
  } catch (error) {
    if (error instanceof SecretFileError) return null;
    throw error;
  }
}
