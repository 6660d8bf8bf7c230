import { open } from 'node:fs/promises';
import type { HospitalInfo } from '../src/dev/hospitalInfo.ts';
import { pollUntil } from '../src/dev/wait.ts';

/** A request as the homeserver wrote it down when it had answered. */
export interface Answered {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/** Reads what the embedded homeserver writes of every request (Synapse, `http/site.py`, "Processed request"). */
export class AccessLog {
  readonly #file: string;

  constructor(hospital: HospitalInfo) {
    this.#file = hospital.processes.synapse.log;
  }

  /** Resolves to where the log is now. */
  async position(): Promise<number> {
    await using file = await open(this.#file);
    return (await file.stat()).size;
  }

  /** The requests that were answered since then. */
  async since(position: number): Promise<readonly Answered[]> {
    await using file = await open(this.#file);
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - position));
    await file.read(bytes, 0, bytes.length, position);
    return [
      ...bytes.toString('utf8').matchAll(/Processed request: .*? "(?<method>[A-Z]+) (?<path>[^? ]+)[^"]*HTTP\//g),
    ].map(({ groups }) => ({ method: groups?.method ?? '', path: groups?.path ?? '' }));
  }

  /** Resolves when so long nothing was asked of any room. */
  async roomsAtRest(ms: number): Promise<void> {
    let from = await this.position();
    let since = performance.now();
    const look = async (): Promise<boolean> => {
      if (aboutRooms(await this.since(from)).length > 0) {
        from = await this.position();
        since = performance.now();
      }
      return performance.now() - since >= ms;
    };
    await pollUntil('the rooms at rest', look, { deadlineMs: 120_000, everyMs: 200 });
  }
}

/** Those that name a room. */
export const aboutRooms = (requests: readonly Answered[]): readonly Answered[] =>
  requests.filter(({ path }) => /\/(?:%21|!)/i.test(path));
