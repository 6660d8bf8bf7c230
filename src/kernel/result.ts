/** Expected outcomes are values from a closed set; only bugs and broken infrastructure throw. */
export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const err = <E>(error: E): Result<never, E> => ({ ok: false, error });

/**
 * How a call to the outside failed.
 * `retry`: it did not happen, try again. `permanent`: it will never happen. `unknown`: maybe it happened; never repeated blindly.
 */
export interface PortFailure {
  readonly kind: 'retry' | 'permanent' | 'unknown';
  /** A code from our own closed vocabulary; never text from outside. */
  readonly code: string;
}

export type NonEmpty<T> = readonly [T, ...T[]];
