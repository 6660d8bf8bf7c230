import type { Request } from 'express';

export interface Single {
  readonly value: string | null;
  readonly errors: readonly { path: string; code: string }[];
}

/** A query parameter that may be given once, or not at all. */
export function single(request: Request, name: string, allowed: (text: string) => boolean): Single {
  const value: unknown = request.query[name];
  if (value === undefined || value === '') return { value: null, errors: [] };
  if (typeof value === 'string' && allowed(value)) return { value, errors: [] };
  return { value: null, errors: [{ path: name, code: 'not-allowed' }] };
}

/** A query parameter that says yes or no; missing or empty: no. */
export function yesOrNo(
  request: Request,
  name: string,
): { readonly value: boolean; readonly errors: Single['errors'] } {
  const { value, errors } = single(request, name, (text) => text === 'true' || text === 'false');
  return { value: value === 'true', errors };
}
