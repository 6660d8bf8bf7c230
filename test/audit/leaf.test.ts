import { randomBytes } from 'node:crypto';
import { commitmentOf } from '../../src/audit/commitment.ts';
import { sha256 } from '../../src/audit/hash.ts';
import { encodeLeaf, isWord, type Leaf, leafBody, parseLeaf } from '../../src/audit/leaf.ts';
import { referenceTo } from '../../src/audit/references.ts';
import { Secret } from '../../src/kernel/phi.ts';

const digest = 'ab'.repeat(32);
const leaf: Leaf = {
  v: 1,
  seq: 3,
  ts: '2026-11-22T08:00:00.000Z',
  logged: '2026-11-22T08:00:00.250Z',
  actor: digest,
  action: 'ticket.accepted',
  outcome: 'ok',
  ticketRef: digest,
  commit: digest,
  class: 'audit',
};
const written = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe('a leaf', () => {
  it('is written with sorted keys and no spaces, and read back as it was', () => {
    expect(Buffer.from(encodeLeaf(leaf)).toString()).toBe(
      `{"action":"ticket.accepted","actor":"${digest}","class":"audit","commit":"${digest}","logged":"2026-11-22T08:00:00.250Z","outcome":"ok","seq":3,"ticketRef":"${digest}","ts":"2026-11-22T08:00:00.000Z","v":1}`,
    );
    expect(parseLeaf(encodeLeaf(leaf))).toEqual({ ok: true, value: leaf });
  });

  it.each([
    ['keys in another order', written(leaf)],
    ['a space', Buffer.concat([Buffer.from(' '), encodeLeaf(leaf)])],
    ['an unknown field', encodeLeaf({ ...leaf, note: 'patient' } as Leaf)],
    ['another version', encodeLeaf({ ...leaf, v: 2 } as unknown as Leaf)],
    ['an id for a reference', encodeLeaf({ ...leaf, actor: '@fenn:example.org' })],
    ['a sentence for an action', encodeLeaf({ ...leaf, action: 'chest pain, call back' })],
    ['a time with an offset', encodeLeaf({ ...leaf, ts: '2026-11-22T08:00:00.000+01:00' })],
    ['a fraction for a number', encodeLeaf({ ...leaf, seq: 1.5 })],
    ['a key twice', Buffer.from(Buffer.from(encodeLeaf(leaf)).toString().replace('{', '{"action":"x",'))],
    ['broken UTF-8', Buffer.concat([encodeLeaf(leaf).subarray(0, -1), Buffer.from([0xff, 0x7d])])],
    ['nothing', Buffer.alloc(0)],
    ['null', Buffer.from('null')],
  ])('is refused with %s', (_, bytes) => {
    expect(parseLeaf(bytes)).toEqual({ ok: false, error: 'malformed' });
  });

  it('is never longer than 65,535 bytes', () => {
    expect(() => encodeLeaf({ ...leaf, action: 'x'.repeat(65_535) })).toThrow(RangeError);
    expect(parseLeaf(Buffer.alloc(65_536, 0x20)).ok).toBe(false);
  });

  it('is not made of anything but references, codes and times', () => {
    const { seq: _seq, logged: _logged, ...body } = leaf;
    expect(leafBody(body)).toEqual(body);
    expect(() => leafBody({ ...body, action: 'Mrs Canary called' })).toThrow(TypeError);
    expect(() => leafBody({ ...body, action: 'Mrs Canary called' })).not.toThrow(/Canary/);
    expect(isWord('no-schedule')).toBe(true);
    expect(isWord('two words')).toBe(false);
    expect(isWord('')).toBe(false);
  });
});

describe('a commitment', () => {
  it('is SHA-256 over 0x02, salt and payload', () => {
    const salt = randomBytes(32);
    const payload = Buffer.from('{"actor":"wardroom"}');
    expect(commitmentOf(salt, payload)).toEqual(sha256(Buffer.concat([Buffer.from([2]), salt, payload])));
    expect(commitmentOf(salt, payload)).not.toEqual(commitmentOf(randomBytes(32), payload));
    expect(() => commitmentOf(salt.subarray(1), payload)).toThrow(TypeError);
  });
});

describe('a reference', () => {
  it('is the same for the same id, and another for another kind, id or key', () => {
    const key = new Secret<Uint8Array>(Buffer.alloc(32, 7));
    const references = [
      referenceTo(key, 'room', '!a'),
      referenceTo(key, 'event', '!a'),
      referenceTo(key, 'room', '!b'),
      referenceTo(new Secret<Uint8Array>(Buffer.alloc(32, 8)), 'room', '!a'),
    ];
    expect(new Set(references).size).toBe(4);
    expect(referenceTo(key, 'room', '!a')).toBe(references[0]);
  });
});
