import { readIfThere, writeAtomic } from './files.ts';

/** How `wardroom dev clock` moves business time (design.md, decision 18). */
export type ClockChange =
  /** From here on it is this instant (milliseconds since 1970), and time runs on. */
  | { readonly set: number }
  /** Forward by so many milliseconds. */
  | { readonly advance: number }
  /** Back to the machine's time. */
  | { readonly real: true };

/** `clock.json`: business time = real time + offset. */
export interface ClockFile {
  readonly mode: 'real' | 'offset';
  readonly offset_ms: number;
}

const real: ClockFile = { mode: 'real', offset_ms: 0 };

export async function changeClock(path: string, change: ClockChange): Promise<ClockFile> {
  const next = changed(await readClock(path), change);
  await writeAtomic(path, `${JSON.stringify(next)}\n`);
  return next;
}

export async function readClock(path: string): Promise<ClockFile> {
  const text = await readIfThere(path);
  return text === null ? real : (JSON.parse(text) as ClockFile);
}

function changed(before: ClockFile, change: ClockChange): ClockFile {
  if ('real' in change) return real;
  if ('advance' in change) return { mode: 'offset', offset_ms: before.offset_ms + change.advance };
  // By the clock that Wardroom reads: another process's `performance.timeOrigin` may be milliseconds off, and an instant that was set would not have come yet.
  return { mode: 'offset', offset_ms: Math.ceil(change.set) - Date.now() };
}
