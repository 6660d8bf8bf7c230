import type { PortFailure, Result } from '../kernel/result.ts';
import type { MatrixBridge } from './bridge.ts';
import { Pauses } from './pauses.ts';
import type { Voice } from './voices.ts';

export interface BringUpOptions {
  readonly bridge: MatrixBridge;
  readonly voices: readonly { readonly voice: Voice; readonly displayName: string }[];
  readonly onFailure: (code: string, user: string) => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Makes every voice exist and ready to encrypt, and tells the homeserver that we are there. Keeps trying while the homeserver is
 * away, each voice on its own, so that one that cannot start leaves the others working.
 */
export class BringUp {
  readonly #options: BringUpOptions;
  readonly #pauses = new Pauses();
  readonly #done = Promise.withResolvers<void>();
  /** Resolves when every voice that can start has; stays open while one cannot. */
  readonly ready: Promise<void> = this.#done.promise;

  constructor(options: BringUpOptions) {
    this.#options = options;
  }

  start(): void {
    const all = [...this.#options.voices.map((item) => this.#voice(item)), this.#ping()];
    Promise.all(all).then(() => this.#done.resolve(), this.#done.reject);
  }

  stop(): void {
    this.#pauses.end();
  }

  async #voice({ voice, displayName }: BringUpOptions['voices'][number]): Promise<void> {
    await this.#until(voice.user, () => this.#options.bridge.identity(voice.user).register(displayName));
    if (this.#pauses.ended) return;
    // Tries again by itself; rejects only for what trying again does not mend, or because we stop.
    await voice.crypto.start().catch(() => {
      if (!this.#pauses.ended) this.#options.onFailure('voice-not-started', voice.user);
    });
  }

  /** After an outage of ours the homeserver waits up to 512 s before it tries us again, unless asked. */
  async #ping(): Promise<void> {
    await this.#until('homeserver', () => this.#options.bridge.ping());
  }

  async #until(user: string, work: () => Promise<Result<void, PortFailure>>): Promise<void> {
    for (let tries = 0; !this.#pauses.ended; tries += 1) {
      const done = await work();
      if (done.ok) return;
      this.#options.onFailure(done.error.code, user);
      await this.#pauses.for(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10)));
    }
  }
}
