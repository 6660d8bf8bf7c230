import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';

/** How a guarded process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A child process that cannot outlive this one. */
export interface GuardedProcess {
  readonly pid: number;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<Exit>;
  /** True until the process has ended. */
  running(): boolean;
  /** Sends a signal to the process; no effect once it has ended. */
  signal(name: NodeJS.Signals): void;
  /** SIGKILL for the process and its whole process group; settles when it has ended. */
  kill(): Promise<void>;
  /** Sends `name`, then SIGKILL after `graceMs`; settles when it has ended. */
  stop(name: NodeJS.Signals, graceMs: number): Promise<void>;
}

export interface GuardOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** File that stdout and stderr are appended to; without it they are discarded. */
  readonly log?: string;
}

/**
 * The shell becomes the program (`exec`), so the pid is the program's own. Before that it leaves a watcher behind that
 * waits on file descriptor 3: a line means the program has ended in an orderly way, end-of-file means that the process
 * that started it is gone, whatever killed it, and the program's process group goes too.
 */
const WATCHED = '(if read -r _ <&3; then exit 0; fi; kill -9 -$$; kill -9 $$) </dev/null >/dev/null 2>&1 & exec "$@" 3<&-';

/** Starts `command` in a process group of its own that dies when this process dies, even by SIGKILL. */
export async function spawnGuarded(
  command: string,
  args: readonly string[],
  options: GuardOptions = {},
): Promise<GuardedProcess> {
  const log = options.log === undefined ? null : openSync(options.log, 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn('/bin/sh', ['-c', WATCHED, 'guard', command, ...args], {
      stdio: ['ignore', log ?? 'ignore', log ?? 'ignore', 'pipe'],
      detached: true,
      env: options.env ?? process.env,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
  } finally {
    if (log !== null) closeSync(log);
  }
  const lifeline = child.stdio[3] as Duplex;
  lifeline.on('error', () => {});
  lifeline.resume();
  let running = true;
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      lifeline.end('done\n');
      resolve({ code, signal });
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`cannot start ${command}`);
  const send = (target: number, name: NodeJS.Signals): void => {
    if (!running) return;
    try {
      process.kill(target, name);
    } catch {
      // It ended between the check and the signal.
    }
  };
  const kill = async (): Promise<void> => {
    send(pid, 'SIGKILL');
    send(-pid, 'SIGKILL');
    await exited;
  };
  return {
    pid,
    exited,
    running: () => running,
    signal: (name) => send(pid, name),
    kill,
    stop: async (name, graceMs) => {
      send(pid, name);
      const timer = setTimeout(() => void kill(), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
