import type { Inbox } from '../flows/inboxPort.ts';
import type { Clock, Instant } from '../kernel/clock.ts';
import { eventId, type RoomId, roomId, type UserId } from '../kernel/ids.ts';
import { readTransaction } from './arrivals.ts';
import { errcodeOf } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';
import { Pauses } from './pauses.ts';
import type { RoomMembers } from './roomMembers.ts';

export interface CatchUpOptions {
  readonly inbox: Inbox;
  /** Speaks as the bot, which is in every room of ours. */
  readonly request: MatrixRequest;
  readonly members: RoomMembers;
  readonly isOurs: (user: UserId) => boolean;
  /** Business time, as the inbox counts it. */
  readonly clock: Clock;
  readonly machineClock: Clock;
  /** Rooms in which an event that was not heard would do harm now. */
  readonly roomsInUse: () => Promise<readonly RoomId[]>;
  /** So many events that were never pushed are in the inbox now. */
  readonly onFound: (room: RoomId, events: number) => void;
  readonly onFailure: (code: string) => void;
  /** How often rooms in use are looked at, when they are few. Default 30 s. */
  readonly everyMs?: number;
}

const EVERY_MS = 30_000;
/** With many rooms in use they are looked at less often: about one a second, which a homeserver does not feel. */
const A_ROOM_MS = 1_000;
const RETRY_MS = 2_000;
const PAGE = 100;
const AT_ONCE = 4;
/** How far the homeserver's clock and the order of its events may be off. */
const OVERLAP_MS = 10 * 60_000;
/** Of a room that was never looked at: what is older does nobody good any more. */
const FIRST_LOOK_MS = 7 * 86_400_000;

interface Found {
  readonly event_id?: unknown;
  readonly origin_server_ts?: unknown;
  readonly state_key?: unknown;
  readonly unsigned?: { readonly redacted_because?: unknown };
}

class NoAnswer extends Error {}
/** The bot was put out of the room: no sign of an outage, and nothing was compared. */
class NotInRoom extends Error {}

/**
 * Hears what the homeserver did not say. Synapse moves its place in the stream of events on before the transaction that carries
 * them is stored (`handlers/appservice.py`, `appservice/scheduler.py`): when it is killed, or its database fails, in between, an
 * acknowledgement is in the room and is never pushed. So the rooms' history is compared with the inbox: of all rooms at the start
 * and whenever the homeserver was away, of those in use every half minute. What is known by its event id is left alone.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #pauses = new Pauses();
  /** Ends the questions that are under way: a homeserver that does not answer must not hold up a stop. */
  readonly #stopping = new AbortController();
  #everything = true;
  #wake = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** Looks as soon as `ready` resolves. */
  start(ready: Promise<unknown>): void {
    this.#running = this.#run(ready);
  }

  /** The homeserver was away: whatever it has, it may not have told. */
  wasAway(): void {
    this.#everything = true;
    this.#wake.resolve();
  }

  async stop(): Promise<void> {
    this.#pauses.end();
    this.#stopping.abort();
    await this.#running;
  }

  async #run(ready: Promise<unknown>): Promise<void> {
    await this.#pauses.for(2 ** 31 - 1, ready);
    while (!this.#pauses.ended) {
      this.#wake = Promise.withResolvers();
      const everything = this.#everything;
      this.#everything = false;
      const looked = await this.#look(everything).catch(() => null);
      if (looked !== null) {
        const pause = Math.max(this.#options.everyMs ?? EVERY_MS, looked * A_ROOM_MS);
        await this.#pauses.for(pause, this.#wake.promise);
      } else {
        this.#everything ||= everything;
        this.#options.onFailure('history-not-read');
        await this.#pauses.for(RETRY_MS);
      }
    }
  }

  /** How many rooms were looked at; null when one could not be: by far the most likely cause is that the homeserver is away. */
  async #look(everything: boolean): Promise<number | null> {
    const rooms = [...(everything ? await this.#joined() : await this.#options.roomsInUse())];
    const count = rooms.length;
    let complete = true;
    const work = async () => {
      for (let room = rooms.pop(); room !== undefined && !this.#pauses.ended; room = rooms.pop()) {
        try {
          await this.#compare(room);
        } catch (error) {
          if (error instanceof NotInRoom) this.#options.onFailure('history-of-another');
          else complete = false;
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return complete ? count : null;
  }

  async #joined(): Promise<readonly RoomId[]> {
    const { joined_rooms } = (await this.#get('/_matrix/client/v3/joined_rooms')) as { joined_rooms?: unknown };
    if (!Array.isArray(joined_rooms)) throw new NoAnswer();
    return joined_rooms.filter((room): room is string => typeof room === 'string').map(roomId);
  }

  async #compare(room: RoomId): Promise<void> {
    const { inbox, machineClock, clock, isOurs, members, onFound } = this.#options;
    const begun = machineClock.now();
    const before = (await inbox.comparedTo(room)) ?? begun - FIRST_LOOK_MS;
    const events = await this.#since(room, before - OVERLAP_MS);
    for (let at = 0; at < events.length; at += PAGE) {
      const page = events.slice(at, at + PAGE);
      const unknown = new Set(await inbox.unknown(page.map((event) => eventId(String(event.event_id)))));
      const missing = page.filter((event) => unknown.has(eventId(String(event.event_id))));
      if (missing.length === 0) continue;
      const withRoom = missing.map((event) => ({ ...event, room_id: room }));
      const first = String(missing[0]?.event_id);
      await inbox.commit(readTransaction(`history.${first}`, { events: withRoom }, clock.now(), isOurs));
      if (missing.some((event) => event.state_key !== undefined)) members.changed(room);
      onFound(room, missing.length);
    }
    await inbox.compared(room, begun);
  }

  /** The room's events since then, the oldest first. Without those that were redacted: nothing is left of them to be heard. */
  async #since(room: RoomId, since: Instant): Promise<readonly Found[]> {
    const events: Found[] = [];
    let from: string | undefined;
    while (!this.#pauses.ended) {
      const query = { dir: 'b', limit: PAGE, ...(from === undefined ? {} : { from }) };
      const body = (await this.#get(`/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`, query)) as {
        chunk?: unknown;
        end?: unknown;
      };
      if (!Array.isArray(body.chunk)) throw new NoAnswer();
      const chunk = body.chunk as readonly Found[];
      events.push(...chunk.filter((event) => event.unsigned?.redacted_because === undefined));
      const isOld = chunk.every((event) => Number(event.origin_server_ts) < since);
      // An empty page may have older ones behind it, as long as there is an end to go on from.
      if (typeof body.end !== 'string' || (chunk.length > 0 && isOld)) break;
      from = body.end;
    }
    // Stopped in the middle of it: the room was not compared.
    if (this.#pauses.ended) throw new NoAnswer();
    return events.reverse();
  }

  async #get(path: string, query: Readonly<Record<string, string | number>> = {}): Promise<unknown> {
    const response = await this.#options.request('GET', path, {
      query,
      timeoutMs: 30_000,
      signal: this.#stopping.signal,
    });
    const { status, body } = response;
    // The homeserver's own word: what stands before it may answer 403 or 404 while it is away.
    if (status === 403 && errcodeOf(response) === 'M_FORBIDDEN') throw new NotInRoom();
    if (status !== 200 || typeof body !== 'object' || body === null) throw new NoAnswer();
    return body;
  }
}
