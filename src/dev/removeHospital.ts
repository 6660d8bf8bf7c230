import { readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { devDown } from './commands.ts';
import { layoutOf } from './layout.ts';
import { readState } from './state.ts';

/** Ends the hospitals of a directory and removes all of their files, those that had to be kept elsewhere included. */
export async function removeHospital(dir: string): Promise<void> {
  await devDown({ dir });
  const layout = layoutOf(dir);
  for (const { name } of (await readState(layout))?.hospitals ?? []) {
    const elsewhere = await readlink(join(layout.hospital(name).postgres.dir, 'elsewhere')).catch(() => null);
    if (elsewhere !== null) await rm(elsewhere, { recursive: true, force: true });
  }
  await rm(dir, { recursive: true, force: true });
}
