import type { EventId, RoomId, UserId } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import { ok, type PortFailure, type Result } from '../../kernel/result.ts';
import type { Encrypted } from '../ports.ts';
import { sendOnce } from '../sending.ts';
import type { TextingFlow } from './textingFlow.ts';
import type { OwedPost } from './textsPort.ts';

const AT_ONCE = 50;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
/** After so many tries somebody is told that nobody of the team could read it. */
const NOBODY_TRIES = 30;

/**
 * Posts what lines' voices owe rooms, in order per room: the ciphertext is kept before it is sent, so that a repetition after a crash is the
 * same event.
 */
export class TextPoster {
  readonly #flow: TextingFlow;

  constructor(flow: TextingFlow) {
    this.#flow = flow;
  }

  /** Posts what is due. Whether there is more. */
  async look(): Promise<boolean> {
    const { store, clock } = this.#flow;
    const owed = await store.read.texts.owedPosts(clock.now(), AT_ONCE);
    const byRoom = Map.groupBy(owed, ({ line, patient }) => `${line} ${patient}`);
    const done = await Promise.all([...byRoom.values()].map((posts) => this.#inTurn(posts)));
    return owed.length === AT_ONCE && done.every((all) => all);
  }

  /** Of one room; ends at the first that cannot be posted now. */
  async #inTurn(posts: readonly OwedPost[]): Promise<boolean> {
    for (const post of posts) {
      const posted = await this.#post(post);
      if (posted.ok) continue;
      await this.#later(post, posted.error);
      return false;
    }
    return true;
  }

  async #post(post: OwedPost): Promise<Result<void, PortFailure>> {
    const { store, voiceOf, crash } = this.#flow;
    const voice = voiceOf(post.line);
    const room = post.room !== null ? ok(post.room) : await this.#flow.rooms.open(post.line, post.patient);
    if (!room.ok) return room;
    const made = await this.#ciphertext(post, room.value);
    if (!made.ok) return made;
    const { ciphertext, isRepeated } = made.value;
    crash.reach('text.encrypted');
    const message = { voice, roomId: room.value, ciphertext, queuedAt: post.at, txnId: `wr.text.${post.id}` };
    const sent = await sendOnce(this.#flow, message, isRepeated);
    if (!sent.ok) return sent;
    crash.reach('text.posted');
    await store.change(async (tx) => {
      await tx.texts.posted(post.id, sent.value, mediaOf(post.content));
      const about = { room: room.value, event: sent.value, detail: { line: post.line, text: post.text } };
      return { value: null, audit: [{ action: 'text.shown', outcome: 'ok', actor: voice, ...about }] };
    });
    return ok(undefined);
  }

  async #ciphertext(
    post: OwedPost,
    room: RoomId,
  ): Promise<
    Result<{ readonly ciphertext: Readonly<Record<string, unknown>>; readonly isRepeated: boolean }, PortFailure>
  > {
    const { store, voices, voiceOf } = this.#flow;
    if (post.ciphertext !== null) return ok({ ciphertext: post.ciphertext, isRepeated: true });
    const edited = post.edits === null ? null : await store.read.texts.postedAs(post.edits);
    const content = post.content ?? new Phi<Record<string, unknown>>({});
    const encrypted = await voices.encrypt(voiceOf(post.line), room, 'm.room.message', editing(content, edited));
    if (!encrypted.ok) return encrypted;
    // Shown to nobody it would be lost: the team comes in, or somebody hears of it.
    if (!this.#isReadable(encrypted.value.readers))
      return { ok: false, error: { kind: 'retry', code: 'nobody-reads' } };
    const ciphertext = encrypted.value.content;
    const kept = await store.change(async (tx) =>
      (await tx.texts.keepPost(post.id, room, ciphertext))
        ? {
            value: true,
            audit: [
              {
                action: 'text.encrypted',
                outcome: 'ok',
                actor: voiceOf(post.line),
                room,
                detail: { readers: encrypted.value.readers },
              },
            ],
          }
        : null,
    );
    return kept === null
      ? { ok: false, error: { kind: 'retry', code: 'kept-elsewhere' } }
      : ok({ ciphertext, isRepeated: false });
  }

  #isReadable(readers: Encrypted['readers']): boolean {
    return Object.entries(readers).some(
      ([user, devices]) => devices.length > 0 && !this.#flow.isOwnUser(user as UserId),
    );
  }

  async #later(post: OwedPost, failure: PortFailure): Promise<void> {
    const { store, clock, alarms } = this.#flow;
    if (failure.code === 'nobody-reads' && post.attempts === NOBODY_TRIES) alarms.raise('text-nobody-reads', {});
    if (failure.kind === 'permanent') alarms.raise(`text-post-${failure.code}`, {});
    const growing = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(post.attempts, 10));
    const pause = failure.code === 'nobody-reads' ? comingPause(post.attempts) : growing;
    await store.change(async (tx) => {
      await tx.texts.postLater(post.id, clock.now() + pause);
      const detail = { line: post.line, text: post.text };
      const entry = {
        action: 'text.post_postponed',
        outcome: 'failed',
        actor: 'wardroom',
        code: failure.code,
        detail,
      } as const;
      return { value: null, audit: [entry] };
    });
  }
}

/** As an edit of an earlier message (Matrix specification, "Event replacements"); without one, as it is. */
function editing(content: Phi<Record<string, unknown>>, edited: EventId | null): Phi<Record<string, unknown>> {
  if (edited === null) return content;
  const { 'm.relates_to': _, ...whole } = content.reveal();
  return new Phi({
    ...whole,
    body: `* ${String(whole.body)}`,
    'm.new_content': whole,
    'm.relates_to': { rel_type: 'm.replace', event_id: edited },
  });
}

/** A team comes in within seconds; who has no device yet may need days. */
const comingPause = (attempts: number): number =>
  attempts < NOBODY_TRIES ? FIRST_RETRY_MS : Math.min(5 * 60_000, 1_000 * 2 ** Math.min(attempts - NOBODY_TRIES, 10));

/** The file that the message opens. */
function mediaOf(content: Phi<Record<string, unknown>> | null): string | null {
  const file = content?.reveal().file as { url?: unknown } | undefined;
  return typeof file?.url === 'string' ? file.url : null;
}
