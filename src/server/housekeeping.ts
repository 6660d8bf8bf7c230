/** Does something again and again until stopped; a run never overlaps the one before it. */
export function repeatEvery(
  ms: number,
  onFailure: (error: unknown) => void,
  work: () => Promise<void>,
): { stop(): Promise<void> } {
  let running: Promise<void> | null = null;
  const run = () => {
    running ??= work()
      .catch(onFailure)
      .finally(() => {
        running = null;
      });
  };
  const timer = setInterval(run, ms);
  run();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

const FIRST_PAUSE_MS = 250;
const LAST_PAUSE_MS = 15_000;

/** Tries until it succeeds or is stopped, with growing pauses. `work` answers with a code when it did not succeed. */
export function keepTrying(
  work: () => Promise<string | null>,
  onFailure: (code: string) => void,
  codeOf: (error: unknown) => string,
): { readonly done: boolean; readonly finished: Promise<void>; stop(): void } {
  const stopping = new AbortController();
  const state = { done: false };
  const finished = (async () => {
    for (let pause = FIRST_PAUSE_MS; !stopping.signal.aborted; pause = Math.min(LAST_PAUSE_MS, pause * 2)) {
      const code = await work().catch(codeOf);
      if (code === null) {
        state.done = true;
        return;
      }
      if (stopping.signal.aborted) return;
      onFailure(code);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause);
        stopping.signal.addEventListener('abort', () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  })();
  return {
    get done() {
      return state.done;
    },
    finished,
    stop: () => stopping.abort(),
  };
}
