import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.ts';
import { devUp } from './commands.ts';
import type { HospitalInfo } from './hospitalInfo.ts';
import { removeHospital } from './removeHospital.ts';

/** Starts a hospital in a folder of its own, uses it, and leaves nothing behind, also when it is interrupted. */
export async function withHospital<T>(
  options: {
    readonly name: string;
    /** Shape of `dispatch.yaml`. */
    readonly data: string;
    /** Written into the folder before the start; returns further configuration files. */
    readonly prepare?: (dir: string) => Promise<readonly string[]>;
    readonly say: (line: string) => void;
  },
  use: (hospital: HospitalInfo, dir: string) => Promise<T>,
): Promise<T> {
  mkdirSync(join(checkout, '.wardroom'), { recursive: true });
  const dir = mkdtempSync(join(checkout, '.wardroom', `${options.name}-`));
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void removeHospital(dir).finally(() => process.exit(1)));
  try {
    const config = (await options.prepare?.(dir)) ?? [];
    const { hospitals } = await devUp({ dir, data: options.data, config, tied: true, onProgress: options.say });
    const [hospital] = hospitals;
    if (!hospital) throw new Error('no hospital');
    return await use(hospital, dir);
  } finally {
    await removeHospital(dir);
  }
}
