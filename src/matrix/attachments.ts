import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { Phi } from '../kernel/phi.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import { failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';

/** A file of this size takes a while on a slow line. */
const UPLOAD_TIMEOUT_MS = 120_000;

/** A file that is at the homeserver, encrypted, and the message by which others can open it. */
export interface UploadedAttachment {
  readonly mxc: string;
  /** `m.file`; it holds the key: only ever sent encrypted. */
  readonly content: Phi<Record<string, unknown>>;
}

/**
 * Encrypted attachments (Matrix specification, "Sending encrypted attachments"): the homeserver stores bytes that it cannot read, and neither their
 * name nor their kind.
 */
export class Attachments {
  readonly #request: MatrixRequest;

  /** `request`: in the name of whoever uploads. */
  constructor(request: MatrixRequest) {
    this.#request = request;
  }

  /** An upload whose answer was lost stays at the homeserver as bytes whose key nobody has. */
  async upload(name: string, type: string, file: Phi<Uint8Array>): Promise<Result<UploadedAttachment, PortFailure>> {
    const bytes = file.reveal();
    const { ciphertext, opening } = encryptAttachment(bytes);
    const sent = await this.#send(ciphertext);
    if (!sent.ok) return sent;
    const content = new Phi({
      msgtype: 'm.file',
      body: name,
      filename: name,
      info: { mimetype: type, size: bytes.length },
      file: { ...opening, url: sent.value },
      'm.mentions': {},
    });
    return ok({ mxc: sent.value, content });
  }

  async #send(bytes: Uint8Array): Promise<Result<string, PortFailure>> {
    try {
      const response = await this.#request('POST', '/_matrix/media/v3/upload', { bytes, timeoutMs: UPLOAD_TIMEOUT_MS });
      if (response.status !== 200) return err(failureOf(response));
      const uri = (response.body as { content_uri?: unknown } | null)?.content_uri;
      return typeof uri === 'string' && uri.startsWith('mxc://')
        ? ok(uri)
        : err({ kind: 'retry', code: 'homeserver-unclear' });
    } catch (error) {
      // What was stored without our knowing can be read by nobody: uploading again does no harm.
      return err(failureOfError(error, true));
    }
  }
}

/** AES-256 in counter mode, with a key and a counter of its own for each file; `opening` is the `file` of the message without its `url`. */
export function encryptAttachment(bytes: Uint8Array): {
  readonly ciphertext: Uint8Array;
  readonly opening: Readonly<Record<string, unknown>>;
} {
  const key = randomBytes(32);
  // The lower half counts blocks: with zeros there it never overflows into the upper one.
  const iv = Buffer.concat([randomBytes(8), Buffer.alloc(8)]);
  const cipher = createCipheriv('aes-256-ctr', key, iv);
  const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return {
    ciphertext,
    opening: {
      v: 'v2',
      key: { kty: 'oct', alg: 'A256CTR', ext: true, k: key.toString('base64url'), key_ops: ['encrypt', 'decrypt'] },
      iv: unpadded(iv),
      hashes: { sha256: unpadded(createHash('sha256').update(ciphertext).digest()) },
    },
  };
}

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
