import { err, ok, type Result } from '../kernel/result.ts';
import { HASH_SIZE, type Hash } from './hash.ts';
import { type NoteFault, type NoteSigner, openNote, signNote } from './signedNote.ts';
import { isKeyName, type NoteVerifier } from './vkey.ts';

/** A signed tree head: the log `origin` had `size` entries under `root` (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

export type CheckpointFault = NoteFault | 'not-a-checkpoint' | 'other-origin';

/** The text that is signed. Wardroom writes no extension lines: nobody audits them. */
export const checkpointText = ({ origin, size, root }: Checkpoint): string => {
  if (!isKeyName(origin) || !Number.isSafeInteger(size) || size < 0 || root.length !== HASH_SIZE)
    throw new TypeError('not a checkpoint');
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
};

/** Reads a checkpoint's text; extension lines, if not empty, are allowed and passed over. */
export const parseCheckpointText = (text: string): Result<Checkpoint, 'not-a-checkpoint'> => {
  const lines = text.split('\n');
  const [origin = '', size = '', root64 = ''] = lines;
  const root = Buffer.from(root64, 'base64');
  const isWhole = lines.length >= 4 && lines.pop() === '' && lines.every((line) => line !== '');
  const isSize = /^(0|[1-9][0-9]*)$/.test(size) && Number.isSafeInteger(Number(size));
  if (!isWhole || !isSize || root.length !== HASH_SIZE || root.toString('base64') !== root64)
    return err('not-a-checkpoint');
  return ok({ origin, size: Number(size), root });
};

/** The signer's name becomes the origin. Never sign two checkpoints of which one is not the beginning of the other. */
export const signCheckpoint = (head: Omit<Checkpoint, 'origin'>, signer: NoteSigner): string =>
  signNote(checkpointText({ ...head, origin: signer.name }), [signer]);

/** The checkpoint, if the log's key signed it and it speaks of that log. */
export const openCheckpoint = (note: string, log: NoteVerifier): Result<Checkpoint, CheckpointFault> => {
  const text = openNote(note, [log]);
  if (!text.ok) return text;
  const checkpoint = parseCheckpointText(text.value);
  if (checkpoint.ok && checkpoint.value.origin !== log.name) return err('other-origin');
  return checkpoint;
};
