import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, rename } from 'node:fs/promises';

/** Writes a file so that a reader, or a crash at any moment, sees the old or the new content and nothing between. */
export async function writeAtomic(path: string, content: string, mode = 0o600): Promise<void> {
  const next = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  const file = await open(next, 'wx', mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(next, mode);
  await rename(next, path);
}

/** The content of a text file, or `null` if there is none. */
export async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** The first line of a secret file; the file is made (mode 0600) from `generate` if it is missing. */
export async function secretFile(path: string, generate: () => string = randomSecret): Promise<string> {
  const found = await readIfThere(path);
  if (found !== null && found.trim() !== '') return found.trim();
  const secret = generate();
  await writeAtomic(path, `${secret}\n`);
  return secret;
}

/** 192 bits, safe in URLs, shells and YAML. */
export const randomSecret = (): string => randomBytes(24).toString('hex');
