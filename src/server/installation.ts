/** Whether the database, the secrets and the configuration belong together. */
import { createHash, createPublicKey } from 'node:crypto';
import { vkeyOf } from '../audit/keys.ts';
import { passphraseOpens } from '../matrix/index.ts';
import { keyFingerprint } from '../postgres/contentKeys.ts';
import type { Queryable } from '../postgres/database.ts';
import {
  claimInstallation,
  type Installation,
  readInstallation,
  sealedIdentities,
  wrappedBy,
} from '../postgres/installation.ts';
import { CommandError, exitCode } from './cli/exit.ts';
import type { Config } from './config/index.ts';
import type { Secrets } from './secrets.ts';

/** Something that is not of this installation, and what to do. Never holds a secret. */
export interface Stranger {
  readonly code: 'server-name' | 'key' | 'passphrase';
  readonly what: string;
  readonly remedy: string;
}

/** What this configuration and these secrets say of the installation. */
export function installationOf(config: Config, secrets: Secrets): Omit<Installation, 'id'> {
  const reference = createHash('sha256').update('wardroom reference').update(secrets.referenceKey().reveal());
  return {
    serverName: config.homeserver.server_name,
    fingerprints: {
      'key-encryption.key': keyFingerprint(secrets.keyEncryptionKey()),
      'reference.key': reference.digest('hex').slice(0, 16),
      'audit-log.pem': vkeyOf(config.audit.origin, createPublicKey(secrets.auditLogKey().reveal())),
    },
  };
}

/** What of it does not fit what the database was made with. Looks only. */
export async function strangersIn(
  db: Queryable,
  mine: Omit<Installation, 'id'>,
  theirs: Installation | null,
  passphrase: ReturnType<Secrets['cryptoPassphrase']>,
): Promise<readonly Stranger[]> {
  // Nothing else of it will fit.
  if (theirs !== null && theirs.serverName !== mine.serverName)
    return [
      {
        code: 'server-name',
        what: `the database is of ${theirs.serverName}, the configuration of ${mine.serverName}`,
        remedy: 'correct homeserver.server_name, or name the database of this installation in database.url_file',
      },
    ];
  const strangers: Stranger[] = [];
  const wrapping = await wrappedBy(db);
  const key = 'key-encryption.key';
  for (const [name, fingerprint] of Object.entries(mine.fingerprints)) {
    const isOther = theirs !== null && theirs.fingerprints[name] !== fingerprint;
    if (isOther || (name === key && wrapping.some((one) => one !== fingerprint)))
      strangers.push({
        code: 'key',
        what: `what is in the database was made with another ${name}`,
        remedy: `put the right ${name} back from the backup (wardroom restore), or name the database that belongs to it; audit.origin never changes`,
      });
  }
  const sealed = await sealedIdentities(db);
  const opens = await Promise.all(sealed.map(({ voice, sealed: bytes }) => passphraseOpens(passphrase, voice, bytes)));
  // One that does not open may be damaged; of which the voice itself tells.
  if (opens.length > 0 && !opens.includes(true))
    strangers.push({
      code: 'passphrase',
      what: 'crypto.passphrase does not open the keys of the voices',
      remedy: 'put the right crypto.passphrase back from the backup (wardroom restore); nothing was changed',
    });
  return strangers;
}

/** Writes at the first start which installation this is; refuses to go on with what is of another. */
export async function requireOwnInstallation(db: Queryable, config: Config, secrets: Secrets): Promise<void> {
  const mine = installationOf(config, secrets);
  const passphrase = secrets.cryptoPassphrase();
  const look = async (theirs: Installation | null): Promise<void> => {
    const strangers = await strangersIn(db, mine, theirs, passphrase);
    if (strangers.length > 0)
      throw new CommandError(exitCode.usage, strangers.map(({ what, remedy }) => `${what}: ${remedy}`).join('\n'));
  };
  // Not claimed before it was looked at: a database from before there were claims may be of another installation.
  await look(await readInstallation(db));
  await look(await claimInstallation(db, mine));
}
