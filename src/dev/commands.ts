/** What `wardroom dev ...` does. Each fails with a CommandError that carries the exit code. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandError, exitCode } from '../server/cli/exit.ts';
import { checkout } from './checkout.ts';
import { type ClockChange, type ClockFile, changeClock, readClock } from './clockFile.ts';
import { askControl, ControlError, controlAddress } from './control.ts';
import type { DevUp } from './hospitalInfo.ts';
import { type Layout, layoutOf } from './layout.ts';
import { isSupervisor } from './lock.ts';
import { MOST_HOSPITALS } from './state.ts';
import type { Part, StatusDocument } from './status.ts';
import type { FromSupervisor, UpRequest } from './upProtocol.ts';
import { pollUntil } from './wait.ts';

export interface UpOptions {
  readonly dir?: string;
  readonly hospitals?: number;
  readonly data?: string;
  readonly config?: readonly string[];
  /** Called with one line per step that takes time. */
  readonly onProgress?: (line: string) => void;
  /** The hospital ends with this process, however that ends. Without it, it stays until `down`. */
  readonly tied?: boolean;
}

/**
 * Starts the embedded hospital of a directory in the background and returns when Wardroom is ready. One that runs is
 * only reported. A signal while it starts takes everything down again.
 */
export async function devUp(options: UpOptions = {}): Promise<DevUp> {
  if ((options.hospitals ?? 1) > MOST_HOSPITALS)
    throw new CommandError(exitCode.usage, `--hospitals: at most ${MOST_HOSPITALS}`);
  const layout = layoutOf(options.dir);
  const progress = options.onProgress ?? (() => {});
  for (;;) {
    const running = await askControl<StatusDocument>(layout.control, 'status').catch(refused);
    if (running === null) {
      const document = await launch(layout, options, progress);
      if (document !== null) return document;
      progress('another command is starting this hospital');
    } else {
      if (options.data !== undefined || (options.config?.length ?? 0) > 0)
        progress('already running: --data and --config change nothing until it was down');
      // A script that asked for two hospitals must not go on with one.
      if (running.hospitals.length > 0 && running.hospitals.length < (options.hospitals ?? 1))
        throw new CommandError(
          exitCode.failed,
          `${running.hospitals.length} of ${options.hospitals} run: wardroom dev down, then up`,
        );
    }
    const document = await waitReady(layout);
    if (document !== null) return document;
  }
}

/** The document of a hospital that another command is starting; `null` when that came to nothing. */
async function waitReady(layout: Layout): Promise<DevUp | null> {
  let document: DevUp | null = null;
  let gone = false;
  await pollUntil(
    'the hospital',
    async () => {
      document = await askControl<DevUp>(layout.control, 'describe').catch(refused);
      const holder = (await controlAddress(layout.control))?.pid;
      gone = document === null && (holder === undefined || !(await isSupervisor(holder)));
      return document !== null || gone;
    },
    { deadlineMs: 600_000, everyMs: 200 },
  );
  return document;
}

/** Starts a supervisor and waits for its word; `null` when another one holds the directory. */
async function launch(layout: Layout, options: UpOptions, progress: (line: string) => void): Promise<DevUp | null> {
  mkdirSync(dirname(layout.supervisorLog), { recursive: true, mode: 0o700 });
  const log = openSync(layout.supervisorLog, 'a', 0o600);
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(checkout, 'src/dev/supervisor.ts'), layout.dir],
    {
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    if (child.connected) child.disconnect();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, interrupt);
  try {
    const outcome = await new Promise<Exclude<FromSupervisor, { kind: 'progress' }> | null>((resolve) => {
      child.on('message', (message: FromSupervisor) => {
        if (message.kind === 'progress') progress(message.line);
        else resolve(message);
      });
      void ended.then(() => resolve(null));
      child.send({
        tied: options.tied === true,
        ...(options.data === undefined ? {} : { data: options.data }),
        ...(options.config === undefined ? {} : { config: options.config }),
        ...(options.hospitals === undefined ? {} : { hospitals: options.hospitals }),
      } satisfies UpRequest);
    });
    if (interrupted) {
      await ended;
      throw new CommandError(exitCode.failed, 'called off');
    }
    if (outcome?.kind === 'ready') {
      if (options.tied !== true) {
        child.send('seen');
        await new Promise<void>((resolve) => child.once('disconnect', () => resolve()));
      }
      child.channel?.unref();
      child.unref();
      return outcome.document;
    }
    await ended;
    if (outcome?.kind === 'busy') return null;
    if (outcome?.kind === 'failed') throw new CommandError(outcome.code, outcome.message);
    throw new CommandError(exitCode.failed, `the supervisor ended at once, see ${layout.supervisorLog}`);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
  }
}

/** What runs. */
export async function devStatus(options: { readonly dir?: string } = {}): Promise<StatusDocument> {
  const layout = layoutOf(options.dir);
  const running = await askControl<StatusDocument>(layout.control, 'status').catch(refused);
  return (
    running ?? { dir: layout.dir, running: false, state: 'down', hospitals: [], clock: await readClock(layout.clock) }
  );
}

/** Ends everything; returns when no process is left. Nothing running is fine. */
export async function devDown(options: { readonly dir?: string } = {}): Promise<void> {
  const layout = layoutOf(options.dir);
  const pid = (await controlAddress(layout.control))?.pid;
  if ((await askControl(layout.control, 'down').catch(refused)) === null || pid === undefined) return;
  await pollUntil('the supervisor', async () => !(await isSupervisor(pid)), { deadlineMs: 90_000 });
}

interface PartOptions {
  readonly dir?: string;
  readonly part: Part;
  /** Counted from 1, which is the default. */
  readonly hospital?: number;
}

/** SIGKILL for one part; it stays down until started. */
export async function devKill({ dir, ...which }: PartOptions): Promise<StatusDocument> {
  return command(dir, 'kill', which);
}

/** Starts one part again and returns when it is ready. */
export async function devStart({ dir, ...which }: PartOptions): Promise<StatusDocument> {
  return command(dir, 'start', which);
}

/** Moves Wardroom's business clock; works on a hospital that is down, too. */
export async function devClock(options: { readonly dir?: string; readonly change: ClockChange }): Promise<ClockFile> {
  const layout = layoutOf(options.dir);
  const moved = await askControl<ClockFile>(layout.control, 'clock', { change: options.change }).catch(refused);
  if (moved !== null) return moved;
  mkdirSync(layout.dir, { recursive: true, mode: 0o700 });
  return changeClock(layout.clock, options.change);
}

async function command(dir: string | undefined, name: string, body: object): Promise<StatusDocument> {
  const layout = layoutOf(dir);
  const answer = await askControl<StatusDocument>(layout.control, name, body).catch(refused);
  if (answer === null)
    throw new CommandError(exitCode.later, `no hospital is running in ${layout.dir}: wardroom dev up`);
  return answer;
}

const refused = (error: unknown): never => {
  throw error instanceof ControlError ? new CommandError(exitCode.failed, error.message) : error;
};
