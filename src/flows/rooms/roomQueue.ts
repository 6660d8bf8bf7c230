import type { RoomId } from '../../kernel/ids.ts';

/** Whether a room has to be looked at first, or only planned by what was seen of it. */
export type How = 'look' | 'plan';

/** Rooms that are worked on at the same time: the homeserver does not get faster with more. */
const AT_ONCE = 8;
/** And of those that can wait: messages go first. */
const QUIETLY_AT_ONCE = 2;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 300_000;

export interface RoomQueueOptions {
  /** `later`: it could not be done now. */
  readonly work: (room: RoomId, how: How) => Promise<'done' | 'later'>;
  /** Whether all others wait for this one: who is out of a role's space cannot come back by it. */
  readonly goesFirst: (room: RoomId) => boolean;
  readonly onFailure: (error: unknown) => void;
}

/** The rooms to work on: each once at a time, a few at once, in the order in which they were marked; what failed comes again later. */
export class RoomQueue {
  readonly #options: RoomQueueOptions;
  readonly #waiting = new Map<RoomId, How>();
  readonly #quiet = new Set<RoomId>();
  readonly #working = new Set<RoomId>();
  readonly #retries = new Map<RoomId, { readonly times: number; readonly at: number }>();
  readonly #idle: (() => void)[] = [];
  readonly #turns: (() => void)[] = [];
  #isStopping = false;

  constructor(options: RoomQueueOptions) {
    this.#options = options;
  }

  /** `quietly`: nothing is known to be wrong with it, and it can wait. */
  mark(room: RoomId, how: How, quietly = false): void {
    if (this.#isStopping) return;
    if (!quietly) this.#quiet.delete(room);
    else if (!this.#waiting.has(room)) this.#quiet.add(room);
    if (this.#waiting.get(room) !== 'look') this.#waiting.set(room, how);
    this.#pump();
  }

  /** Takes up what failed and has waited long enough. */
  retry(): void {
    const now = performance.now();
    for (const [room, { at }] of this.#retries) if (now >= at && !this.#waiting.has(room)) this.mark(room, 'look');
  }

  /** Resolves when nothing is being worked on or waits to be; what comes again later is not waited for. */
  async idle(): Promise<void> {
    if (this.#waiting.size === 0 && this.#working.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Resolves when this room is not being worked on and does not wait to be. */
  async settled(room: RoomId): Promise<void> {
    while (this.#waiting.has(room) || this.#working.has(room))
      await new Promise<void>((resolve) => this.#turns.push(resolve));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#waiting.clear();
    await this.idle();
  }

  #pump(): void {
    while (!this.#isStopping && this.#working.size < AT_ONCE) {
      const next = this.#next();
      if (next === undefined) break;
      const [room, how] = next;
      this.#waiting.delete(room);
      this.#quiet.delete(room);
      this.#working.add(room);
      void this.#do(room, how).finally(() => {
        this.#working.delete(room);
        this.#pump();
        for (const resolve of this.#turns.splice(0)) resolve();
      });
    }
    if (this.#waiting.size === 0 && this.#working.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #next(): readonly [RoomId, How] | undefined {
    const goesFirst = (room: RoomId) => this.#options.goesFirst(room) && !this.#quiet.has(room);
    const free = [...this.#waiting].filter(([room]) => !this.#working.has(room));
    const first = free.find(([room]) => goesFirst(room));
    if (first) return first;
    if ([...this.#working, ...this.#waiting.keys()].some(goesFirst)) return undefined;
    const loud = free.find(([room]) => !this.#quiet.has(room));
    return loud ?? (this.#working.size < QUIETLY_AT_ONCE ? free[0] : undefined);
  }

  async #do(room: RoomId, how: How): Promise<void> {
    const end = await this.#options.work(room, how).catch((error: unknown) => {
      this.#options.onFailure(error);
      return 'later' as const;
    });
    if (end === 'done') {
      this.#retries.delete(room);
      return;
    }
    const times = (this.#retries.get(room)?.times ?? 0) + 1;
    const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(times - 1, 10));
    this.#retries.set(room, { times, at: performance.now() + pause });
  }
}
