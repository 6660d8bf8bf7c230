import type { EmergencyRooms, PastMessage } from '../flows/breakGlassPort.ts';
import type { Voices } from '../flows/ports.ts';
import { type EventId, eventId, type RoomId, type UserId, userId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { Decryptor, Openable } from './decryptor.ts';
import { failureOf, failureOfError } from './failures.ts';
import type { MadeRooms } from './madeRooms.ts';
import type { MatrixRequest } from './matrixRequest.ts';
import type { Memberships } from './memberships.ts';
import type { RoomMembers } from './roomMembers.ts';
import { type RoomPurpose, roomRecipe } from './roomRecipe.ts';

export interface MatrixEmergencyRoomsOptions {
  readonly bot: UserId;
  readonly botRequest: MatrixRequest;
  readonly made: MadeRooms;
  readonly memberships: Memberships;
  readonly members: RoomMembers;
  readonly decryptor: Pick<Decryptor, 'open'>;
  readonly voices: Voices;
  readonly version: string;
  readonly rotationMessages: number;
  readonly rotationMs: number;
}

const PAGE = 100;
/** So much of a room is looked through at most, whatever is in it. */
const MOST_PAGES = 40;
const TIMEOUT_MS = 30_000;
const REASON = 'Emergency access is over.';

interface RawEvent {
  readonly event_id?: unknown;
  readonly type?: unknown;
  readonly sender?: unknown;
  readonly state_key?: unknown;
  readonly origin_server_ts?: unknown;
  readonly content?: Readonly<Record<string, unknown>>;
  readonly unsigned?: { readonly redacted_because?: unknown };
}

/** Rooms for transcripts of emergency access, and what our voices can open of a room's past. */
export class MatrixEmergencyRooms implements EmergencyRooms {
  readonly #options: MatrixEmergencyRoomsOptions;

  constructor(options: MatrixEmergencyRoomsOptions) {
    this.#options = options;
  }

  ensure(name: string): Promise<Result<RoomId, PortFailure>> {
    const { made, version, bot, rotationMessages, rotationMs } = this.#options;
    const purpose: RoomPurpose = { purpose: 'kept', key: `break-glass:${name}` };
    const body = {
      ...roomRecipe({ purpose, version, bot, voices: [], rotationMessages, rotationMs }),
      name: `Emergency access ${name}`,
      creation_content: { 'm.federate': false },
    };
    return made.inTurn(purpose, () => made.findOrCreate(purpose, body));
  }

  bringIn(room: RoomId, user: UserId): Promise<Result<void, PortFailure>> {
    return this.#options.memberships.bringIn(room, user);
  }

  async isIn(room: RoomId, user: UserId): Promise<Result<boolean, PortFailure>> {
    const state = await this.#options.members.of(room);
    return state.ok ? ok(state.value.joined.includes(user)) : state;
  }

  async past(
    room: RoomId,
    user: UserId,
    { since, messages: limit }: Parameters<EmergencyRooms['past']>[2],
  ): Promise<Result<readonly PastMessage[], PortFailure>> {
    let events: RawEvent[] = [];
    let hasCome = false;
    const read = await this.#history(room, (event) => {
      const isJoin = event.type === 'm.room.member' && event.state_key === user && event.content?.membership === 'join';
      if (isJoin && !hasCome) {
        // What came after they did they read by themselves.
        hasCome = true;
        events = [];
      } else if (isMessage(event) && Number(event.origin_server_ts) >= since) events.push(event);
      return Number(event.origin_server_ts) >= since && (!hasCome || events.length < limit);
    });
    if (!read.ok) return read;
    const messages: PastMessage[] = [];
    for (const event of events.slice(0, limit).reverse()) {
      const message = await this.#opened(room, event);
      if (message !== null) messages.push(message);
    }
    return ok(messages);
  }

  async say(room: RoomId, id: string, content: Phi<Record<string, unknown>>): Promise<Result<EventId, PortFailure>> {
    const { voices, bot } = this.#options;
    const encrypted = await voices.encrypt(bot, room, 'm.room.message', content);
    return encrypted.ok ? voices.send(bot, room, 'm.room.encrypted', id, encrypted.value.content) : encrypted;
  }

  async close(room: RoomId, user: UserId, but: EventId): Promise<Result<void, PortFailure>> {
    const { bot, memberships } = this.#options;
    const said: EventId[] = [];
    const read = await this.#history(room, (event) => {
      if (isMessage(event) && event.sender === bot && event.event_id !== but)
        said.push(eventId(String(event.event_id)));
      return true;
    });
    if (!read.ok) return read;
    for (const event of said) {
      const redacted = await this.#redact(room, event);
      if (!redacted.ok) return redacted;
    }
    return memberships.remove(room, user, REASON);
  }

  /** The newest first, until `take` has enough. */
  async #history(room: RoomId, take: (event: RawEvent) => boolean): Promise<Result<void, PortFailure>> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`;
    try {
      for (let page = 0, from: string | undefined; page < MOST_PAGES; page += 1) {
        const answer = await this.#options.botRequest('GET', path, {
          query: { dir: 'b', limit: PAGE, from },
          timeoutMs: TIMEOUT_MS,
        });
        if (answer.status !== 200) return err(failureOf(answer));
        const { chunk = [], end } = (answer.body ?? {}) as { chunk?: readonly RawEvent[]; end?: unknown };
        for (const event of chunk) if (!take(event)) return ok(undefined);
        if (typeof end !== 'string' || end === from) break;
        from = end;
      }
      return ok(undefined);
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }

  async #opened(room: RoomId, event: RawEvent): Promise<PastMessage | null> {
    const about = { sender: userId(String(event.sender)), sentAt: Number(event.origin_server_ts) };
    if (event.type !== 'm.room.encrypted') return messageOf(about, event.content ?? {});
    const whole: Openable = {
      ...about,
      roomId: room,
      type: 'm.room.encrypted',
      eventId: eventId(String(event.event_id)),
      content: event.content ?? {},
    };
    const opened = await this.#options.decryptor.open(whole);
    if (!opened.ok) return { ...about, text: null };
    const { type, content } = opened.value.clear;
    return type === 'm.room.message' ? messageOf(about, content.reveal()) : null;
  }

  async #redact(room: RoomId, event: EventId): Promise<Result<void, PortFailure>> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/redact/${encodeURIComponent(event)}/wr.closed.${encodeURIComponent(event)}`;
    try {
      const answer = await this.#options.botRequest('PUT', path, { body: { reason: REASON }, timeoutMs: TIMEOUT_MS });
      return answer.status === 200 ? ok(undefined) : err(failureOf(answer));
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }
}

/** A message of which something is left. */
const isMessage = ({ type, state_key: key, content, unsigned }: RawEvent): boolean =>
  key === undefined &&
  unsigned?.redacted_because === undefined &&
  (type === 'm.room.message' || (type === 'm.room.encrypted' && typeof content?.ciphertext === 'string'));

const FILES: ReadonlySet<unknown> = new Set(['m.file', 'm.image', 'm.audio', 'm.video']);

function messageOf(
  about: Pick<PastMessage, 'sender' | 'sentAt'>,
  content: Readonly<Record<string, unknown>>,
): PastMessage | null {
  const relation = content['m.relates_to'] as { rel_type?: unknown } | undefined;
  const isEdit = relation?.rel_type === 'm.replace';
  const said = (isEdit ? content['m.new_content'] : content) as Readonly<Record<string, unknown>> | undefined;
  if (typeof said?.body !== 'string') return null;
  const name = typeof said.filename === 'string' ? said.filename : said.body;
  const isFile = FILES.has(said.msgtype);
  return {
    ...about,
    text: new Phi(isFile && name === said.body ? '' : said.body),
    ...(isFile ? { attachment: new Phi(name) } : {}),
    ...(isEdit ? { isEdit: true } : {}),
  };
}
