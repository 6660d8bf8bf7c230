import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkout } from '../../../src/dev/checkout.ts';
import { type GuardedProcess, spawnGuarded } from '../../../src/dev/guard.ts';
import { freePorts } from '../../../src/dev/ports.ts';
import { pollUntil } from '../../../src/dev/wait.ts';
import type { Ward } from './ward.ts';

/** A further `wardroom serve` on the database and beside the homeserver of the shared hospital. */
export class SecondProcess {
  readonly apiUrl: string;
  readonly metricsUrl: string;
  readonly process: GuardedProcess;
  readonly #log: string;

  private constructor(process: GuardedProcess, log: string, ports: readonly [number, number]) {
    this.process = process;
    this.#log = log;
    this.apiUrl = `http://127.0.0.1:${ports[0]}`;
    this.metricsUrl = `http://127.0.0.1:${ports[1]}`;
  }

  /** With an API and figures at ports of its own; with `samePorts` exactly as the first one is configured. */
  static async start(ward: Ward, options: { samePorts?: boolean } = {}): Promise<SecondProcess> {
    const ports = (await freePorts(2)) as [number, number];
    const base = join(ward.dir, `second-${ports[0]}`);
    const own = { http: { port: ports[0] }, metrics: { port: ports[1] } };
    writeFileSync(`${base}.yaml`, `${JSON.stringify(options.samePorts ? {} : own)}\n`);
    const files = [...ward.hospital.config_files, `${base}.yaml`].flatMap((file) => ['--config', file]);
    const cwd = dirname(ward.hospital.config_files[0] ?? '');
    const main = join(checkout, 'src/server/cli/main.ts');
    const child = await spawnGuarded(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', main, 'serve', ...files],
      { cwd, log: `${base}.log`, env: { PATH: process.env.PATH ?? '', HOME: cwd, LANG: 'C.UTF-8', TZ: 'UTC' } },
    );
    return new SecondProcess(child, `${base}.log`, ports);
  }

  /** The codes it logged so far, with what belongs to them. */
  logged(code: string): readonly Readonly<Record<string, unknown>>[] {
    return this.log()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes(`"${code}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  log(): string {
    return readFileSync(this.#log, 'utf8');
  }

  async untilLogged(code: string, deadlineMs = 60_000): Promise<void> {
    await pollUntil(`${code} in the log`, async () => this.logged(code).length > 0, { deadlineMs });
  }

  /** What `/ready` says is not ready; empty when all is, null when it does not answer. */
  async notReady(): Promise<readonly string[] | null> {
    const response = await fetch(`${this.apiUrl}/ready`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    if (response === null) return null;
    const body = (await response.json()) as { not_ready?: string[] };
    return body.not_ready ?? [];
  }

  async untilReady(deadlineMs = 60_000): Promise<void> {
    await pollUntil('the second process ready', async () => (await this.notReady())?.length === 0, { deadlineMs });
  }

  /** Reads the business clock again and does what is due by it. */
  async poke(): Promise<void> {
    await fetch(`${this.metricsUrl}/dev/clock`, { method: 'POST' });
  }
}
