import { Worker } from 'node:worker_threads';
import type { CryptoLease } from '../../flows/cryptoPort.ts';
import type { EngineCall, EngineCalls, EngineFailure, FromWorker, ToWorker } from './engineProtocol.ts';
import type { StoreDigest } from './storeDigest.ts';

/** The engine's thread ended before it answered, or cannot be used any more. Whether the call took effect, the store knows. */
export class EngineDied extends Error {
  constructor() {
    super('crypto engine died');
  }
}

/** The engine answered with an error. */
export class EngineFailed extends Error {
  readonly code: EngineFailure;
  constructor(code: EngineFailure) {
    super(`crypto engine failed: ${code}`);
    this.code = code;
  }
}

export interface EngineListener {
  roomKeys(keys: readonly { readonly room: string; readonly sessionId: string }[]): void;
  devices(users: readonly string[]): void;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly watchdog: NodeJS.Timeout;
}

/** A call that takes longer is stuck, and so is the engine. */
const stuckAfterMs = 60_000;

/**
 * One run of a voice's engine: a thread, and the writing of its store through the lease. An engine whose write failed, that
 * panicked or got stuck is dead for good; the next run starts from what the store holds.
 */
export class Engine {
  readonly died: Promise<void>;
  readonly #worker: Worker;
  readonly #lease: CryptoLease;
  readonly #digest: StoreDigest;
  readonly #waiting = new Map<number, Waiting>();
  #lastCall = 0;
  #dead = false;
  #epoch: number;
  #reportDeath: () => void = () => undefined;

  /** `digest` and `epoch` are those of what the lease has stored. */
  constructor(lease: CryptoLease, listener: EngineListener, digest: StoreDigest, epoch: number) {
    this.#lease = lease;
    this.#digest = digest;
    this.#epoch = epoch;
    this.died = new Promise((resolve) => {
      this.#reportDeath = resolve;
    });
    // What a panic prints may quote what was being handled: both streams are read and dropped.
    this.#worker = new Worker(new URL('./engine.worker.ts', import.meta.url), {
      stdout: true,
      stderr: true,
      env: {},
      // Small, because there is one for each voice; what outlives it moves to the old one, which has no limit here.
      resourceLimits: { maxYoungGenerationSizeMb: 6 },
    });
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.on('message', (message: FromWorker) => this.#receive(message, listener));
    this.#worker.on('error', () => this.#die());
    this.#worker.on('exit', () => this.#die());
    void lease.lost.then(() => this.terminate());
  }

  /** Of the last commit: what a call has answered is committed in this epoch or an earlier one. */
  get epoch(): number {
    return this.#epoch;
  }

  call<Name extends EngineCall>(
    call: Name,
    ...argument: Parameters<EngineCalls[Name]>
  ): Promise<ReturnType<EngineCalls[Name]>> {
    return new Promise((resolve, reject) => {
      if (this.#dead) {
        reject(new EngineDied());
        return;
      }
      const id = ++this.#lastCall;
      const watchdog = setTimeout(() => void this.terminate(), stuckAfterMs).unref();
      this.#waiting.set(id, { resolve, reject, watchdog });
      this.#send({ kind: 'call', id, call, argument: argument[0] });
    });
  }

  async terminate(): Promise<void> {
    this.#die();
    await this.#worker.terminate();
  }

  #receive(message: FromWorker, listener: EngineListener): void {
    if (this.#dead) return;
    switch (message.kind) {
      case 'write':
        this.#write(message).then(
          () => this.#send({ kind: 'written', id: message.id, ok: true }),
          () => void this.terminate(),
        );
        return;
      case 'roomKeys':
        listener.roomKeys(message.keys);
        return;
      case 'devices':
        listener.devices(message.users);
        return;
      case 'answer':
        this.#settle(message.id)?.resolve(message.value as never);
        return;
      case 'failed':
        this.#settle(message.id)?.reject(new EngineFailed(message.code));
    }
  }

  async #write({ changes, syncToken }: Extract<FromWorker, { kind: 'write' }>): Promise<void> {
    const digest = this.#digest.apply(changes);
    this.#epoch = await this.#lease.apply(changes, syncToken === null ? { digest } : { digest, syncToken });
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.watchdog);
    return waiting;
  }

  #send(message: ToWorker): void {
    if (!this.#dead) this.#worker.postMessage(message);
  }

  #die(): void {
    if (this.#dead) return;
    this.#dead = true;
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(new EngineDied());
    this.#reportDeath();
  }
}
