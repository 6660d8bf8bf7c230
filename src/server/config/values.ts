/** The kinds of value a setting can be, beyond what zod brings. */
import { z } from 'zod';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^([0-9]{1,9})(ms|s|m|h|d)$/;

/** `250ms`, `30s`, `10m`, `12h`, `7d`; in the program: milliseconds. */
export const duration = () =>
  z
    .string()
    .regex(DURATION, 'must be a number with a unit: 250ms, 30s, 10m, 12h or 7d')
    .transform((text) => {
      const [, digits, unit] = DURATION.exec(text)!;
      return Number(digits) * UNIT_MS[unit as keyof typeof UNIT_MS];
    });

/** A path. Relative ones count from the directory of the file they stand in; `loadConfig` makes them absolute. */
export const path = () => z.string().min(1);

/** A base URL over HTTP(S): no credentials, query or fragment. In the program: without a slash at the end. */
export const httpUrl = () =>
  z
    .string()
    .refine(isPlainHttpUrl, 'must be an http:// or https:// URL without user, password, query and fragment')
    .transform((text) => text.replace(/\/+$/, ''));

function isPlainHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === '' &&
    !/[?#]/.test(text)
  );
}

/** A TCP port to listen on; 0 takes any free one. */
export const port = () => z.int().min(0).max(65535);

/** A Matrix server name (Matrix specification, appendix "Server name"). */
export const serverName = () =>
  z
    .string()
    .regex(
      /^(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.-]{1,255})(:[0-9]{1,5})?$/,
      'must be a Matrix server name, host or host:port',
    );
