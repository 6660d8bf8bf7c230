import type { Urgency } from '../tickets/ticket.ts';
import type { Job } from './ports.ts';

const order: readonly Urgency[] = ['stat', 'urgent', 'routine', 'fyi'];

/**
 * Does committed work at once in this process, the most urgent first, a bounded number of things at the same time. It promises
 * nothing: what it does not get to, because the process dies or the work fails, stands in its rows and the sweep finds it.
 */
export class Dispatcher {
  readonly #atOnce: number;
  readonly #perform: (job: Job) => Promise<void>;
  readonly #onFailure: (job: Job, error: unknown) => void;
  readonly #waiting = new Map<Urgency, Job[]>(order.map((urgency) => [urgency, []]));
  readonly #running = new Set<Promise<void>>();
  #isStopped = false;
  #isPaused = false;

  constructor(options: {
    atOnce: number;
    perform: (job: Job) => Promise<void>;
    onFailure: (job: Job, error: unknown) => void;
  }) {
    this.#atOnce = options.atOnce;
    this.#perform = options.perform;
    this.#onFailure = options.onFailure;
  }

  add(jobs: readonly Job[]): void {
    for (const job of jobs) this.#waiting.get(job.urgency)?.push(job);
    this.#fill();
  }

  /** How many jobs a new one of this urgency would wait for. */
  ahead(urgency: Urgency): number {
    const before = order.slice(0, order.indexOf(urgency) + 1);
    return this.#running.size + before.reduce((sum, one) => sum + (this.#waiting.get(one)?.length ?? 0), 0);
  }

  /** How much waits or runs. */
  get depth(): number {
    return this.#running.size + [...this.#waiting.values()].reduce((sum, queue) => sum + queue.length, 0);
  }

  /** Begins nothing while paused; what it is given waits. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#fill();
  }

  /** Takes no more; resolves when what runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#running);
  }

  #fill(): void {
    while (!this.#isStopped && !this.#isPaused && this.#running.size < this.#atOnce) {
      const queue = order.map((urgency) => this.#waiting.get(urgency)).find((one) => one && one.length > 0);
      const job = queue?.shift();
      if (!job) return;
      const run: Promise<void> = this.#perform(job)
        .catch((error: unknown) => this.#onFailure(job, error))
        .finally(() => {
          this.#running.delete(run);
          this.#fill();
        });
      this.#running.add(run);
    }
  }
}
