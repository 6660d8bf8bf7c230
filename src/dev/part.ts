/** What a started part offers its keeper. */
export interface RunningPart {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  /** Orderly end. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** One part of the hospital that can be started, stopped and killed. What ended, however it ended, stays down until started. */
export class KeptPart<T extends RunningPart> {
  readonly #start: () => Promise<T>;
  #running: T | null = null;
  #starting: Promise<T> | null = null;

  constructor(start: () => Promise<T>) {
    this.#start = start;
  }

  /** The part, if it runs. */
  get running(): T | null {
    return this.#running;
  }

  get pid(): number | null {
    return this.#running?.pid ?? null;
  }

  /** Starts the part unless it runs; returns when it is ready. */
  async start(): Promise<T> {
    if (this.#running !== null) return this.#running;
    this.#starting ??= this.#launch();
    return this.#starting;
  }

  async #launch(): Promise<T> {
    try {
      const started = await this.#start();
      this.#running = started;
      void started.exited.then(() => {
        if (this.#running === started) this.#running = null;
      });
      return started;
    } finally {
      this.#starting = null;
    }
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = null;
  }

  /** SIGKILL; one that is just starting is let through its start first. */
  async kill(): Promise<void> {
    await this.#starting?.catch(() => {});
    await this.#running?.kill();
    this.#running = null;
  }
}
