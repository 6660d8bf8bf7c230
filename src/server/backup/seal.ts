/** Compression and encryption of a backup: gzip inside age (C2SP, age-encryption.org/v1), which finds every change and a cut end. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { ensureSecretFile, readSecretFile, SecretFileError } from '../secretFile.ts';
import { BackupUnreadable } from './format.ts';

const IDENTITY = /^AGE-SECRET-KEY-1[A-Z0-9]+$/;
const RECIPIENT = /^age1[a-z0-9]+$/;

/** Makes a key file as `age-keygen` does, and returns the public key. Refuses a file that is there already. */
export async function makeKeyFile(path: string): Promise<string> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const text = `# key of Wardroom's backups; whoever has this file can read them\n# public key: ${recipient}\n${identity}`;
  if (ensureSecretFile(path, () => text).reveal() !== text)
    throw new SecretFileError('malformed', path, 'is there already; it was left as it is');
  return recipient;
}

/** Whom to encrypt for: the file holds the key itself, or only the public one, so that the machine cannot read its own backups. */
export async function recipientIn(path: string): Promise<string> {
  const key = keyIn(path);
  return RECIPIENT.test(key) ? key : identityToRecipient(key);
}

function keyIn(path: string): string {
  const lines = readSecretFile(path).reveal().split('\n');
  const key = lines.map((line) => line.trim()).find((line) => line !== '' && !line.startsWith('#')) ?? '';
  if (!IDENTITY.test(key) && !RECIPIENT.test(key))
    throw new SecretFileError('malformed', path, 'must hold an age key (AGE-SECRET-KEY-1...) or public key (age1...)');
  return key;
}

/** The encrypted bytes of what `plain` gives. */
export async function sealed(plain: Readable, keyFile: string): Promise<Readable> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(await recipientIn(keyFile));
  const gzip = createGzip({ level: 6 });
  plain.on('error', (error) => gzip.destroy(error));
  const encrypted = await encrypter.encrypt(Readable.toWeb(plain.pipe(gzip)) as ReadableStream<Uint8Array>);
  return Readable.fromWeb(encrypted as Parameters<typeof Readable.fromWeb>[0]);
}

/** What was sealed. Reading it throws BackupUnreadable when a byte was changed, the end is missing, or the key does not fit. */
export async function* unsealed(file: string, keyFile: string): AsyncGenerator<Uint8Array> {
  const identity = keyIn(keyFile);
  if (!IDENTITY.test(identity))
    throw new SecretFileError('malformed', keyFile, 'holds only the public key: reading a backup needs the key itself');
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const source = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
  try {
    const gunzip = createGunzip();
    const plain = Readable.fromWeb((await decrypter.decrypt(source)) as Parameters<typeof Readable.fromWeb>[0]);
    plain.on('error', (error) => gunzip.destroy(error));
    yield* plain.pipe(gunzip);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    // The file system's own answers; everything else is about the bytes.
    if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) throw error;
    throw new BackupUnreadable('it cannot be decrypted: another key, or damaged');
  }
}
