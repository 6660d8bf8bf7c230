import { createClient, type ICreateClientOpts, type MatrixClient, type Method } from 'matrix-js-sdk';
import type { BaseRequestOpts, Body } from 'matrix-js-sdk/lib/http-api/interface.js';
import { type Logger, logger as sharedLogger } from 'matrix-js-sdk/lib/logger.js';

const nothing = (): void => {};
const silent: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  getChild: () => silent,
};
// The library's own logger is a loglevel one; parts that have no client write to it.
(sharedLogger as unknown as { setLevel(level: 'silent', persist: boolean): void }).setLevel('silent', false);

export interface Session {
  readonly url: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly accessToken: string;
  /** Opens the person's secret storage; asked for only when a secret is needed. */
  readonly storageKey: () => Uint8Array<ArrayBuffer> | null;
}

/** A matrix-js-sdk client with its Rust crypto, everything in memory, without a word on the console. */
export async function cryptoClient(session: Session): Promise<MatrixClient> {
  const options: ICreateClientOpts = {
    baseUrl: session.url,
    userId: session.userId,
    deviceId: session.deviceId,
    accessToken: session.accessToken,
    logger: silent,
    cryptoCallbacks: {
      getSecretStorageKey: async ({ keys }) => {
        const id = Object.keys(keys)[0];
        const key = session.storageKey();
        return id === undefined || key === null ? null : [id, key];
      },
    },
  };
  const client = createClient(options);
  // Calls are nobody's business here, and their log lines go around the logger.
  client.matrixRTC.start = nothing;
  letGoOfTime(client);
  await client.initRustCrypto({ useIndexedDB: false });
  return client;
}

/**
 * The library never clears the timer of a request's time limit: a process that is done would wait for minutes. The same
 * limits by a signal of the platform, which holds nobody up.
 */
function letGoOfTime(client: MatrixClient): void {
  type Send = (method: Method, url: URL | string, body?: Body, options?: Partial<BaseRequestOpts>) => Promise<unknown>;
  const http = client.http as unknown as { requestOtherUrl: Send };
  const send = http.requestOtherUrl.bind(http);
  http.requestOtherUrl = (method, url, body, { localTimeoutMs, abortSignal, ...options } = {}) => {
    const signals = [
      ...(abortSignal === undefined ? [] : [abortSignal]),
      ...(localTimeoutMs === undefined ? [] : [AbortSignal.timeout(localTimeoutMs)]),
    ];
    return send(method, url, body, {
      ...options,
      ...(signals.length === 0 ? {} : { abortSignal: AbortSignal.any(signals) }),
    });
  };
}
