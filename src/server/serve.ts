import { setTimeout as pause } from 'node:timers/promises';
import { MigrationRefused } from '../postgres/migrate.ts';
import { CommandError, exitCode } from './cli/exit.ts';
import type { Config } from './config/index.ts';
import { describeError } from './log.ts';
import { SecretFileError } from './secretFile.ts';
import { wire } from './wire.ts';

/** What an overtaken process may still finish: it holds the port of the one that took over. */
const OVERTAKEN_GRACE_MS = 5_000;

/** Runs the service until a signal asks it to stop; then takes no more work, finishes what runs and lets go of everything. */
export async function serve(config: Config): Promise<void> {
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  const running = await wire(config).catch((error: unknown) => {
    throw refusal(error);
  });
  const why = await Promise.race([stopped, running.overtaken.then(() => null)]);
  running.log.info({ code: 'server.stopping', ...(why === null ? {} : { signal: why }) }, 'stopping');
  if (why !== null) return running.stop();
  await Promise.race([running.stop(), pause(OVERTAKEN_GRACE_MS)]);
  throw new CommandError(exitCode.later, 'another process of this database took over; started again, this one waits');
}

/** Why it cannot start, in words an operator can act on. */
function refusal(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof SecretFileError) return new CommandError(exitCode.usage, error.message);
  if (error instanceof MigrationRefused) return new CommandError(exitCode.failed, error.message);
  const code = String((error as { code?: unknown }).code ?? '');
  const port = (error as { port?: unknown }).port;
  if (code === 'EADDRINUSE')
    return new CommandError(exitCode.later, `port ${port} is taken (EADDRINUSE): does another Wardroom run here?`);
  if (code === 'ECONNREFUSED' || code === '57P03')
    return new CommandError(exitCode.later, `the database cannot be reached (${code})`);
  return new CommandError(exitCode.failed, `cannot start: ${JSON.stringify(describeError(error))}`);
}
