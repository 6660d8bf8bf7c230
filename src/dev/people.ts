import { createHmac } from 'node:crypto';
import type { MatrixError } from 'matrix-js-sdk';
import { type Account, logIn, registerAccount, request } from './admin.ts';
import { randomSecret, readIfThere, writeAtomic } from './files.ts';
import { cryptoClient } from './matrixClient.ts';

/** Somebody with an account on the embedded homeserver. */
export interface EmbeddedPerson {
  readonly userId: string;
  readonly password: string;
  /** Opens the secret storage that holds the cross-signing keys. */
  readonly recoveryKey: string;
  /** Only for the administrator: a device for the admin API. */
  readonly accessToken?: string;
}

export interface PeopleOptions {
  readonly url: string;
  readonly sharedSecret: string;
  /** What is remembered between runs, by local part (mode 0600). */
  readonly file: string;
  readonly localparts: readonly string[];
  /** Local part of the server administrator. */
  readonly admin: string;
  readonly progress?: (line: string) => void;
}

/** How many people are set up at once: the homeserver, not this process, is the limit. */
const AT_ONCE = 4;

/** What is kept between runs. Passwords are derived from the seed, so that a set-up cut short can be taken up again. */
interface Remembered {
  readonly seed: string;
  readonly people: Record<string, EmbeddedPerson>;
}

/**
 * Sees to it that every local part has an account with a generated password, a cross-signing identity, and secret
 * storage under a recovery key. The device used for that is gone afterwards: a device that nobody has would get keys and
 * make a message look delivered. What was done in an earlier run is not done again.
 */
export async function ensurePeople(options: PeopleOptions): Promise<ReadonlyMap<string, EmbeddedPerson>> {
  const remembered = JSON.parse((await readIfThere(options.file)) ?? 'null') as Remembered | null;
  const { seed, people } = remembered ?? { seed: randomSecret(), people: {} };
  const save = (): Promise<void> => writeAtomic(options.file, `${JSON.stringify({ seed, people }, null, 2)}\n`);
  if (remembered === null) await save();
  const missing = [...new Set([options.admin, ...options.localparts])].filter((name) => !Object.hasOwn(people, name));
  if (missing.length > 0) options.progress?.(`making ${missing.length} people with their cross-signing identities`);
  let saving = Promise.resolve();
  const worker = async (): Promise<void> => {
    for (let name = missing.shift(); name !== undefined; name = missing.shift()) {
      people[name] = await makePerson(
        options,
        name,
        createHmac('sha256', seed).update(name).digest('hex').slice(0, 48),
      );
      saving = saving.then(save);
      await saving;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return new Map(Object.entries(people));
}

async function makePerson(options: PeopleOptions, localpart: string, password: string): Promise<EmbeddedPerson> {
  const { url } = options;
  const admin = localpart === options.admin;
  const account = await registerAccount(url, options.sharedSecret, { localpart, password, admin });
  const recoveryKey = await giveIdentity(url, account, password);
  await request('POST', `${url}/_matrix/client/v3/logout/all`, { token: account.accessToken, body: {} });
  const person = { userId: account.userId, password, recoveryKey };
  if (!admin) return person;
  return { ...person, accessToken: (await logIn(url, account.userId, password, 'administration')).accessToken };
}

/** Makes the cross-signing keys and puts their private parts into new secret storage; returns its recovery key. */
async function giveIdentity(url: string, account: Account, password: string): Promise<string> {
  let key: Uint8Array<ArrayBuffer> | null = null;
  const client = await cryptoClient({ url, ...account, storageKey: () => key });
  try {
    const crypto = client.getCrypto()!;
    await crypto.bootstrapCrossSigning({
      setupNewCrossSigning: true,
      authUploadDeviceSigningKeys: async (upload) => {
        const identifier = { type: 'm.id.user', user: account.userId };
        // The first keys of an account need no password (MSC3967); those of a set-up taken up again do.
        await upload(null).catch((error: MatrixError) =>
          upload({ type: 'm.login.password', identifier, password, session: error.data.session }),
        );
      },
    });
    const recovery = await crypto.createRecoveryKeyFromPassphrase();
    key = recovery.privateKey;
    await crypto.bootstrapSecretStorage({ createSecretStorageKey: async () => recovery, setupNewSecretStorage: true });
    return recovery.encodedPrivateKey!;
  } finally {
    client.stopClient();
  }
}
