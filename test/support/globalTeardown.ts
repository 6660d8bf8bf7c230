import { rmSync } from 'node:fs';
import { running } from './running.ts';

export default async function globalTeardown(): Promise<void> {
  await running.postgres?.stop();
  if (running.dir !== null) rmSync(running.dir, { recursive: true, force: true });
}
