/** Lets somebody who has a reason bring the next look at the homeserver forward. */
export class SyncBell {
  #rung = false;
  #wake: (() => void) | null = null;

  /** Look now; or, while a look is under way, again right after it. */
  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Waits for `ms` milliseconds, for the bell, or for `signal`. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          this.#wake = null;
          resolve();
        };
        const timer = setTimeout(done, ms);
        signal.addEventListener('abort', done);
        this.#wake = done;
      });
    }
    this.#rung = false;
  }
}
