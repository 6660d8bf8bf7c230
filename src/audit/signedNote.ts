import { err, ok, type Result } from '../kernel/result.ts';
import { sameBytes } from './hash.ts';
import { isKeyName, type NoteVerifier } from './vkey.ts';

const MAX_LENGTH = 1_000_000;
const MAX_SIGNATURES = 100;

/** Signs as one key. */
export interface NoteSigner {
  readonly name: string;
  readonly keyId: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

/** A note as it was read: nothing verified. */
export interface Note {
  /** Ends with a newline; what the signatures are over. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export type NoteFault = 'malformed' | 'bad-signature' | 'no-known-key';

/** Takes a note apart (C2SP signed-note): its text is what precedes the last empty line. */
export const parseNote = (note: string): Result<Note, 'malformed'> => {
  if (note.length > MAX_LENGTH || !note.isWellFormed() || /[\u0000-\u0009\u000b-\u001f\u007f]/.test(note))
    return err('malformed');
  const split = note.lastIndexOf('\n\n');
  if (split <= 0 || !note.endsWith('\n')) return err('malformed');
  const lines = note
    .slice(split + 2)
    .split('\n')
    .slice(0, -1);
  if (lines.length === 0 || lines.length > MAX_SIGNATURES) return err('malformed');
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignature(line);
    if (signature === null) return err('malformed');
    signatures.push(signature);
  }
  return ok({ text: note.slice(0, split + 1), signatures });
};

/**
 * The text of a note that at least one of the known keys signed. Signatures of unknown keys are ignored, even when they
 * share a name or an id with a known one; a known key whose signature fails spoils the note (C2SP signed-note).
 */
export const openNote = (note: string, known: readonly NoteVerifier[]): Result<string, NoteFault> => {
  const parsed = parseNote(note);
  if (!parsed.ok) return parsed;
  const { text, signatures } = parsed.value;
  const message = Buffer.from(text);
  let verified = 0;
  for (const { name, keyId, signature } of signatures) {
    const key = known.find((candidate) => candidate.name === name && sameBytes(candidate.keyId, keyId));
    if (key === undefined) continue;
    if (!key.verify(message, signature)) return err('bad-signature');
    verified++;
  }
  return verified > 0 ? ok(text) : err('no-known-key');
};

/** Signs a text. It must end with a newline and hold no other control characters. */
export const signNote = (text: string, signers: readonly NoteSigner[]): string => {
  if (!text.endsWith('\n') || signers.length === 0) throw new TypeError('not a note');
  const message = Buffer.from(text);
  const lines = signers.map(
    (signer) => `\u2014 ${signer.name} ${Buffer.concat([signer.keyId, signer.sign(message)]).toString('base64')}\n`,
  );
  const note = `${text}\n${lines.join('')}`;
  const parsed = parseNote(note);
  if (!parsed.ok || parsed.value.text !== text) throw new TypeError('not a note');
  return note;
};

const parseSignature = (line: string): NoteSignature | null => {
  const match = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line);
  if (match === null) return null;
  const [, name = '', base64 = ''] = match;
  const bytes = Buffer.from(base64, 'base64');
  if (!isKeyName(name) || bytes.length < 5 || bytes.toString('base64') !== base64) return null;
  return { name, keyId: bytes.subarray(0, 4), signature: bytes.subarray(4) };
};
