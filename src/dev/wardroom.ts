import { join } from 'node:path';
import { checkout } from './checkout.ts';
import { spawnGuarded } from './guard.ts';
import type { RunningPart, Spawned } from './part.ts';
import { pollUntil } from './wait.ts';

export interface WardroomOptions {
  readonly configFiles: readonly string[];
  readonly cwd: string;
  readonly log: string;
  readonly apiUrl: string;
  /** Wait until Wardroom itself answers, not until all it depends on does: for a start while another part is down. */
  readonly aliveSuffices: boolean;
}

/** Starts `wardroom serve` on the pinned Node and returns when `/ready` says 200. */
export async function startWardroom(options: WardroomOptions, spawned: Spawned): Promise<RunningPart> {
  const child = await spawnGuarded(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--max-semi-space-size=8',
      join(checkout, 'src/server/cli/main.ts'),
      'serve',
      ...options.configFiles.flatMap((file) => ['--config', file]),
    ],
    {
      cwd: options.cwd,
      log: options.log,
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: options.cwd, LANG: 'C.UTF-8', TZ: 'UTC' },
    },
  );
  spawned(child);
  const url = `${options.apiUrl}${options.aliveSuffices ? '/health' : '/ready'}`;
  try {
    await pollUntil('Wardroom', async () => (await fetch(url)).ok, {
      deadlineMs: 120_000,
      gone: () => (child.running() ? null : `ended at once, see the end of ${options.log}`),
    });
  } catch (error) {
    await child.kill();
    throw error;
  }
  return { pid: child.pid, exited: child.exited, stop: () => child.stop('SIGTERM', 20_000), kill: () => child.kill() };
}
