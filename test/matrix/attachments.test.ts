import { createDecipheriv, createHash } from 'node:crypto';
import { Phi } from '../../src/kernel/phi.ts';
import { Attachments, encryptAttachment } from '../../src/matrix/attachments.ts';
import { type MatrixResponse, RequestFailed, type RequestOptions } from '../../src/matrix/matrixRequest.ts';

interface Opening {
  readonly key: { readonly k: string };
  readonly iv: string;
  readonly hashes: { readonly sha256: string };
}

/** As a client opens it (Matrix specification, "Sending encrypted attachments"). */
function open(ciphertext: Uint8Array, { key, iv, hashes }: Opening): Buffer {
  if (createHash('sha256').update(ciphertext).digest('base64').replace(/=+$/, '') !== hashes.sha256)
    throw new Error('hash');
  const decipher = createDecipheriv('aes-256-ctr', Buffer.from(key.k, 'base64url'), Buffer.from(iv, 'base64'));
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

const bytes = Buffer.from('Ottis Marlow-Vane, room 12. '.repeat(1_000));

describe('an encrypted attachment', () => {
  it('is opened by what the message says, and by nothing else', () => {
    const { ciphertext, opening } = encryptAttachment(bytes);
    expect(open(ciphertext, opening as unknown as Opening)).toEqual(bytes);
    expect(Buffer.from(ciphertext).includes('Marlow')).toBe(false);
    const spoiled = Uint8Array.from(ciphertext);
    spoiled[7]! ^= 1;
    expect(() => open(spoiled, opening as unknown as Opening)).toThrow('hash');
  });

  it('has a key and a counter of its own each time, the lower half of the counter zero, written as the specification says', () => {
    const [one, other] = [encryptAttachment(bytes).opening, encryptAttachment(bytes).opening] as unknown as Opening[];
    expect([one!.key.k === other!.key.k, one!.iv === other!.iv]).toEqual([false, false]);
    expect(Buffer.from(one!.iv, 'base64').subarray(8)).toEqual(Buffer.alloc(8));
    expect(one).toMatchObject({
      v: 'v2',
      key: {
        kty: 'oct',
        alg: 'A256CTR',
        ext: true,
        key_ops: ['encrypt', 'decrypt'],
        k: expect.stringMatching(/^[\w-]{43}$/),
      },
      iv: expect.stringMatching(/^[A-Za-z0-9+/]{22}$/),
      hashes: { sha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}$/) },
    });
  });

  it('is uploaded without its name and kind, and its message holds what opens it', async () => {
    const sent: RequestOptions[] = [];
    const attachments = new Attachments(async (_method, path, options = {}) => {
      sent.push(options);
      expect(path).toBe('/_matrix/media/v3/upload');
      return { status: 200, body: { content_uri: 'mxc://example/abc' } };
    });
    const uploaded = await attachments.upload('INC-7.pdf', 'application/pdf', new Phi(bytes));
    if (!uploaded.ok) throw new Error('refused');
    const content = uploaded.value.content.reveal() as { file: Opening & { url: string } };
    expect(content).toMatchObject({
      msgtype: 'm.file',
      body: 'INC-7.pdf',
      info: { mimetype: 'application/pdf', size: bytes.length },
    });
    expect([uploaded.value.mxc, content.file.url]).toEqual(['mxc://example/abc', 'mxc://example/abc']);
    expect(open(sent[0]!.bytes!, content.file)).toEqual(bytes);
    expect(JSON.stringify({ ...sent[0], bytes: undefined })).not.toContain('INC-7');
    expect(JSON.stringify(uploaded)).not.toContain('A256CTR');
  });

  it.each<[string, () => Promise<MatrixResponse>, string, string]>([
    ['too large', async () => ({ status: 413, body: { errcode: 'M_TOO_LARGE' } }), 'permanent', 'too-large'],
    ['no answer', () => Promise.reject(new RequestFailed('connection', true)), 'retry', 'homeserver-unreachable'],
    ['nonsense', async () => ({ status: 200, body: {} }), 'retry', 'homeserver-unclear'],
  ])('that the homeserver does not take is a failure: %s', async (_, answer, kind, code) => {
    const uploaded = await new Attachments(answer).upload('x', 'y', new Phi(bytes));
    expect(uploaded).toEqual({ ok: false, error: { kind, code } });
  });
});
