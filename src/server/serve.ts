import { CommandError, exitCode } from './cli/exit.ts';
import type { Config } from './config/index.ts';
import { SecretFileError } from './secretFile.ts';
import { wire } from './wire.ts';

/** Runs the service until a signal asks it to stop; then takes no more work, finishes what runs and lets go of everything. */
export async function serve(config: Config): Promise<void> {
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  const running = await wire(config).catch((error: unknown) => {
    if (error instanceof SecretFileError) throw new CommandError(exitCode.usage, error.message);
    throw error;
  });
  const signal = await stopped;
  running.log.info({ code: 'server.stopping', signal }, 'stopping');
  await running.stop();
}
