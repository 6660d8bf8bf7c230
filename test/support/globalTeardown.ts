import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeHospital } from '../../src/dev/removeHospital.ts';
import { running } from './running.ts';

/** Ends what globalSetup and the tests started. */
export default async function globalTeardown(): Promise<void> {
  if (running.dir !== null) await removeHospital(join(running.dir, 'hospital'));
  await running.postgres?.stop();
  if (running.dir !== null) rmSync(running.dir, { recursive: true, force: true });
}
