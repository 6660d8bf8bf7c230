import type { MatrixEvent } from 'matrix-js-sdk';

/** An event as a person's client sees it. */
export interface SeenEvent {
  readonly eventId: string;
  readonly roomId: string;
  readonly sender: string;
  /** After decryption, if it was encrypted. */
  readonly type: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly stateKey: string | undefined;
  readonly encrypted: boolean;
  /** Megolm session of an encrypted event. */
  readonly sessionId: string | undefined;
  /** Why it cannot be read (the library's code), or `null`. */
  readonly failure: string | null;
  /** When the client got it and when it could be read: milliseconds since 1970, fractions included. */
  readonly receivedAt: number;
  readonly readableAt: number | null;
  /** The library's event, for what is not here. */
  readonly raw: MatrixEvent;
}

export interface WaitOptions {
  /** Default 90 s. */
  readonly timeoutMs?: number;
  /** Offer events that cannot be read, too. */
  readonly unreadable?: boolean;
}

const now = (): number => performance.timeOrigin + performance.now();

/** Everything a client has seen, and those who wait for something. */
export class EventLog {
  readonly #owner: string;
  readonly #arrived = new Map<string, number>();
  readonly #seen = new Map<string, SeenEvent>();
  readonly #watchers = new Set<(event: SeenEvent) => void>();
  readonly #abort = new AbortController();

  constructor(owner: string) {
    this.#owner = owner;
  }

  /** All events in the order of their arrival; one that was unreadable at first is replaced in place. */
  all(): SeenEvent[] {
    return [...this.#seen.values()];
  }

  /** Takes in an event when it arrives, and again when it has been decrypted. Local echoes do not count. */
  add(event: MatrixEvent): void {
    const id = event.getId();
    const roomId = event.getRoomId();
    if (id === undefined || !id.startsWith('$') || roomId === undefined || event.isSending()) return;
    const at = now();
    if (!this.#arrived.has(id)) this.#arrived.set(id, at);
    if (event.isBeingDecrypted() || (event.isEncrypted() && !event.isDecryptionFailure() && !event.getClearContent()))
      return;
    const before = this.#seen.get(id);
    if (before !== undefined && before.failure === null) return;
    const failure = event.isDecryptionFailure() ? (event.decryptionFailureReason ?? 'unknown') : null;
    const entry: SeenEvent = {
      eventId: id,
      roomId,
      sender: event.getSender() ?? '',
      type: event.getType(),
      content: event.getOriginalContent(),
      stateKey: event.getStateKey(),
      encrypted: event.isEncrypted(),
      sessionId: event.getWireContent().session_id as string | undefined,
      failure,
      receivedAt: this.#arrived.get(id) ?? at,
      readableAt: failure === null ? at : null,
      raw: event,
    };
    this.#seen.set(id, entry);
    for (const watch of [...this.#watchers]) watch(entry);
  }

  /** The first event, past or to come, that `predicate` accepts. Rejects after the time is up, with what was seen. */
  waitFor(predicate: (event: SeenEvent) => boolean, options: WaitOptions = {}): Promise<SeenEvent> {
    const wanted = (event: SeenEvent): boolean =>
      (event.failure === null || options.unreadable === true) && predicate(event);
    const found = this.all().find(wanted);
    if (found !== undefined) return Promise.resolve(found);
    const timeoutMs = options.timeoutMs ?? 90_000;
    return new Promise((resolve, reject) => {
      const finish = (outcome: () => void): void => {
        clearTimeout(timer);
        this.#watchers.delete(watch);
        this.#abort.signal.removeEventListener('abort', closed);
        outcome();
      };
      const watch = (event: SeenEvent): void => {
        try {
          if (wanted(event)) finish(() => resolve(event));
        } catch (error) {
          finish(() => reject(error));
        }
      };
      const closed = (): void => finish(() => reject(new Error(`${this.#owner} has stopped`)));
      const timer = setTimeout(() => finish(() => reject(new Error(this.#missed(timeoutMs)))), timeoutMs);
      this.#watchers.add(watch);
      this.#abort.signal.addEventListener('abort', closed, { once: true });
    });
  }

  /** Rejects everybody who still waits. */
  close(): void {
    this.#abort.abort();
  }

  #missed(timeoutMs: number): string {
    const last = this.all()
      .slice(-8)
      .map((event) => `${event.type} from ${event.sender}${event.failure === null ? '' : ` (${event.failure})`}`);
    return `${this.#owner} waited ${timeoutMs / 1000} s for an event; the last were: ${last.join(', ') || 'none'}`;
  }
}
