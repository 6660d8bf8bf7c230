import { Secret } from '../../../src/kernel/phi.ts';
import { messageIndex } from '../../../src/matrix/crypto/messageIndex.ts';
import { addReaders, readersOf, readersRecord } from '../../../src/matrix/crypto/readers.ts';
import { ReadWriteLock } from '../../../src/matrix/crypto/readWriteLock.ts';
import { deriveVoiceKeys, seal, unseal } from '../../../src/matrix/crypto/voiceKeys.ts';

describe('keys', () => {
  it('are the same for the same passphrase and voice, and differ by voice, use and passphrase', async () => {
    const [one, again, other, changed] = await Promise.all([
      deriveVoiceKeys(new Secret('first'), '@a:test'),
      deriveVoiceKeys(new Secret('first\n'), '@a:test'),
      deriveVoiceKeys(new Secret('first'), '@b:test'),
      deriveVoiceKeys(new Secret('second'), '@a:test'),
    ]);
    expect(one).toEqual(again);
    const all = [one, other, changed].flatMap(({ store, seal: sealing }) => [store, sealing]);
    expect(all.every((key) => key.length === 32)).toBe(true);
    expect(new Set(all.map((key) => Buffer.from(key).toString('hex'))).size).toBe(6);
  });

  it('a sealed text opens only with its key, for its voice, and unchanged', async () => {
    const { seal: key, store: otherKey } = await deriveVoiceKeys(new Secret('first'), '@a:test');
    const sealed = seal(key, '@a:test', 'private keys');
    expect(Buffer.from(sealed).includes('private')).toBe(false);
    expect(unseal(key, '@a:test', sealed)).toBe('private keys');
    expect(unseal(otherKey, '@a:test', sealed)).toBeNull();
    expect(unseal(key, '@b:test', sealed)).toBeNull();
    for (let at = 0; at < sealed.length; at++) {
      const bent = Uint8Array.from(sealed);
      bent[at]! ^= 1;
      expect(unseal(key, '@a:test', bent)).toBeNull();
    }
    expect(unseal(key, '@a:test', sealed.subarray(0, 20))).toBeNull();
  });
});

describe('message index', () => {
  const text = (...bytes: number[]): string => Buffer.from([...bytes, ...Array(20).fill(0x12)]).toString('base64');
  it.each([
    [text(3, 8, 0), 0],
    [text(3, 8, 0x7f), 127],
    [text(3, 8, 0x80, 1), 128],
    [text(3, 8, 0xff, 0xff, 0xff, 0xff, 0x0f), 2 ** 32 - 1],
    [text(2, 8, 0), null],
    [text(3, 0x12, 0), null],
    [text(3, 8, 0x80, 0x80, 0x80, 0x80, 0x80, 1), null],
    ['', null],
    ['AwiA', null],
    ['not base64 !', null],
  ])('%s is %s', (ciphertext, index) => expect(messageIndex(ciphertext)).toBe(index));
});

describe('readers', () => {
  const request = (type: string, messages: object) => ({
    id: 'x',
    type: 3,
    method: 'PUT' as const,
    path: `/_matrix/client/v3/sendToDevice/${type}/t`,
    body: JSON.stringify({ messages }),
  });
  it('are the devices that are sent the key, not those told that they will not get it', () => {
    const readers = readersOf(request('m.room.encrypted', { '@a:test': { A1: {}, A2: {} } }));
    addReaders(readers, readersOf(request('m.room_key.withheld', { '@b:test': { B1: {} } })));
    addReaders(readers, readersOf(request('m.room.encrypted', { '@a:test': { A3: {} }, '@c:test': { C1: {} } })));
    expect(readersRecord(readers)).toEqual({ '@a:test': ['A1', 'A2', 'A3'], '@c:test': ['C1'] });
  });
});

describe('lock', () => {
  it('lets shared work overlap, runs exclusive work alone, and survives failures', async () => {
    const lock = new ReadWriteLock();
    const log: string[] = [];
    const gates = new Map<string, () => void>();
    const work = (name: string) => () => {
      log.push(`+${name}`);
      return new Promise<void>((resolve) => {
        gates.set(name, () => {
          log.push(`-${name}`);
          resolve();
        });
      });
    };
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const all = [lock.shared(work('a')), lock.shared(work('b')), lock.exclusive(work('x')), lock.shared(work('c'))];
    await turn();
    expect(log).toEqual(['+a', '+b']);
    gates.get('b')!();
    await turn();
    gates.get('a')!();
    await turn();
    expect(log).toEqual(['+a', '+b', '-b', '-a', '+x']);
    gates.get('x')!();
    await turn();
    expect(log.at(-1)).toBe('+c');
    gates.get('c')!();
    await Promise.all(all);
    await expect(lock.exclusive(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(lock.shared(() => Promise.resolve(1))).resolves.toBe(1);
  });
});
