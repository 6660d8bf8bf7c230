import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from './checkout.ts';
import { spawnGuarded } from './guard.ts';
import { followLines } from './progress.ts';

const script = join(checkout, 'src/dev/installPython.py');

/** Programs of others that are written in Python, pinned by the hash of every package. */
export interface PythonProgram {
  /** Of its directory under `.cache/`. */
  readonly name: string;
  /** In the checkout. */
  readonly requirements: string;
  /** What is imported to see whether it works. */
  readonly module: string;
}

const homeserver: PythonProgram = {
  name: 'synapse',
  requirements: 'docker/synapse/requirements.txt',
  module: 'synapse',
};

/** The pinned homeserver's Python. */
export const installSynapse = (progress: (line: string) => void): Promise<string> =>
  installPython(homeserver, progress);

/**
 * Installs a program (every package by its hash) into `.cache/` unless it is there, and returns the Python
 * that runs it. Several at once share one installation. Needs Python 3.10 or newer with venv, and PyPI the first time.
 */
export async function installPython(program: PythonProgram, progress: (line: string) => void): Promise<string> {
  const requirements = join(checkout, program.requirements);
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16);
  const target = join(checkout, '.cache', `${program.name}-${hash}`);
  const scratch = mkdtempSync(join(tmpdir(), 'wardroom-install-'));
  const log = join(scratch, 'log');
  try {
    const child = await spawnGuarded('python3', [script, target, requirements, program.module], { log });
    const stopFollowing = followLines(log, progress);
    const { code } = await child.exited;
    stopFollowing();
    if (code === 127) throw new Error('python3 was not found: Python 3.10 or newer with venv is needed');
    if (code !== 0) throw new Error(`${program.name} could not be installed: ${readFileSync(log, 'utf8').trim()}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return join(target, 'bin', 'python');
}
