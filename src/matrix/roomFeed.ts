import type { Inbox, InboxEvent, InboxRead } from '../flows/inboxPort.ts';
import type { RoomId } from '../kernel/ids.ts';
import { Pauses } from './pauses.ts';

export interface RoomFeedOptions {
  readonly inbox: Inbox;
  /** Handles one event for good (done, parked or given up). A throw means "not now". */
  readonly handle: (event: InboxEvent) => Promise<void>;
  readonly handleRead: (read: InboxRead) => Promise<void>;
  /** Called when an event failed this often: it is to be parked, so that its room goes on. */
  readonly setAside: (event: InboxEvent) => Promise<void>;
  readonly now: () => number;
  readonly onError: (code: string) => void;
  /** How often to look for parked events that are due, and for what another process committed. Default 2 s. */
  readonly pollMs?: number;
  /** The first pause before an event is tried again; doubles up to 5 s. Default 100 ms. */
  readonly pauseMs?: number;
}

const AT_ONCE = 200;
const BATCH = 100;
const LONGEST_PAUSE_MS = 5_000;
/** With the default pause: about 25 s until an event no longer holds up its room. */
const TRIES = 10;

/**
 * Takes events out of the inbox: in order within a room, rooms side by side. Each is handled at least once; one that keeps
 * failing is set aside, so that it delays its room for seconds and not for ever.
 */
export class RoomFeed {
  readonly #options: RoomFeedOptions;
  readonly #pauses = new Pauses();
  readonly #rooms = new Map<RoomId, Promise<void>>();
  readonly #events = new Set<number>();
  readonly #reads = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #pumping: Promise<void> | null = null;
  #again = false;
  /** More waited than could be taken. */
  #full = false;

  constructor(options: RoomFeedOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), this.#options.pollMs ?? 2_000);
    this.#timer.unref();
    this.wake();
  }

  /** Something may wait in the inbox. */
  wake(): void {
    if (this.#pauses.ended) return;
    this.#again = true;
    this.#pumping ??= this.#pump().finally(() => {
      this.#pumping = null;
      if (this.#again) this.wake();
    });
  }

  /** Resolves when everything taken so far is handled. Nothing more is taken. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#pauses.end();
    this.#again = false;
    await this.#pumping;
    await Promise.all(this.#rooms.values());
  }

  async #pump(): Promise<void> {
    while (this.#again && !this.#pauses.ended) {
      this.#again = false;
      try {
        await this.#take();
      } catch {
        this.#options.onError('inbox-unavailable');
        return;
      }
    }
  }

  async #take(): Promise<void> {
    const { inbox, now } = this.#options;
    const room = Math.min(BATCH, AT_ONCE - this.#events.size);
    this.#full = room <= 0;
    if (this.#full) return;
    const except = [...this.#events];
    const waiting = await inbox.nextEvents(room, except);
    const parked = await inbox.dueParked(now(), room, except);
    const events = [...parked, ...waiting];
    for (const event of events) {
      this.#events.add(event.seq);
      this.#enqueue(event.roomId, async () => {
        await this.#untilHandled(event);
        this.#events.delete(event.seq);
        if (this.#full) this.wake();
      });
    }
    const reads = await inbox.nextReads(BATCH);
    for (const read of reads) {
      const key = JSON.stringify([read.roomId, read.userId, read.thread]);
      if (this.#reads.has(key)) continue;
      this.#reads.add(key);
      this.#enqueue(read.roomId, async () => {
        await this.#untilRead(read);
        this.#reads.delete(key);
        // It may have moved on while it was handled.
        this.wake();
      });
    }
    if (waiting.length === room || parked.length === room) this.#again = true;
  }

  #enqueue(room: RoomId, work: () => Promise<void>): void {
    const before = this.#rooms.get(room) ?? Promise.resolve();
    const run = before.then(work).finally(() => {
      if (this.#rooms.get(room) === run) this.#rooms.delete(room);
    });
    this.#rooms.set(room, run);
  }

  async #untilHandled(event: InboxEvent): Promise<void> {
    for (let tries = 1; !this.#pauses.ended; tries += 1) {
      try {
        await this.#options.handle(event);
        return;
      } catch {
        this.#options.onError('event-not-handled');
      }
      if (tries % TRIES === 0 && (await this.#setAside(event))) return;
      await this.#pause(tries);
    }
  }

  async #setAside(event: InboxEvent): Promise<boolean> {
    try {
      await this.#options.setAside(event);
      return true;
    } catch {
      this.#options.onError('inbox-unavailable');
      return false;
    }
  }

  async #untilRead(read: InboxRead): Promise<void> {
    for (let tries = 1; !this.#pauses.ended; tries += 1) {
      try {
        await this.#options.handleRead(read);
        return;
      } catch {
        this.#options.onError('receipt-not-handled');
      }
      // A receipt that moved on covers this one too; it stays in the inbox and is taken again.
      if (tries === TRIES) return;
      await this.#pause(tries);
    }
  }

  #pause(tries: number): Promise<void> {
    return this.#pauses.for(Math.min(LONGEST_PAUSE_MS, (this.#options.pauseMs ?? 100) * 2 ** Math.min(tries - 1, 10)));
  }
}
