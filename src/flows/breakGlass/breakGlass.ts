import { type Clock, isoInstant } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import {
  breakGlassName,
  decide,
  durationMs,
  type Facts,
  opensNow,
  type BreakGlass as Use,
} from '../../policy/index.ts';
import type { Said } from '../clinicianPort.ts';
import type { Decided } from '../commandsPort.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { FactReads } from '../policyFacts.ts';
import type { AuditEntry, CrashPoints, Tx } from '../ports.ts';
import { isRoom } from '../rooms/roomAnswers.ts';
import { fold } from './accessesNow.ts';

export interface BreakGlassDesk {
  readonly clock: Clock;
  /** As homeservers date messages. */
  readonly machineClock: Clock;
  readonly crash: CrashPoints;
  /** Null: the policy cannot be read. */
  readonly facts: (read: FactReads) => Promise<Facts | null>;
  readonly roomOf: (room: RoomId) => KeptRoom | null;
  /** Whether somebody may be in a kept room already. */
  readonly admits: (room: RoomId, user: UserId) => boolean;
  /** Something was granted or ended: taken up at once, after the commit. */
  readonly onChanged: (room: RoomId) => void;
}

/** Who asks for what. */
export interface Asked {
  readonly user: UserId;
  readonly room: RoomId;
  /** May hold health information. Null: none was given. */
  readonly reason: Phi<string> | null;
  /** Null: as long as the class allows. */
  readonly forMs: number | null;
}

export const BREAK_GLASS_LOCK = 'break-glass';
const LISTED = 50;
const NONE = { longest: '0m', past: '0m', messages: 0 };
/** Too little to be a reason, and enough for "code blue". */
const SHORTEST_REASON = 5;

/**
 * Emergency access (break-glass, 45 CFR 164.312(a)(2)(ii)): with a reason, for a while, on record before it is given, told to the officers, and
 * reviewed by somebody else afterwards. Who is in the room by it is decided with all other memberships.
 */
export class BreakGlass {
  readonly #flow: BreakGlassDesk;

  constructor(flow: BreakGlassDesk) {
    this.#flow = flow;
  }

  async take(tx: Tx, { user, room, reason, forMs }: Asked): Promise<Decided> {
    const { clock, machineClock, crash, facts: factsOf, roomOf, admits, onChanged } = this.#flow;
    const no = (code: string, data: Decided['data'] = {}): Decided => ({
      ...refused(code, { room_id: room, ...data }),
      audit: [entry('refused', user, room, { code })],
    });
    const facts = await factsOf(tx);
    if (facts === null) return no('policy-unreadable');
    const kept = roomOf(room);
    if (kept?.state !== 'kept' || !isRoom(kept)) return no('not-kept');
    const { subject } = kept;
    const { longest, past, messages } = facts.policy.classes[subject.class]?.break_glass ?? NONE;
    const lasts = forMs ?? durationMs(longest);
    const [violation] = decide({ kind: 'break-glass', user, room: subject, forMs: lasts }, facts);
    if (violation) return no(violation.code, { longest, faults: [{ path: '', what: violation.what }] });
    if ((reason?.reveal().trim().length ?? 0) < SHORTEST_REASON) return no('reason-missing');
    await tx.lock(BREAK_GLASS_LOCK);
    const now = clock.now();
    const running = (await tx.breakGlass.open())
      .map(fold)
      .find((use) => use.user === user && use.room === room && opensNow(use, now));
    if (running) return no('already-given', { until: isoInstant(running.until) });
    if (admits(room, user)) return no('may-be-in');
    const id = await tx.breakGlass.next();
    const until = now + lasts;
    const reach = { since: machineClock.now() - durationMs(past), messages };
    await tx.breakGlass.append(
      id,
      { type: 'granted', by: user, at: now, user, room, class: subject.class, until, past: reach },
      reason,
    );
    const breakglass = breakGlassName(id);
    return {
      outcome: 'ok',
      code: 'granted',
      data: { breakglass, room_id: room, user_id: user, until: isoInstant(until), transcript: 'follows' },
      audit: [entry('granted', user, room, { breakglass, class: subject.class, until: isoInstant(until) })],
      about: { breakglass },
      afterwards() {
        crash.reach('breakglass.granted');
        onChanged(room);
      },
    };
  }

