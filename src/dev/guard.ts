import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { Watcher } from './watcher.ts';

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
  running(): boolean;
  /** Sends a signal to the process; no effect once it has ended. */
  signal(name: NodeJS.Signals): void;
  /** SIGKILL for the process and its process group; settles when it has ended. */
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

/** Waits for leave to start, so that nothing runs before the watcher knows of it. Then becomes the program: same pid. */
const GATE = 'read -r go <&3 && exec "$@" 3<&-';

const alive = new Set<GuardedProcess>();
let closed = false;

/** Starts `command` in a process group of its own that dies when this process dies, even by SIGKILL. */
export async function spawnGuarded(
  command: string,
  args: readonly string[],
  options: GuardOptions = {},
): Promise<GuardedProcess> {
  if (closed) throw new Error('shutting down');
  const watcher = Watcher.shared();
  const child = spawnGated(command, args, options);
  const gate = child.stdio[3] as Duplex;
  gate.on('error', () => {});
  let running = true;
  const ended = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      running = false;
      resolve({ code, signal });
    });
  });
  const pid = child.pid;
  if (pid === undefined) {
    const reason = await new Promise<Error>((resolve) => child.once('error', resolve));
    throw new Error(`cannot start ${command}: ${reason.message}`);
  }
  watcher.watch(pid);
  gate.end('go\n');
  gate.resume();
  const send = (target: number, name: NodeJS.Signals): void => {
    if (!running) return;
    try {
      process.kill(target, name);
    } catch {
      // It ended between the check and the signal.
    }
  };
  const exited = ended.then(async (exit) => {
    alive.delete(guarded);
    await watcher.forget(pid);
    return exit;
  });
  const guarded: GuardedProcess = {
    pid,
    exited,
    running: () => running,
    signal: (name) => send(pid, name),
    kill: async () => {
      send(-pid, 'SIGKILL');
      await exited;
    },
    stop: async (name, graceMs) => {
      send(pid, name);
      const timer = setTimeout(() => send(-pid, 'SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
  alive.add(guarded);
  return guarded;
}

/** Ends every guarded process at once and refuses new ones: for a start that was called off. */
export async function killAllGuarded(): Promise<void> {
  closed = true;
  await Promise.all([...alive].map((guarded) => guarded.kill()));
}

function spawnGated(command: string, args: readonly string[], options: GuardOptions): ChildProcess {
  const log = options.log === undefined ? null : openSync(options.log, 'a', 0o600);
  try {
    return spawn('/bin/sh', ['-c', GATE, 'guard', command, ...args], {
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
}
