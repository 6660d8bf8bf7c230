import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Clock, realClock } from '../kernel/clock.ts';

/** What `wardroom dev clock` writes: business time = real time + offset. */
const clockFile = z.object({ offset_ms: z.number().int() });

/**
 * Business time. Without a file it is the machine's; the embedded hospital moves it by writing the file and asking for `reload`.
 * An unreadable file stops the start: a wrong clock would page the wrong people.
 */
export class BusinessClock implements Clock {
  readonly #path: string | undefined;
  #offset = 0;

  constructor(path?: string) {
    this.#path = path;
    this.reload();
  }

  now(): number {
    return realClock.now() + this.#offset;
  }

  reload(): void {
    if (!this.#path) return;
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    this.#offset = clockFile.parse(JSON.parse(text)).offset_ms;
  }
}
