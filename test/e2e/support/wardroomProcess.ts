import { readFileSync } from 'node:fs';
import { devKill, devStart, devStatus } from '../../../src/dev/commands.ts';
import { pollUntil } from '../../../src/dev/wait.ts';
import type { Ward } from './ward.ts';

/** Wardroom's process of the shared hospital: started to be killed at a named point, and what its log says of its end. */
export class WardroomProcess {
  readonly #ward: Ward;

  constructor(ward: Ward) {
    this.#ward = ward;
  }

  async isRunning(): Promise<boolean> {
    const [hospital] = (await devStatus({ dir: this.#ward.dir })).hospitals;
    return hospital?.parts.wardroom.running === true;
  }

  async kill(): Promise<void> {
    await devKill({ dir: this.#ward.dir, part: 'wardroom' });
  }

  /** Starts it without crash points and returns when it is ready. */
  async start(): Promise<void> {
    this.#ward.crashAt({});
    await devStart({ dir: this.#ward.dir, part: 'wardroom' });
  }

  /** Starts it and returns when it has ended at one of these points, whether it got ready before or not: which point it was. */
  async startUntilCrash(points: Parameters<Ward['crashAt']>[0]): Promise<string> {
    const before = this.#crashes().length;
    this.#ward.crashAt(points);
    const failure = await devStart({ dir: this.#ward.dir, part: 'wardroom' }).then(
      () => null,
      (error: unknown) => error,
    );
    await pollUntil(`the end of Wardroom at ${JSON.stringify(points)}`, async () => !(await this.isRunning()), {
      deadlineMs: 60_000,
    });
    const [point, ...more] = this.#crashes().slice(before);
    if (point === undefined || more.length > 0)
      throw new Error(`${more.length + (point ? 1 : 0)} crashes of ${JSON.stringify(points)}`, { cause: failure });
    return point;
  }

  /** Every point at which it ended so far, by its log. */
  #crashes(): string[] {
    return readFileSync(this.#ward.hospital.processes.wardroom.log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"dev.crash"'))
      .map((line) => (JSON.parse(line) as { point: string }).point);
  }
}
