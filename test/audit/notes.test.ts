import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { checkpointText, openCheckpoint, parseCheckpointText, signCheckpoint } from '../../src/audit/checkpoint.ts';
import { canonicalBytes } from '../../src/audit/commitment.ts';
import { generateLogKey, logSigner, vkeyOf } from '../../src/audit/keys.ts';
import { hashLeaf } from '../../src/audit/merkle.ts';
import { verifyInclusion } from '../../src/audit/proofs.ts';
import { openNote, parseNote, signNote } from '../../src/audit/signedNote.ts';
import { type NoteVerifier, parseVkey } from '../../src/audit/vkey.ts';
import { Secret } from '../../src/kernel/phi.ts';

const verifierOf = (vkey: string): NoteVerifier => {
  const parsed = parseVkey(vkey);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
};

/** The example of the C2SP signed-note specification. */
const specKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const specLine =
  '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
const specNote = `This is an example message.\n\n${specLine}`;

const wardroomKey = 'audit.example.org/wardroom+3a687229+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea';
const logLine =
  '— audit.example.org/wardroom OmhyKZlRXVS2LPy9odyQdVR4yWmKekhcTXdMh/V7eN+VJKgJFz0G9H2y3iQfmPYCgHlPNlOAdrDmPAYUQE1DmenkNA8=\n';
const witnessLine =
  '— witness.example.org/w1 LOMiNAAAAABlU/EAvfSVKwjy3fY/gizSEXzY9LPryuRdeAjbecvJ9sxD0OXLAZ0lsBh5feYj6JAWhwEz4lL/mtk/5kh4wi913iYdCw==\n';
const checkpointBody = 'audit.example.org/wardroom\n13\nwMEonwBgX419h4C59CZMc2zPuEzpFwjCsn5kJr/H2Kg=\n';
const checkpointNote = `${checkpointBody}\n${logLine}${witnessLine}`;

/** RFC 8032 section 7.1, test 1, as PKCS#8. */
const rfc8032 = new Secret(
  `-----BEGIN PRIVATE KEY-----\n${Buffer.from(
    '302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'hex',
  ).toString('base64')}\n-----END PRIVATE KEY-----\n`,
);

