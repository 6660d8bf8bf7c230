/** One secret, one file: mode 0600, made once, never overwritten. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Secret } from '../kernel/phi.ts';

export type SecretFileCode = 'missing' | 'readable-by-others' | 'empty' | 'malformed' | 'unreadable';

/** A secret that cannot be used. The message names the file and the remedy, never the content. */
export class SecretFileError extends Error {
  readonly code: SecretFileCode;
  readonly path: string;
  constructor(code: SecretFileCode, path: string, detail: string) {
    super(`${path}: ${detail}`);
    this.name = 'SecretFileError';
    this.code = code;
    this.path = path;
  }
}

/**
 * The content without white space at its end.
 * @throws SecretFileError when it is missing, empty, or its group or others have any access to it.
 */
export function readSecretFile(path: string): Secret {
  const text = readFileOwnedAlone(path).trimEnd();
  if (text === '') throw new SecretFileError('empty', path, 'is empty');
  return new Secret(text);
}

function readFileOwnedAlone(path: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT') throw new SecretFileError('missing', path, 'is missing');
    throw new SecretFileError('unreadable', path, `cannot be read (${code})`);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new SecretFileError('unreadable', path, 'is not a file');
    if ((stat.mode & 0o077) !== 0) {
      const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
      throw new SecretFileError(
        'readable-by-others',
        path,
        `others have access to it (mode ${mode}); run: chmod 600 ${path}`,
      );
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/**
 * The content of the file, which is first made from `generate` when there is none. Two processes that do this at once get
 * the same secret: the file appears complete or not at all, and the one that comes second takes what is there.
 */
export function ensureSecretFile(path: string, generate: () => string): Secret {
  try {
    return readSecretFile(path);
  } catch (error) {
    if (!(error instanceof SecretFileError) || error.code !== 'missing') throw error;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = writeDraft(path, `${generate()}\n`);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  syncDirectory(dirname(path));
  return readSecretFile(path);
}

/** A new file beside `path`, mode 0600, complete and on disk: ready to be linked or renamed into place. */
export function writeDraft(path: string, content: string): string {
  const draft = join(dirname(path), `.${randomBytes(8).toString('hex')}.draft`);
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return draft;
}

/** Makes a file's appearance under its name durable. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
