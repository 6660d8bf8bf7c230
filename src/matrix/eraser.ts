import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Eraser, HistoryPage, StoredEvent } from '../flows/eraserPort.ts';
import { type EventId, eventId, type RoomId, userId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import { adminFailure } from './adminFailure.ts';
import { errcodeOf, failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest, MatrixResponse } from './matrixRequest.ts';

export interface MatrixEraserOptions {
  /** Speaks as the bot, which is in every room of ours, with power to redact, and administrator of the homeserver where that was set up. */
  readonly botRequest: MatrixRequest;
  readonly serverName: string;
}

const PAGE = 500;
const ASK_EVERY_MS = 100;
/** Longer than any purge of a day's messages takes; it goes on at the homeserver all the same. */
const PURGE_MS = 10 * 60_000;
const TIMEOUT_MS = 60_000;

type Json = Readonly<Record<string, unknown>>;

/**
 * Deletes at Synapse: history by "Purge History API", single events by redaction, files by "Delete local media" (reference: Synapse admin API).
 * A purge takes everything before an event in the homeserver's own order; state, and the last event of a room, stay.
 */
export class MatrixEraser implements Eraser {
  readonly #options: MatrixEraserOptions;

  constructor(options: MatrixEraserOptions) {
    this.#options = options;
  }

  async history(room: RoomId, from: Parameters<Eraser['history']>[1]): Promise<Result<HistoryPage, PortFailure>> {
    const start = await this.#startOf(room, from);
    if (!start.ok) return start;
    const query = { dir: 'b', limit: PAGE, ...(start.value === null ? {} : { from: start.value }) };
    // An administrator sees what the bot may not: history of an adopted room from before it came.
    const answer = await this.#readAsAdmin(`rooms/${encodeURIComponent(room)}/messages`, query);
    if (!answer.ok) return answer;
    const { chunk, end } = asObject(answer.value.body);
    if (!Array.isArray(chunk)) return err({ kind: 'retry', code: 'homeserver-unclear' });
    const events = chunk.flatMap((one) => storedEvent(asObject(one)));
    return ok({ events, next: typeof end === 'string' && end !== start.value ? end : null });
  }

  async purge(room: RoomId, upTo: EventId): Promise<Result<void, PortFailure>> {
    const path = `/_synapse/admin/v1/purge_history/${encodeURIComponent(room)}/${encodeURIComponent(upTo)}`;
    const started = await this.#ask('POST', path, { body: { delete_local_events: true } });
    if (!started.ok) return started;
    if (started.value.status !== 200) return err(adminFailure(started.value));
    const { purge_id: id } = asObject(started.value.body);
    if (typeof id !== 'string') return err({ kind: 'retry', code: 'homeserver-unclear' });
    const done = await this.#finished(id);
    if (!done.ok) return done;
    const left = await this.history(room, { before: upTo });
    if (!left.ok) return left;
    const isLeft = left.value.events.some(({ stateKey }) => stateKey === null);
    return isLeft ? err({ kind: 'retry', code: 'not-purged' }) : ok(undefined);
  }

  async look(room: RoomId, event: EventId): Promise<Result<'there' | 'redacted' | 'gone', PortFailure>> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(event)}`;
    const answer = await this.#ask('GET', path);
    if (!answer.ok) return answer;
    if (answer.value.status === 404 && errcodeOf(answer.value) === 'M_NOT_FOUND') return ok('gone');
    if (answer.value.status !== 200) return err(failureOf(answer.value));
    const { unsigned } = asObject(answer.value.body);
    return ok(asObject(unsigned).redacted_because === undefined ? 'there' : 'redacted');
  }

  async redact(room: RoomId, event: EventId, reason: string): Promise<Result<void, PortFailure>> {
    const id = createHash('sha256').update(`${room} ${event}`).digest('base64url').slice(0, 32);
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/redact/${encodeURIComponent(event)}/wr.redact.${id}`;
    const answer = await this.#ask('PUT', path, { body: { reason } });
    if (!answer.ok) return answer;
    return answer.value.status === 200 ? ok(undefined) : err(failureOf(answer.value));
  }

  async deleteMedia(mxc: string): Promise<Result<'deleted' | 'elsewhere', PortFailure>> {
    const [, server, id] = /^mxc:\/\/([^/]+)\/([A-Za-z0-9_-]+)$/.exec(mxc) ?? [];
    if (server === undefined || id === undefined) return err({ kind: 'permanent', code: 'not-found' });
    if (server !== this.#options.serverName) return ok('elsewhere');
    const answer = await this.#ask('DELETE', `/_synapse/admin/v1/media/${encodeURIComponent(server)}/${id}`);
    if (!answer.ok) return answer;
    const { status } = answer.value;
    return status === 200 || status === 404 ? ok('deleted') : err(adminFailure(answer.value));
  }

  /** The place from which to read; null: the room's end. */
  async #startOf(room: RoomId, from: Parameters<Eraser['history']>[1]): Promise<Result<string | null, PortFailure>> {
    if (from === 'end') return ok(null);
    if ('page' in from) return ok(from.page);
    const path = `rooms/${encodeURIComponent(room)}/context/${encodeURIComponent(from.before)}`;
    const answer = await this.#readAsAdmin(path, { limit: 0 });
    if (!answer.ok) return answer;
    const { start } = asObject(answer.value.body);
    return typeof start === 'string' ? ok(start) : err({ kind: 'retry', code: 'homeserver-unclear' });
  }

  async #finished(id: string): Promise<Result<void, PortFailure>> {
    const path = `/_synapse/admin/v1/purge_history_status/${encodeURIComponent(id)}`;
    for (const deadline = performance.now() + PURGE_MS; performance.now() < deadline; await pause(ASK_EVERY_MS)) {
      const answer = await this.#ask('GET', path);
      if (!answer.ok) return answer;
      if (answer.value.status !== 200) return err(adminFailure(answer.value));
      const { status } = asObject(answer.value.body);
      if (status === 'complete') return ok(undefined);
      if (status === 'failed') return err({ kind: 'retry', code: 'purge-failed' });
    }
    return err({ kind: 'retry', code: 'homeserver-timeout' });
  }

  async #readAsAdmin(
    path: string,
    query: Readonly<Record<string, string | number>>,
  ): Promise<Result<MatrixResponse, PortFailure>> {
    const answer = await this.#ask('GET', `/_synapse/admin/v1/${path}`, { query });
    if (!answer.ok || answer.value.status === 200) return answer;
    return err(adminFailure(answer.value));
  }

  async #ask(...[method, path, options]: Parameters<MatrixRequest>): Promise<Result<MatrixResponse, PortFailure>> {
    try {
      return ok(await this.#options.botRequest(method, path, { timeoutMs: TIMEOUT_MS, ...options }));
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }
}

function storedEvent(event: Json): StoredEvent[] {
  const { event_id: id, sender, type, state_key: stateKey, origin_server_ts: sentAt, redacts } = event;
  if (typeof id !== 'string' || typeof sender !== 'string' || typeof type !== 'string') return [];
  const content = asObject(event.content);
  const relation = asObject(content['m.relates_to']);
  const target = text(type === 'm.room.redaction' ? (content.redacts ?? redacts) : relation.event_id);
  return [
    {
      event: eventId(id),
      sender: userId(sender),
      type,
      stateKey: typeof stateKey === 'string' ? stateKey : null,
      sentAt: Number.isSafeInteger(sentAt) ? (sentAt as number) : 0,
      relatesTo: target === null ? null : eventId(target),
      relType: text(relation.rel_type),
      sessionId: type === 'm.room.encrypted' ? text(content.session_id) : null,
    },
  ];
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const asObject = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
