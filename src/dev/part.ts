/** What a started part offers its keeper. */
export interface RunningPart {
  readonly pid: number;
  readonly exited: Promise<unknown>;
  /** Orderly end. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** Told of the process as soon as there is one, long before it is ready. */
export type Spawned = (process: { kill(): Promise<void> }) => void;

/** One part of the hospital that can be started, stopped and killed. What ended, however it ended, stays down until started. */
export class KeptPart<T extends RunningPart> {
  readonly #start: (spawned: Spawned) => Promise<T>;
  #running: T | null = null;
  #starting: Promise<T> | null = null;
  #unready: { kill(): Promise<void> } | null = null;

  constructor(start: (spawned: Spawned) => Promise<T>) {
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
      const started = await this.#start((process) => {
        this.#unready = process;
      });
      this.#running = started;
      void started.exited.then(() => {
        if (this.#running === started) this.#running = null;
      });
      return started;
    } finally {
      this.#starting = null;
      this.#unready = null;
    }
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = null;
  }

  /** SIGKILL; a start under way fails. */
  async kill(): Promise<void> {
    await this.#unready?.kill();
    await this.#starting?.catch(() => {});
    await this.#running?.kill();
    this.#running = null;
  }
}
