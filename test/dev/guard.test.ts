import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkout } from '../../src/dev/checkout.ts';
import { spawnGuarded } from '../../src/dev/guard.ts';
import { pollUntil } from '../../src/dev/wait.ts';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // Dead, but nobody has collected its exit code: init's work, not ours.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
};

/** A process that starts `sleep` twice, one of them by way of a shell that stays, and says all numbers. */
const keeper = (): Promise<{ child: ChildProcess; pids: number[] }> => {
  const guard = pathToFileURL(join(checkout, 'src/dev/guard.ts')).href;
  const script = `
    import { spawnGuarded } from '${guard}';
    import { readFileSync, existsSync } from 'node:fs';
    const out = process.argv[1];
    const plain = await spawnGuarded('sleep', ['600']);
    const parent = await spawnGuarded('sh', ['-c', 'sleep 600 & echo $!; wait'], { log: out });
    while (!existsSync(out) || !/\\d\\n/.test(readFileSync(out, 'utf8'))) await new Promise((done) => setTimeout(done, 10));
    process.stdout.write([plain.pid, parent.pid, readFileSync(out, 'utf8').trim()].join(' ') + '\\n');
  `;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, join(dir, `out-${Math.random()}`)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    child.once('exit', () => reject(new Error('ended')));
    child.stdout?.once('data', (line: Buffer) =>
      resolve({ child, pids: line.toString().trim().split(' ').map(Number) }),
    );
  });
};

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'wardroom-guard-test-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a guarded process', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'dies with the one that started it, children included, by %s',
    async (signal) => {
      const { child, pids } = await keeper();
      expect(pids).toHaveLength(3);
      expect(pids.map(isAlive)).toEqual([true, true, true]);
      child.kill(signal);
      await pollUntil('the end', async () => !pids.some(isAlive), { deadlineMs: 10_000, everyMs: 10 });
    },
  );

  it('has the number that is told, ends by signals, and says how', async () => {
    const guarded = await spawnGuarded('sleep', ['600']);
    // While the shell becomes the program, the kernel shows no arguments at all.
    await pollUntil(
      'the program',
      async () => readFileSync(`/proc/${guarded.pid}/cmdline`, 'utf8') === ['sleep', '600', ''].join('\0'),
      {
        deadlineMs: 10_000,
        everyMs: 10,
      },
    );
    expect(guarded.running()).toBe(true);
    await guarded.stop('SIGTERM', 10_000);
    expect(await guarded.exited).toEqual({ code: null, signal: 'SIGTERM' });
    expect(guarded.running()).toBe(false);
  });

  it('is killed when it takes no notice of the signal', async () => {
    const log = join(dir, 'stubborn');
    const guarded = await spawnGuarded('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'], { log });
    await pollUntil('the trap', async () => readFileSync(log, 'utf8') !== '', { deadlineMs: 10_000, everyMs: 10 });
    await guarded.stop('SIGTERM', 100);
    expect((await guarded.exited).signal).toBe('SIGKILL');
  });

  it('that ended takes nobody along whose number is the same later', async () => {
    const script = `
      import { spawnGuarded } from '${pathToFileURL(join(checkout, 'src/dev/guard.ts')).href}';
      const stays = await spawnGuarded('sleep', ['600']);
      const ends = await spawnGuarded('sh', ['-c', 'sleep 600 & echo $!'], { log: process.argv[1] });
      await ends.exited;
      process.stdout.write('ended\\n');
    `;
    const out = join(dir, 'orphan');
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, out], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    // Whoever is in the group of a process that was reported as ended is not watched any more.
    const orphan = Number(readFileSync(out, 'utf8').trim());
    expect(isAlive(orphan)).toBe(true);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    expect(isAlive(orphan)).toBe(true);
    process.kill(orphan, 'SIGKILL');
  });

  it('that cannot be started is an error', async () => {
    await expect(spawnGuarded('sleep', ['1'], { cwd: join(dir, 'nowhere') })).rejects.toThrow(/cannot start/);
    const guarded = await spawnGuarded('no-such-program-here', []);
    expect((await guarded.exited).code).toBe(127);
  });
});
