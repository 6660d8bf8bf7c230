#!/usr/bin/env node
// Runs Wardroom's command line on the Node that the checkout pins, whichever Node the machine has. DEP0060: a library's, that nobody
// who runs Wardroom can do anything about. The young generation is kept small: it would otherwise stay as large as a busy start made it.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const node = fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url));
const main = fileURLToPath(new URL('../src/server/cli/main.ts', import.meta.url));
const quiet = ['--disable-warning=ExperimentalWarning', '--disable-warning=DEP0060'];
const child = spawn(node, [...quiet, '--max-semi-space-size=8', main, ...process.argv.slice(2)], { stdio: 'inherit' });

// A terminal sends its signals to the child as well; this process only waits for it to finish.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (!process.stdin.isTTY || signal !== 'SIGINT') child.kill(signal);
  });
}
child.on('error', (error) => {
  process.stderr.write(
    `wardroom: ${error.code === 'ENOENT' ? 'run npm ci first (the pinned Node is missing)' : error.code}\n`,
  );
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
