import { readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { devDown } from './commands.ts';
import { layoutOf } from './layout.ts';

/** Ends the hospital of a directory and removes all of its files, those that had to be kept elsewhere included. */
export async function removeHospital(dir: string): Promise<void> {
  await devDown({ dir });
  const elsewhere = await readlink(join(layoutOf(dir).postgres.dir, 'elsewhere')).catch(() => null);
  if (elsewhere !== null) await rm(elsewhere, { recursive: true, force: true });
  await rm(dir, { recursive: true, force: true });
}
