/** Emergency access to a room by somebody who may not be in it otherwise (break-glass, 45 CFR 164.312(a)(2)(ii)): from being granted to being reviewed. */
import type { Instant } from '../kernel/clock.ts';
import type { RoomId, UserId } from '../kernel/ids.ts';

/** Somebody may be in this one room until then. */
export interface EmergencyAccess {
  readonly user: UserId;
  readonly room: RoomId;
  /** Excluded. */
  readonly until: Instant;
}

/** What of a room's past is read by it: fixed when it is granted, so that a transcript that is tried again is the same one. */
export interface Past {
  /** By the machine's clock, as homeservers date messages. */
  readonly since: Instant;
  /** So many at most, the latest. */
  readonly messages: number;
}

/** What happened to one use, in order. What somebody wrote (reason, note) is kept apart, sealed. */
export type BreakGlassEvent =
  | ({
      readonly type: 'granted';
      readonly by: UserId;
      readonly at: Instant;
      /** Of the room. */
      readonly class: string;
      readonly past: Past;
    } & EmergencyAccess)
  /** Officers were told: that it was granted, or for the n-th day that nobody has reviewed it. */
  | { readonly type: 'told'; readonly at: Instant; readonly of: 'granted' | number }
  /** The room of this person and the bot alone is there. */
  | { readonly type: 'opened'; readonly at: Instant; readonly transcriptRoom: RoomId }
  /** All of the transcript is in it. */
  | { readonly type: 'transcript'; readonly at: Instant; readonly messages: number; readonly unreadable: number }
  | {
      readonly type: 'ended';
      readonly at: Instant;
      readonly by: UserId | 'wardroom';
      readonly why: 'expired' | 'officer';
    }
  /** The transcript is redacted, and the person out of its room. */
  | { readonly type: 'closed'; readonly at: Instant }
  | { readonly type: 'reviewed'; readonly at: Instant; readonly by: UserId };

/** One use as it stands. */
export interface BreakGlass extends EmergencyAccess {
  readonly id: number;
  readonly class: string;
  readonly grantedAt: Instant;
  readonly past: Past;
  readonly told: readonly ('granted' | number)[];
  readonly transcriptRoom: RoomId | null;
  readonly transcript: { readonly messages: number; readonly unreadable: number } | null;
  readonly ended: {
    readonly at: Instant;
    readonly by: UserId | 'wardroom';
    readonly why: 'expired' | 'officer';
  } | null;
  readonly isClosed: boolean;
  readonly reviewed: { readonly at: Instant; readonly by: UserId } | null;
}

export const breakGlassName = (id: number): string => `BG-${id}`;

/** Null: it was never granted. */
export function foldBreakGlass(id: number, events: readonly BreakGlassEvent[]): BreakGlass | null {
  let use: BreakGlass | null = null;
  for (const event of events) {
    if (event.type === 'granted') {
      const { user, room, until, at } = event;
      use = {
        id,
        user,
        room,
        until,
        class: event.class,
        grantedAt: at,
        past: event.past,
        told: [],
        transcriptRoom: null,
        transcript: null,
        ended: null,
        isClosed: false,
        reviewed: null,
      };
    } else if (use !== null) use = after(use, event);
  }
  return use;
}

function after(use: BreakGlass, event: Exclude<BreakGlassEvent, { type: 'granted' }>): BreakGlass {
  switch (event.type) {
    case 'told':
      return { ...use, told: [...use.told, event.of] };
    case 'opened':
      return { ...use, transcriptRoom: event.transcriptRoom };
    case 'transcript':
      return { ...use, transcript: { messages: event.messages, unreadable: event.unreadable } };
    case 'ended':
      // The first end counts.
      return use.ended === null ? { ...use, ended: { at: event.at, by: event.by, why: event.why } } : use;
    case 'closed':
      return { ...use, isClosed: true };
    case 'reviewed':
      return use.reviewed === null ? { ...use, reviewed: { at: event.at, by: event.by } } : use;
  }
}

/** Whether it opens the room now: what is over is over whether or not somebody has said so yet. */
export const opensNow = ({ until, ended }: BreakGlass, now: Instant): boolean => ended === null && now < until;

/** Whether somebody may be in the room of these accesses because of one. */
export const hasEmergencyAccess = (
  user: UserId,
  accesses: readonly EmergencyAccess[] | undefined,
  now: Instant,
): boolean => accesses?.some((one) => one.user === user && now < one.until) ?? false;

const DAY_MS = 86_400_000;

/** For which day officers are to be told that nobody has reviewed it: from the day after its end on, once a day; null: not now. */
export function reviewChaseDue({ ended, reviewed, told }: BreakGlass, now: Instant): number | null {
  if (ended === null || reviewed !== null) return null;
  const days = Math.floor((now - ended.at) / DAY_MS);
  return days >= 1 && !told.some((one) => typeof one === 'number' && one >= days) ? days : null;
}
