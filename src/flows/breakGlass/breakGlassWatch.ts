import type { Clock } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import type { PortFailure, Result } from '../../kernel/result.ts';
import {
  type BreakGlassEvent,
  breakGlassName,
  opensNow,
  reviewChaseDue,
  type BreakGlass as Use,
} from '../../policy/index.ts';
import type { BreakGlassNotice, BreakGlassWording, EmergencyRooms } from '../breakGlassPort.ts';
import type { CrashPoints, Store } from '../ports.ts';
import { fold } from './accessesNow.ts';
import { BREAK_GLASS_LOCK, entry } from './breakGlass.ts';

export interface BreakGlassFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly crash: CrashPoints;
  readonly rooms: EmergencyRooms;
  readonly officers: { tell(id: string, notice: BreakGlassNotice): Promise<Result<unknown, PortFailure>> };
  readonly wording: BreakGlassWording;
  readonly roomName: (room: RoomId) => string;
  /** Whether the policy lets somebody into a kept room. */
  readonly admits: (room: RoomId, user: UserId) => boolean;
  /** A room is looked at again: somebody may be in it that may not any more. */
  readonly recheck: (room: RoomId) => void;
  readonly onFailure: (error: unknown) => void;
}

/**
 * What follows from emergency access: officers are told, the person reads the past in a room of their own, the end is put on record and the
 * transcript closed, and whoever has to review it is asked until it is done. Everything is taken up from the record, so nothing is lost with a process.
 */
export class BreakGlassWatch {
  readonly #flow: BreakGlassFlow;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(flow: BreakGlassFlow) {
    this.#flow = flow;
  }

  /** Call it every second, where this process leads, and when something was decided. Never two at once. */
  look(): Promise<void> {
    if (this.#running !== null) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#lookNow().finally(() => {
      this.#running = null;
      if (!this.#again) return;
      this.#again = false;
      void this.look().catch(this.#flow.onFailure);
    });
    return this.#running;
  }

  async #lookNow(): Promise<void> {
    const { store, clock, crash, onFailure } = this.#flow;
    const uses = (await store.read.breakGlass.open()).map(fold);
    // Ends come first, and wait for nobody's transcript.
    for (const use of uses) {
      if (use.ended !== null || clock.now() < use.until) continue;
      await this.#append(use, { type: 'ended', at: clock.now(), by: 'wardroom', why: 'expired' });
      crash.reach('breakglass.ended');
      this.#flow.recheck(use.room);
    }
    const looks = await Promise.allSettled(uses.map((use) => this.#lookAt(use.id)));
    for (const look of looks) if (look.status === 'rejected') onFailure(look.reason);
  }

  async #lookAt(id: number): Promise<void> {
    const { store, clock, officers } = this.#flow;
    const kept = await store.read.breakGlass.one(id);
    if (kept === null) return;
    const use = fold(kept);
    const name = breakGlassName(id);
    if (!use.told.includes('granted')) {
      const { user, room, until } = use;
      const notice = { kind: 'granted', use: name, user, room, roomName: this.#flow.roomName(room), until } as const;
      if ((await officers.tell(`wr.breakglass.${name}.granted`, notice)).ok)
        await this.#append(use, { type: 'told', at: clock.now(), of: 'granted' });
    }
    if (opensNow(use, clock.now())) {
      if (use.transcript === null) await this.#deliver(use);
    } else if (use.ended !== null && !use.isClosed) await this.#close(use);
    const days = reviewChaseDue(use, clock.now());
    if (days === null) return;
    const notice = { kind: 'unreviewed', use: name, user: use.user, days } as const;
    if ((await officers.tell(`wr.breakglass.${name}.unreviewed.${days}`, notice)).ok)
      await this.#append(use, { type: 'told', at: clock.now(), of: days });
  }

  /** The past, once the person is in the room: from there on they read by themselves. */
  async #deliver(use: Use): Promise<void> {
    const { rooms, clock, wording, crash, roomName } = this.#flow;
    const { user, room, until } = use;
    const name = breakGlassName(use.id);
    const own = use.transcriptRoom ?? (await this.#open(use));
    if (own === null) return;
    const [isHere, isThere] = [await rooms.isIn(room, user), await rooms.isIn(own, user)];
    if (isThere.ok && !isThere.value) await rooms.bringIn(own, user);
    if (!isHere.ok || !isHere.value || !isThere.ok || !isThere.value) return;
    const found = await rooms.past(room, user, use.past);
    if (!found.ok) return;
    const contents = wording.transcript(found.value, { use: name, roomName: roomName(room), until });
    for (const [index, content] of contents.entries()) {
      // Ended by an officer meanwhile, or over: nothing more is handed out.
      const now = await this.#flow.store.read.breakGlass.one(use.id);
      if (now === null || !opensNow(fold(now), clock.now())) return;
      if (!(await rooms.say(own, `wr.breakglass.${name}.transcript.${index}`, content)).ok) return;
      crash.reach('breakglass.reading');
    }
    const unreadable = found.value.filter(({ text }) => text === null).length;
    await this.#append(use, { type: 'transcript', at: clock.now(), messages: found.value.length, unreadable });
  }

  async #open(use: Use): Promise<RoomId | null> {
    const own = await this.#flow.rooms.ensure(breakGlassName(use.id));
    if (!own.ok) return null;
    await this.#append(use, { type: 'opened', at: this.#flow.clock.now(), transcriptRoom: own.value });
    const brought = await this.#flow.rooms.bringIn(own.value, use.user);
    return brought.ok ? own.value : null;
  }

  async #close(use: Use): Promise<void> {
    const { rooms, wording, recheck, admits, clock, crash } = this.#flow;
    const name = breakGlassName(use.id);
    const isIn = await rooms.isIn(use.room, use.user);
    const isOut = isIn.ok && (!isIn.value || admits(use.room, use.user));
    if (!isOut) recheck(use.room);
    if (use.transcriptRoom !== null) {
      const said = await rooms.say(use.transcriptRoom, `wr.breakglass.${name}.closed`, wording.closing(name));
      if (!said.ok) return;
      crash.reach('breakglass.closing');
      if (!(await rooms.close(use.transcriptRoom, use.user, said.value)).ok) return;
    }
    // Until the homeserver says that they are out, or they may be in by another right, the room is looked at again.
    if (isOut) await this.#append(use, { type: 'closed', at: clock.now() });
  }

  /** Once, however many processes try. */
  async #append(use: Use, event: Exclude<BreakGlassEvent, { type: 'granted' | 'reviewed' }>): Promise<void> {
    await this.#flow.store.change(async (tx) => {
      await tx.lock(BREAK_GLASS_LOCK);
      const kept = await tx.breakGlass.one(use.id);
      const isThere = kept?.events.some(
        (one) => one.type === event.type && (one.type !== 'told' || event.type !== 'told' || one.of === event.of),
      );
      if (kept === null || isThere) return null;
      await tx.breakGlass.append(use.id, event, null);
      const { type, at: _, ...about } = event;
      const detail = { breakglass: breakGlassName(use.id), user: use.user, ...about };
      return { value: null, audit: [entry(type, 'wardroom', use.room, detail)] };
    });
  }
}
