export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** In place of a body: bytes as they are (application/octet-stream). */
  readonly bytes?: Uint8Array;
  /** Default 60 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface MatrixResponse {
  readonly status: number;
  /** The decoded JSON document; null when the answer held none. */
  readonly body: unknown;
}

/**
 * One authenticated call to the homeserver in the name of one user. Resolves with any HTTP status;
 * throws `RequestFailed` when there was no answer.
 */
export type MatrixRequest = (method: HttpMethod, path: string, options?: RequestOptions) => Promise<MatrixResponse>;

/** No answer came. `written`: the homeserver may have acted on the request. */
export class RequestFailed extends Error {
  readonly code: 'timeout' | 'aborted' | 'connection';
  readonly written: boolean;
  constructor(code: 'timeout' | 'aborted' | 'connection', written: boolean) {
    super(`homeserver request failed: ${code}`);
    this.code = code;
    this.written = written;
  }
}
