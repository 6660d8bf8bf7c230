import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ask } from './database.ts';
import type { Ward } from './ward.ts';

/** What grows with every ticket. */
const TABLES = ['tickets', 'messages', 'audit_entries'];

/** A disk that can be full, under the tables that grow with every ticket. */
export interface SmallDisk {
  fill(): Promise<void>;
  free(): Promise<void>;
  /** Everything as before. */
  remove(): Promise<void>;
}

/**
 * A small tmpfs with a tablespace on it where this process may mount one; elsewhere a trigger that fails every insertion with the
 * server's own code for a full disk.
 */
export async function smallDisk(ward: Ward): Promise<SmallDisk> {
  const [where] = await ask<{ data_directory: string }>(ward.hospital, 'SHOW data_directory');
  const data = where?.data_directory ?? '';
  // Where the server's own user may go.
  const dir = join(dirname(data), 'small-disk');
  mkdirSync(dir, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', dir], { stdio: 'ignore' });
  } catch {
    return failingTrigger(ward);
  }
  const owner = statSync(data);
  const space = join(dir, 'space');
  mkdirSync(space, { mode: 0o700 });
  for (const path of [dir, space]) chownSync(path, owner.uid, owner.gid);
  const move = async (to: string) => {
    for (const table of TABLES) await ask(ward.hospital, `ALTER TABLE wardroom.${table} SET TABLESPACE ${to}`);
  };
  try {
    await ask(ward.hospital, `CREATE TABLESPACE small LOCATION '${space}'`);
    await move('small');
  } catch (error) {
    execFileSync('umount', ['-l', dir]);
    throw error;
  }
  const filler = join(dir, 'filler');
  return {
    async fill() {
      // Pages in which earlier tests' rows were would take in many a ticket.
      for (const table of TABLES) await ask(ward.hospital, `VACUUM FULL wardroom.${table}`);
      const { bavail, bsize } = statfsSync(dir);
      writeFileSync(filler, Buffer.alloc(bavail * bsize, 1));
      chmodSync(filler, 0o600);
    },
    async free() {
      rmSync(filler, { force: true });
    },
    async remove() {
      rmSync(filler, { force: true });
      await move('pg_default');
      await ask(ward.hospital, 'CHECKPOINT');
      await ask(ward.hospital, 'DROP TABLESPACE small');
      execFileSync('umount', ['-l', dir]);
    },
  };
}

function failingTrigger(ward: Ward): SmallDisk {
  const free = async () => {
    for (const table of TABLES) await ask(ward.hospital, `DROP TRIGGER IF EXISTS full_disk ON wardroom.${table}`);
    await ask(ward.hospital, 'DROP FUNCTION IF EXISTS wardroom.full_disk()');
  };
  return {
    async fill() {
      await ask(
        ward.hospital,
        `CREATE FUNCTION wardroom.full_disk() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$`,
      );
      for (const table of TABLES)
        await ask(
          ward.hospital,
          `CREATE TRIGGER full_disk BEFORE INSERT ON wardroom.${table} EXECUTE FUNCTION wardroom.full_disk()`,
        );
    },
    free,
    remove: free,
  };
}
