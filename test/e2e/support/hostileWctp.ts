import { readFileSync } from 'node:fs';
import type { HostileCase } from './hostileCases.ts';

/** What a case of hostile.jsonl for WCTP sends (test data README, "Hostile inputs"). */
interface Input {
  readonly body?: string;
  readonly body_base64?: string;
  readonly file?: string;
  readonly prefix?: string;
  readonly unit?: string;
  readonly suffix?: string;
  readonly times?: number | readonly number[];
  readonly send?: readonly (Input & { readonly after?: string })[];
  /** When it is sent, in business time. */
  readonly at?: string;
}

export interface HostileRequest {
  readonly bytes: Buffer;
  /** How much later than the first one, in milliseconds of business time. */
  readonly afterMs: number;
}

/** What the data's own hospital calls otherwise than that of the tests. */
const NAMES: Readonly<Record<string, string>> = {
  'LARK-CARD': 'WCTP-HOSTILE',
  'BRINE-PEDS': 'WCTP-HOSTILE',
  'ORRIN-HOME': 'REPEAT',
  s3cr3tc0de16ch: 'only-in-tests',
  'wren-16-chars-ok': 'only-for-wren',
};
const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Every request of a case, in order; `unit` with `{i}` counts up. */
export function requestsOf({ input }: HostileCase): { readonly at: string | null; readonly all: HostileRequest[] } {
  const wctp = input as Input;
  const all = (wctp.send ?? [wctp]).flatMap((one) =>
    bytesOf(one).map((bytes) => ({ bytes, afterMs: 'after' in one ? milliseconds(one.after) : 0 })),
  );
  return { at: wctp.at ?? null, all };
}

function bytesOf({ body, body_base64, file, prefix, unit, suffix, times }: Input): Buffer[] {
  if (body !== undefined) return [Buffer.from(renamed(body))];
  if (body_base64 !== undefined) return [Buffer.from(body_base64, 'base64')];
  if (file !== undefined) {
    const bytes = readFileSync(new URL(`../../fixtures/data/${file}`, import.meta.url));
    return Array.from({ length: typeof times === 'number' ? times : 1 }, () => renamedBytes(bytes));
  }
  if (prefix === undefined || unit === undefined || times === undefined) throw new Error('an input of another kind');
  return (typeof times === 'number' ? [times] : times).map((count) => {
    const units = Array.from({ length: count }, (_, index) => unit.replace('{i}', String(index)));
    return Buffer.from(renamed(`${prefix}${units.join('')}${suffix ?? ''}`));
  });
}

const renamed = (text: string): string =>
  Object.entries(NAMES).reduce((before, [name, ours]) => before.replaceAll(name, ours), text);

/** In the encoding that its byte order mark tells. */
function renamedBytes(bytes: Buffer): Buffer {
  const isBigEndian = bytes[0] === 0xfe && bytes[1] === 0xff;
  if (!isBigEndian && !(bytes[0] === 0xff && bytes[1] === 0xfe)) return Buffer.from(renamed(bytes.toString('utf8')));
  const little = isBigEndian ? Buffer.from(bytes).swap16() : bytes;
  const written = Buffer.from(renamed(little.toString('utf16le')), 'utf16le');
  return isBigEndian ? written.swap16() : written;
}

function milliseconds(text: string | undefined): number {
  const match = /^(\d+)([smh])$/.exec(text ?? '0s');
  if (!match) throw new Error(`no duration: ${text}`);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}
