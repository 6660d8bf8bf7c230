import { link, readFile, unlink } from 'node:fs/promises';
import { readIfThere, writeAtomic } from './files.ts';

/** Takes the lock file for this process, unless a living process holds it. */
export async function takeLock(path: string): Promise<boolean> {
  const mine = `${path}.${process.pid}`;
  await writeAtomic(mine, `${process.pid}\n`);
  try {
    for (let attempt = 0; attempt < 5; attempt++) {
      try {
        await link(mine, path);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = Number((await readIfThere(path))?.trim() ?? 0);
      if (holder > 0 && (await isSupervisor(holder))) return false;
      await unlink(path).catch(() => {});
    }
    return false;
  } finally {
    await unlink(mine).catch(() => {});
  }
}

/** Does a supervisor run under this number? Numbers are given out again, so on Linux the command line is looked at. */
export async function isSupervisor(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  if (process.platform !== 'linux') return true;
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.includes('supervisor.ts');
}