describe('signed notes (C2SP signed-note)', () => {
  it('opens the example of the specification', () => {
    expect(openNote(specNote, [verifierOf(specKey)])).toEqual({ ok: true, value: 'This is an example message.\n' });
  });

  it.each([
    ['a changed text', specNote.replace('example message', 'examplE message'), 'bad-signature'],
    ['base64 that is not canonical', specNote.replace('IneyaQM=', 'IneyaQN='), 'malformed'],
    ['another signature', specNote.replace('Uw2QOkn8', 'Uw2QOkn9'), 'bad-signature'],
    ['no signature', 'This is an example message.\n\n', 'malformed'],
    ['no empty line', `This is an example message.\n${specLine}`, 'malformed'],
    ['no newline at the end', specNote.slice(0, -1), 'malformed'],
    ['a hyphen for the dash', specNote.replace('—', '-'), 'malformed'],
    ['a control character', specNote.replace('This', 'Th\u0007is'), 'malformed'],
    ['a carriage return', specNote.replace('message.\n', 'message.\r\n'), 'malformed'],
    ['half a surrogate pair', specNote.replace('This', 'Th\ud800is'), 'malformed'],
    ['a signature of an unknown key only', `text\n\n${witnessLine}`, 'no-known-key'],
    ['more signatures than anybody needs', `text\n\n${witnessLine.repeat(101)}`, 'malformed'],
    ['a megabyte', `${'x'.repeat(1_000_001)}${specNote}`, 'malformed'],
  ])('refuses %s', (_, note, error) => {
    expect(openNote(note, [verifierOf(specKey)])).toEqual({ ok: false, error });
  });

  it('ignores unknown keys, even under the name or the id of a known one', () => {
    const sameName = `— example.com/foo ${Buffer.from(`abcd${'x'.repeat(64)}`).toString('base64')}\n`;
    const sameId = `— example.com/bar ${Buffer.concat([Buffer.from('530d903a', 'hex'), Buffer.alloc(64)]).toString('base64')}\n`;
    expect(openNote(`${specNote}${sameName}${sameId}`, [verifierOf(specKey)]).ok).toBe(true);
  });

  it('refuses a note on which one of several known keys fails', () => {
    const one = logSigner('one.example', generateLogKey());
    const two = logSigner('two.example', generateLogKey());
    const note = signNote('text\n', [one, { ...two, sign: () => Buffer.alloc(64) }]);
    expect(openNote(note, [verifierOf(one.vkey)])).toEqual({ ok: true, value: 'text\n' });
    expect(openNote(note, [verifierOf(one.vkey), verifierOf(two.vkey)])).toEqual({ ok: false, error: 'bad-signature' });
  });

  it('takes the last empty line for the end of the text', () => {
    const signer = logSigner('one.example', generateLogKey());
    const text = 'first\n\n— one.example abcd\n';
    expect(openNote(signNote(text, [signer]), [verifierOf(signer.vkey)])).toEqual({ ok: true, value: text });
  });

  it('signs no text that it could not read back', () => {
    const signer = logSigner('one.example', generateLogKey());
    for (const text of ['no newline', 'tab\t\n', 'half \ud800\n'])
      expect(() => signNote(text, [signer])).toThrow(TypeError);
    expect(() => signNote('nobody signs\n', [])).toThrow(TypeError);
  });

  it('keeps sixteen signatures and one of five kilobytes apart', () => {
    const long = `— long.example ${Buffer.alloc(5_000).toString('base64')}\n`;
    const parsed = parseNote(`text\n\n${long}${witnessLine.repeat(15)}`);
    expect(parsed.ok && parsed.value.signatures.map(({ signature }) => signature.length)).toEqual([
      4_996,
      ...Array(15).fill(72),
    ]);
  });
});

describe('verification keys', () => {
  it('come out of the private key as in the reference vector', () => {
    expect(logSigner('audit.example.org/wardroom', rfc8032).vkey).toBe(wardroomKey);
  });

  it.each([
    ['another name', wardroomKey.replace('audit', 'audix'), 'wrong-key-id'],
    ['another id', wardroomKey.replace('3a687229', '3a687228'), 'wrong-key-id'],
    ['another key', wardroomKey.replace('AddamAG', 'AddamAH'), 'wrong-key-id'],
    ['an empty name', wardroomKey.replace('audit.example.org/wardroom', ''), 'malformed'],
    ['a space in the name', wardroomKey.replace('audit.', 'audit '), 'malformed'],
    ['no key', 'audit.example.org/wardroom+3a687229', 'malformed'],
    ['base64 that is not canonical', `${wardroomKey}=`, 'malformed'],
    [
      'a cosignature key (type 4)',
      'witness.example.org/w1+2ce32234+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM',
      'unknown-algorithm',
    ],
  ])('are refused with %s', (_, vkey, error) => {
    expect(parseVkey(vkey)).toEqual({ ok: false, error });
  });

  it('are made of Ed25519 keys and proper names only', () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = new Secret(ec.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    expect(() => vkeyOf('a.example', ec.publicKey)).toThrow(TypeError);
    expect(() => logSigner('a.example', pem)).toThrow(TypeError);
    expect(() => logSigner('a.example', new Secret('no key'))).toThrow(TypeError);
    expect(() => vkeyOf('a b', createPublicKey(rfc8032.reveal()))).toThrow(TypeError);
  });

  it('never show the private key', () => {
    expect(String(generateLogKey())).toBe('[secret]');
    expect(generateLogKey().reveal()).not.toBe(generateLogKey().reveal());
  });
});

