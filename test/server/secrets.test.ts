import { createPublicKey, sign, verify } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { serviceId } from '../../src/kernel/ids.ts';
import { remindersApiToken } from '../../src/server/remindersApi.ts';
import { rolesApiToken } from '../../src/server/rolesApi.ts';
import { ensureSecretFile, readSecretFile, SecretFileError } from '../../src/server/secretFile.ts';
import { openSecrets, type Secrets } from '../../src/server/secrets.ts';

const KESTREL = serviceId('kestrel');
let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'wardroom-secrets-')), 'secrets');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true }));

const all = (secrets: Secrets) => ({
  'crypto.passphrase': secrets.cryptoPassphrase(),
  'key-encryption.key': secrets.keyEncryptionKey(),
  'reference.key': secrets.referenceKey(),
  'audit-log.pem': secrets.auditLogKey(),
  'service-kestrel.token': secrets.serviceToken(KESTREL),
  'service-kestrel.whsec': secrets.serviceCallbackSecret(KESTREL),
  'reminders-api.token': secrets.remindersApiToken(),
  'roles-api.token': secrets.rolesApiToken(),
});
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof SecretFileError) return error.code;
    throw error;
  }
  return 'no error';
};

describe('the secrets', () => {
  it('are made once, one file each, for their owner alone', () => {
    const made = all(openSecrets(dir, { create: true }));
    expect(readdirSync(dir).sort()).toEqual(Object.keys(made).sort());
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const name of Object.keys(made)) expect(statSync(join(dir, name)).mode & 0o777).toBe(0o600);
    const before = Object.keys(made).map((name) => readFileSync(join(dir, name), 'utf8'));
    all(openSecrets(dir, { create: true }));
    all(openSecrets(dir, { create: false }));
    expect(Object.keys(made).map((name) => readFileSync(join(dir, name), 'utf8'))).toEqual(before);
    expect(new Set(before).size).toBe(before.length);
  });

  it('are of the right kind and length', () => {
    const secrets = openSecrets(dir, { create: true });
    expect(secrets.keyEncryptionKey().reveal()).toHaveLength(32);
    expect(secrets.referenceKey().reveal()).toHaveLength(32);
    expect(secrets.serviceCallbackSecret(KESTREL).reveal()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(secrets.serviceToken(KESTREL).reveal()).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const key = secrets.auditLogKey().reveal();
    const signature = sign(null, Buffer.from('checkpoint'), key);
    expect(verify(null, Buffer.from('checkpoint'), createPublicKey(key), signature)).toBe(true);
  });

  it('print nothing of themselves', () => {
    for (const [name, secret] of Object.entries(all(openSecrets(dir, { create: true })))) {
      const content = readFileSync(join(dir, name), 'utf8').trim().split('\n').at(-1)!;
      const printed = `${secret}${JSON.stringify({ secret })}${inspect(secret, { depth: 9, showHidden: true })}`;
      expect(printed).not.toContain(content.slice(0, 12));
    }
  });

  it('are missed when they are gone, not replaced', () => {
    const secrets = openSecrets(dir, { create: false });
    expect(codeOf(() => secrets.cryptoPassphrase())).toBe('missing');
    expect(() => readdirSync(dir)).toThrow();
  });

  it.each([0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o610])(
    'are refused with mode %o, with the remedy and without the content',
    (mode) => {
      mkdirSync(dir);
      const path = join(dir, 'crypto.passphrase');
      writeFileSync(path, 'CNRY-passphrase');
      chmodSync(path, mode);
      for (const create of [true, false]) {
        const work = () => openSecrets(dir, { create }).cryptoPassphrase();
        expect(codeOf(work)).toBe('readable-by-others');
        expect(work).toThrow(`chmod 600 ${path}`);
        expect(work).not.toThrow('CNRY');
      }
    },
  );

  it('are judged by the file itself when a link leads to it', () => {
    mkdirSync(dir);
    writeFileSync(join(dir, 'elsewhere'), 'content', { mode: 0o644 });
    chmodSync(join(dir, 'elsewhere'), 0o644);
    symlinkSync('elsewhere', join(dir, 'crypto.passphrase'));
    expect(codeOf(() => openSecrets(dir, { create: true }).cryptoPassphrase())).toBe('readable-by-others');
    chmodSync(join(dir, 'elsewhere'), 0o400);
    expect(openSecrets(dir, { create: true }).cryptoPassphrase().reveal()).toBe('content');
  });

  it.each([
    ['crypto.passphrase', '\n', 'empty', (secrets: Secrets) => secrets.cryptoPassphrase()],
    ['key-encryption.key', 'c2hvcnQ=', 'malformed', (secrets: Secrets) => secrets.keyEncryptionKey()],
    [
      'audit-log.pem',
      '-----BEGIN PRIVATE KEY-----\nCNRY\n-----END PRIVATE KEY-----',
      'malformed',
      (secrets: Secrets) => secrets.auditLogKey(),
    ],
    [
      'service-kestrel.token',
      'two words which are long',
      'malformed',
      (secrets: Secrets) => secrets.serviceToken(KESTREL),
    ],
    ['service-kestrel.token', 'short', 'malformed', (secrets: Secrets) => secrets.serviceToken(KESTREL)],
    ['roles-api.token', 'short', 'malformed', (secrets: Secrets) => secrets.rolesApiToken()],
    [
      'service-kestrel.whsec',
      'whsec_c2hvcnQ=',
      'malformed',
      (secrets: Secrets) => secrets.serviceCallbackSecret(KESTREL),
    ],
  ])('are refused when %s is %j', (name, content, code, read) => {
    mkdirSync(dir);
    writeFileSync(join(dir, name), content, { mode: 0o600 });
    const work = () => read(openSecrets(dir, { create: true }));
    expect(codeOf(work)).toBe(code);
    expect(work).not.toThrow('CNRY');
    expect(readFileSync(join(dir, name), 'utf8')).toBe(content);
  });

  it('of roles is refused when it is the token of a service: that one would open roles, too', () => {
    const secrets = openSecrets(dir, { create: true });
    expect(rolesApiToken(secrets, [KESTREL], dir)).toBe(secrets.rolesApiToken());
    writeFileSync(join(dir, 'roles-api.token'), secrets.serviceToken(KESTREL).reveal(), { mode: 0o600 });
    expect(codeOf(() => rolesApiToken(openSecrets(dir, { create: false }), [KESTREL], dir))).toBe('malformed');
  });

  it('of reminders is refused when it opens something else, too', () => {
    const secrets = openSecrets(dir, { create: true });
    const config = { roles_api: { enabled: true, requests_per_minute: 1 }, secrets_dir: dir };
    expect(remindersApiToken(secrets, [KESTREL], config)).toBe(secrets.remindersApiToken());
    for (const other of [secrets.serviceToken(KESTREL), secrets.rolesApiToken()]) {
      writeFileSync(join(dir, 'reminders-api.token'), other.reveal(), { mode: 0o600 });
      const work = () => remindersApiToken(openSecrets(dir, { create: false }), [KESTREL], config);
      expect(codeOf(work)).toBe('malformed');
    }
  });

  it('never leave their directory', () => {
    expect(() => openSecrets(dir, { create: true }).serviceToken(serviceId('../../etc/x'))).toThrow(RangeError);
  });

  it('are refused when a directory stands in their place', () => {
    mkdirSync(join(dir, 'crypto.passphrase'), { recursive: true, mode: 0o700 });
    expect(codeOf(() => readSecretFile(join(dir, 'crypto.passphrase')))).toBe('unreadable');
  });
});

describe('a secret file that many make at once', () => {
  it('is the same for all of them, and nothing else is left behind', async () => {
    const path = join(dir, 'raced');
    const module = JSON.stringify(new URL('../../src/server/secretFile.ts', import.meta.url).href);
    const code = `const { parentPort, workerData } = require('node:worker_threads');
      import(${module}).then(({ ensureSecretFile }) => {
        parentPort.on('message', () => { parentPort.postMessage(ensureSecretFile(workerData.path, () => 'from-' + workerData.n).reveal()); parentPort.close(); });
        parentPort.postMessage('ready');
      });`;
    const workers = Array.from({ length: 4 }, (_, n) => new Worker(code, { eval: true, workerData: { path, n } }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const answers = workers.map((worker) => once(worker, 'message'));
    for (const worker of workers) worker.postMessage('go');
    const contents = (await Promise.all(answers)).map(([content]) => content);
    expect(new Set(contents).size).toBe(1);
    expect(ensureSecretFile(path, () => 'late').reveal()).toBe(contents[0]);
    expect(readdirSync(dir)).toEqual(['raced']);
  });
});
