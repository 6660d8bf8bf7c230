import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from './checkout.ts';
import { spawnGuarded } from './guard.ts';
import { followLines } from './progress.ts';

const requirements = join(checkout, 'docker/synapse/requirements.txt');
const script = join(checkout, 'src/dev/installSynapse.py');

/** Where the virtual environment of the pinned homeserver is, or will be. */
export const synapseEnvironment = (): string =>
  join(
    checkout,
    '.cache',
    `synapse-${createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 16)}`,
  );

/**
 * Installs the pinned homeserver (every package by its hash) into `.cache/` unless it is there, and returns the Python
 * that runs it. Several at once share one installation. Needs Python 3.10 or newer with venv, and PyPI the first time.
 */
export async function installSynapse(progress: (line: string) => void): Promise<string> {
  const target = synapseEnvironment();
  const scratch = mkdtempSync(join(tmpdir(), 'wardroom-install-'));
  const log = join(scratch, 'log');
  try {
    const child = await spawnGuarded('python3', [script, target, requirements], { log });
    const stopFollowing = followLines(log, progress);
    const { code } = await child.exited;
    stopFollowing();
    if (code === 127) throw new Error('python3 was not found: Python 3.10 or newer with venv is needed');
    if (code !== 0) throw new Error(`the homeserver could not be installed: ${readFileSync(log, 'utf8').trim()}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return join(target, 'bin', 'python');
}