describe('checkpoints (C2SP tlog-checkpoint)', () => {
  it('opens the reference checkpoint, whose root holds entry 5, and ignores its witness', () => {
    const opened = openCheckpoint(checkpointNote, verifierOf(wardroomKey));
    if (!opened.ok) throw new Error(opened.error);
    const { origin, size, root } = opened.value;
    expect({ origin, size }).toEqual({ origin: 'audit.example.org/wardroom', size: 13 });
    const proof = [
      'SFM123z+yWXxX/dF/GJcQdXqJkaTaTAWWCj3PdS2iFQ=',
      '/w4ywg/2W5esELOyZ3uHKqPVoCh9lFesukflfPSkpz8=',
      'l5nzB1F+9RfCIF35tndivzR1ayAJn7ffzOdrzr0nOy4=',
      'ptHeE8xxqg97JCQwB7g6+9U/EkhyVHQq0jihTdMoi3Y=',
    ].map((text) => Buffer.from(text, 'base64'));
    expect(verifyInclusion({ leafHash: hashLeaf(Buffer.from('entry 5')), index: 5, size, root, proof })).toBe(true);
  });

  it('signs it byte for byte the same', () => {
    const root = Buffer.from('wMEonwBgX419h4C59CZMc2zPuEzpFwjCsn5kJr/H2Kg=', 'base64');
    const signer = logSigner('audit.example.org/wardroom', rfc8032);
    expect(signCheckpoint({ size: 13, root }, signer)).toBe(`${checkpointBody}\n${logLine}`);
  });

  it('refuses the reference checkpoint with another size, root, origin or key', () => {
    const key = verifierOf(wardroomKey);
    expect(openCheckpoint(checkpointNote.replace('\n13\n', '\n14\n'), key)).toEqual({
      ok: false,
      error: 'bad-signature',
    });
    expect(openCheckpoint(checkpointNote.replace('wMEon', 'wMEom'), key)).toEqual({
      ok: false,
      error: 'bad-signature',
    });
    expect(openCheckpoint(checkpointNote, verifierOf(specKey))).toEqual({ ok: false, error: 'no-known-key' });
  });

  it("refuses another log's checkpoint under our signature", () => {
    const signer = logSigner('one.example', generateLogKey());
    const other = checkpointText({ origin: 'two.example', size: 0, root: Buffer.alloc(32) });
    expect(openCheckpoint(signNote(other, [signer]), verifierOf(signer.vkey))).toEqual({
      ok: false,
      error: 'other-origin',
    });
  });

  it.each([
    ['a leading zero', 'o\n013\nROOT\n'],
    ['a negative size', 'o\n-1\nROOT\n'],
    ['a size that is no number', 'o\n1e3\nROOT\n'],
    ['a size beyond 2^53', 'o\n9007199254740993\nROOT\n'],
    ['a short root', 'o\n1\nAAAA\n'],
    ['no root', 'o\n1\n'],
    ['no origin', '\n1\nROOT\n'],
    ['an empty extension line', 'o\n1\nROOT\n\n'],
    ['no last newline', 'o\n1\nROOT'],
  ])('refuses %s', (_, text) => {
    const whole = text.replace('ROOT', Buffer.alloc(32).toString('base64'));
    expect(parseCheckpointText(whole)).toEqual({ ok: false, error: 'not-a-checkpoint' });
  });

  it('passes over extension lines', () => {
    const text = `o\n1\n${Buffer.alloc(32).toString('base64')}\nextension\n`;
    expect(parseCheckpointText(text).ok).toBe(true);
  });
});

describe('canonical JSON (RFC 8785)', () => {
  it('writes the sample of the RFC', () => {
    const sample = `{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}`;
    expect(Buffer.from(canonicalBytes(JSON.parse(sample))).toString()).toBe(
      `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA'B\\"\\\\\\\\\\"/"}`,
    );
  });

  it('refuses what JSON cannot hold', () => {
    expect(() => canonicalBytes(undefined)).toThrow();
    expect(() => canonicalBytes({ n: Number.NaN })).toThrow();
  });
});