  /** Asked for by a clinician in any room that Wardroom keeps. Only who is surely the sender counts, and only what was said just now. */
  async hear(tx: Tx, said: Said, asked: Omit<Asked, 'user'>): Promise<Decided> {
    const code = said.isOld ? 'heard-late' : said.isCrossSigned ? null : 'unverified-device';
    if (code === null) return this.take(tx, { user: said.sender, ...asked });
    return {
      ...refused(code, { room_id: asked.room }),
      audit: [entry('refused', said.sender, asked.room, { code })],
    };
  }

  /** Before its time, by an officer. */
  async end(tx: Tx, by: UserId, room: RoomId, user: UserId): Promise<Decided> {
    await tx.lock(BREAK_GLASS_LOCK);
    const now = this.#flow.clock.now();
    const use = (await tx.breakGlass.open())
      .map(fold)
      .find((one) => one.user === user && one.room === room && opensNow(one, now));
    if (!use) return refused('not-running', { room_id: room, user_id: user });
    await tx.breakGlass.append(use.id, { type: 'ended', at: now, by, why: 'officer' }, null);
    const ended = { ...use, ended: { at: now, by, why: 'officer' as const } };
    return {
      outcome: 'ok',
      code: 'ended',
      data: shown(ended),
      audit: [entry('ended', by, room, { breakglass: breakGlassName(use.id), user, why: 'officer' })],
      about: { breakglass: breakGlassName(use.id) },
      afterwards: () => this.#flow.onChanged(room),
    };
  }

  /** Those that are not done with, or the latest; why each was taken is shown and never part of the data. */
  async list(tx: Tx, all: boolean): Promise<Decided> {
    const uses = (await (all ? tx.breakGlass.latest(LISTED) : tx.breakGlass.open())).map(fold);
    const words: Record<string, string> = {};
    for (const { id } of uses) words[breakGlassName(id)] = (await tx.breakGlass.text(id, 'granted'))?.reveal() ?? '';
    return {
      outcome: 'ok',
      code: 'listed',
      data: { uses: uses.map(shown) },
      words: new Phi(words),
      audit: [],
    };
  }

  /** Somebody else than who used it has looked at it. */
  async review(tx: Tx, by: UserId, id: number, note: Phi<string> | null): Promise<Decided> {
    await tx.lock(BREAK_GLASS_LOCK);
    const kept = await tx.breakGlass.one(id);
    const breakglass = breakGlassName(id);
    if (kept === null) return refused('no-such-use', { breakglass });
    const use = fold(kept);
    const now = this.#flow.clock.now();
    if (use.ended === null) return refused('still-running', shown(use));
    if (use.reviewed !== null) return refused('already-reviewed', shown(use));
    if (use.user === by) return refused('own-use', shown(use));
    await tx.breakGlass.append(id, { type: 'reviewed', at: now, by }, note);
    return {
      outcome: 'ok',
      code: 'reviewed',
      data: shown({ ...use, reviewed: { at: now, by } }),
      audit: [entry('reviewed', by, use.room, { breakglass, user: use.user, has_note: note !== null })],
      about: { breakglass },
    };
  }
}

/** As answers show it: ids, times and codes. */
const shown = (use: Use): Readonly<Record<string, unknown>> => ({
  breakglass: breakGlassName(use.id),
  user_id: use.user,
  room_id: use.room,
  class: use.class,
  from: isoInstant(use.grantedAt),
  until: isoInstant(use.until),
  ended: use.ended === null ? null : isoInstant(use.ended.at),
  ended_by: use.ended?.by ?? null,
  transcript: use.transcript,
  reviewed_by: use.reviewed?.by ?? null,
});

export const entry = (
  verb: string,
  actor: string,
  room: RoomId,
  { code, ...detail }: Readonly<Record<string, unknown>>,
): AuditEntry => ({
  action: `breakglass.${verb}`,
  outcome: verb === 'refused' ? 'refused' : 'ok',
  actor,
  room,
  ...(typeof code === 'string' ? { code } : {}),
  detail,
});

const refused = (code: string, data: Decided['data']): Decided => ({
  outcome: 'refused',
  code,
  data,
  audit: [],
  ...('breakglass' in data ? { about: { breakglass: data.breakglass } } : {}),
});
