import type { Instant } from '../kernel/clock.ts';
import type { Protocol } from './protocol.ts';
import type { PlannedStep, Urgency } from './ticket.ts';
import { durationMs, isClockTime, nextClockTime, nextOfficeOpen, type OfficeHours } from './times.ts';

/** Where a practice is: what `next_office_open` and clock times mean there. */
export interface Place {
  /** IANA time zone. */
  readonly tz: string;
  readonly officeHours: OfficeHours | null;
}

export interface Ladder {
  /** In the order in which the steps fall due; simultaneous ones in the order of the protocol. Never empty. */
  readonly plan: readonly PlannedStep[];
  /** When nobody has acknowledged until then, the ticket is undelivered. Not before the last step. */
  readonly givesUpAt: Instant;
}

/** How long a ladder of one step waits before it gives up. */
const LONE_STEP_MS: Readonly<Record<Urgency, number>> = {
  stat: 15 * 60_000,
  urgent: 15 * 60_000,
  routine: 24 * 3_600_000,
  fyi: 24 * 3_600_000,
};

/**
 * The absolute times of a protocol's steps for a ticket accepted at `acceptedAt`. Times count from acceptance; `{every, times}`
 * repeats after the `at` before it; `next_office_open` and clock times wait for it, local to the practice (data README, "Protocols").
 * A step whose time cannot be told (no office hours) is due at once: rather early than never.
 */
export function compileLadder(protocol: Protocol, urgency: Urgency, acceptedAt: Instant, place: Place): Ladder {
  const plan: PlannedStep[] = [];
  let base = acceptedAt;
  let before: Pick<PlannedStep, 'do' | 'text'> | undefined;
  for (const [step, entry] of protocol.steps.entries()) {
    const every = entry.every === undefined ? null : durationMs(entry.every);
    if (every === null) base = dueTime(entry.at ?? '0s', acceptedAt, place);
    // A repeated to-do says what the one before it said.
    const text = entry.text ?? entry.body ?? (every !== null && before?.do === entry.do ? before.text : undefined);
    const planned = {
      step,
      do: entry.do,
      mention: entry.mention ?? false,
      ...(entry.to === undefined ? {} : { to: entry.to }),
      ...(text === undefined ? {} : { text }),
    };
    if (every === null) plan.push({ ...planned, repeat: 1, dueAt: base });
    else for (let n = 1; n <= (entry.times ?? 1); n += 1) plan.push({ ...planned, repeat: n, dueAt: base + n * every });
    before = planned;
  }
  plan.sort((one, other) => one.dueAt - other.dueAt || one.step - other.step);
  return { plan, givesUpAt: givesUpAt(protocol, plan, urgency) };
}

/** When a step with this `at` is due. */
export function dueTime(at: string, acceptedAt: Instant, { tz, officeHours }: Place): Instant {
  if (isClockTime(at)) return nextClockTime(acceptedAt, at, tz);
  if (at === 'next_office_open')
    return officeHours ? (nextOfficeOpen(acceptedAt, officeHours, tz) ?? acceptedAt) : acceptedAt;
  return acceptedAt + (durationMs(at) ?? 0);
}

/**
 * After the last step: one more interval if it repeats; at that moment if it told a human operator; else as long again as the
 * ladder waited before it.
 */
function givesUpAt(protocol: Protocol, plan: readonly PlannedStep[], urgency: Urgency): Instant {
  const last = plan.at(-1)!;
  const every = protocol.steps[last.step]?.every;
  if (every !== undefined) return last.dueAt + (durationMs(every) ?? 0);
  const previous = plan.findLast((step) => step.dueAt < last.dueAt);
  // A ladder all of whose steps are due at once has given nobody the time to answer yet.
  if (last.do === 'todo' && previous) return last.dueAt;
  return last.dueAt + (previous ? last.dueAt - previous.dueAt : LONE_STEP_MS[urgency]);
}
