import type { DeviceId } from '../../kernel/ids.ts';
import type { MatrixRequest, MatrixResponse } from '../matrixRequest.ts';
import type { Engine } from './engine.ts';
import type { EngineRequest } from './engineProtocol.ts';
import { RequestRefused } from './requestRefused.ts';
import type { Witness } from './witness.ts';

/**
 * The device cannot be used any more: `gone` = the homeserver does not know it; `conflict` = the homeserver holds other one-time
 * keys under the same ids, so this store is not the one that made them (matrix.md 3.3); `foreign` = the store is of another device;
 * `damaged` = it cannot be opened.
 */
export class DeviceUnusable extends Error {
  readonly why: 'gone' | 'conflict' | 'foreign' | 'damaged';
  constructor(why: DeviceUnusable['why']) {
    super(`device unusable: ${why}`);
    this.why = why;
  }
}

/** Carries the engine's requests to the homeserver and the answers back. */
export class Courier {
  readonly #engine: Engine;
  readonly #request: MatrixRequest;
  readonly #device: DeviceId;
  readonly #witness: Witness;
  #draining: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(engine: Engine, request: MatrixRequest, device: DeviceId, witness: Witness) {
    this.#engine = engine;
    this.#request = request;
    this.#device = device;
    this.#witness = witness;
  }

  /**
   * Sends one request and tells the engine the answer. `epoch` is the engine's when it had made the request: with it the witness
   * is asked once for all requests of a round. Throws RequestRefused or DeviceUnusable, or what `request` throws.
   */
  async send(request: EngineRequest, epoch = this.#engine.epoch): Promise<void> {
    if (usesRatchets(request)) await this.#witness.reach(epoch);
    const response = await this.#request(request.method, request.path, {
      query: { device_id: this.#device },
      body: JSON.parse(request.body) as unknown,
    });
    if (response.status !== 200) throw refusal(request, response);
    if (request.type === null) return;
    await this.#engine.call('markSent', {
      id: request.id,
      type: request.type,
      response: JSON.stringify(response.body ?? {}),
    });
  }

  /** The homeserver knows how far the store has come: what was committed for it need not be repeated. */
  settled(): Promise<void> {
    return this.#witness.reach(this.#engine.epoch);
  }

  /**
   * Sends everything the engine wants sent as of now: key uploads, questions for devices. A call while one runs shares the next
   * run, which starts when the current one is done. All requests are tried; the first failure is thrown.
   */
  drain(): Promise<void> {
    if (this.#draining === null) {
      this.#draining = this.#run().finally(() => {
        this.#draining = null;
      });
      return this.#draining;
    }
    this.#next ??= this.#draining
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.drain();
      });
    return this.#next;
  }

  async #run(): Promise<void> {
    // Answers can lead to further requests (an uploaded key, a user's new device), but not endlessly.
    for (let round = 0; round < 5; round++) {
      const requests = await this.#engine.call('outgoing');
      if (requests.length === 0) return;
      const { epoch } = this.#engine;
      const results = await Promise.allSettled(requests.map((request) => this.send(request, epoch)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    }
  }
}

/** Whether it holds what was made with secrets that may be used once only: Olm ratchets, one-time keys. */
const usesRatchets = ({ path }: EngineRequest): boolean =>
  path.includes('/sendToDevice/') || path.endsWith('/keys/upload');

function refusal(request: EngineRequest, response: MatrixResponse): Error {
  const code = errcode(response);
  if (response.status === 400 && code === 'M_UNKNOWN_DEVICE') return new DeviceUnusable('gone');
  // Synapse: 400 M_INVALID_PARAM or M_UNKNOWN, "One time key ... already exists".
  if (response.status === 400 && request.path.endsWith('/keys/upload') && /already exists/.test(errorText(response))) {
    return new DeviceUnusable('conflict');
  }
  return new RequestRefused();
}

export const errcode = ({ body }: MatrixResponse): string => field(body, 'errcode');
const errorText = ({ body }: MatrixResponse): string => field(body, 'error');

const field = (body: unknown, name: string): string => {
  const value = typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : '';
};
