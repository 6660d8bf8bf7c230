/** The one place where loggers are made. Lines are JSON on stderr and hold ids and codes, never what people wrote. */
import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino';

export type Log = Logger;

/**
 * The keys under which health information or secrets travel elsewhere in the program. Nobody may log them; should somebody
 * do it all the same, their value does not come out. Two levels deep.
 */
const NEVER_LOGGED = [
  'authorization',
  'body',
  'callback',
  'caller',
  'ciphertext',
  'content',
  'document',
  'dob',
  'formatted_body',
  'headers',
  'html',
  'mrn',
  'name',
  'notice',
  'password',
  'patient',
  'phone',
  'query',
  'raw',
  'reason',
  'secret',
  'session_key',
  'text',
  'token',
  'access_token',
  'as_token',
  'hs_token',
];

/**
 * A logger at `level`. An error is logged as its class, its code and the lines of its stack, without its message: messages
 * of libraries quote what they choked on.
 * @param destination stderr unless given; written synchronously, so that the last lines before a crash are there.
 */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError, error: describeError },
    hooks: {
      // Without a message of its own, pino would take that of the error.
      logMethod(args, method) {
        const [first, second, ...rest] = args as unknown[];
        const fields = first instanceof Error ? { err: first } : first;
        const message = typeof fields === 'object' && typeof second !== 'string' ? 'event' : second;
        method.apply(this, [fields, message, ...rest] as Parameters<typeof method>);
      },
    },
    redact: { paths: NEVER_LOGGED.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
  };
  return pino(options, destination ?? pino.destination({ dest: 2, sync: true }));
}

export interface DescribedError {
  readonly type: string;
  readonly code?: string;
  readonly at?: readonly string[];
  readonly cause?: DescribedError;
}

const CODE = /^[A-Za-z0-9_.-]{1,64}$/;
const FRAMES = 8;
const CAUSES = 3;

/** What may be known of an error: its class, its code if it looks like one, where it was thrown, and the same of its cause. */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, cause } = error as Error & { code?: unknown };
  return {
    type: error.constructor.name,
    ...(typeof code === 'string' && CODE.test(code) && { code }),
    at: framesOf(error),
    ...(cause instanceof Error && depth < CAUSES && { cause: describeError(cause, depth + 1) }),
  };
}

/** The frames of a stack. The message stands before them and may itself have lines that look alike: it is cut off first. */
function framesOf(error: Error): string[] {
  const stack = error.stack ?? '';
  const start = stack.indexOf(error.message);
  const after = error.message === '' || start < 0 ? stack : stack.slice(start + error.message.length);
  return after
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^at .*:\d+:\d+\)?$/.test(line))
    .slice(0, FRAMES);
}

/** Says in the log that something failed and will be tried again. `where` names the part. */
export type Failed = (where: string, error: unknown) => void;

export const failureLog =
  (log: Log): Failed =>
  (where, error) =>
    log.error({ code: `${where}.failed`, cause: errorCode(error) }, 'failed, will be tried again');

/** What may be said of an error: its own code, or its kind. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? (/^[a-z0-9-]+$/.test(error.message) ? error.message : error.name) : 'unknown';
}
