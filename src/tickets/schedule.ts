/** Who holds a role, and when (data rules: README, "Schedules"). Pure; instants are milliseconds, wall times local to the practice. */
import type { Instant } from '../kernel/clock.ts';
import type { Practice, Rotation } from './dispatchSchema.ts';
import { addDays, daysBetween, localDay, onDay, wallInstant } from './times.ts';

export type Tier = 'primary' | 'backup';

/** `who` is on duty from `from` up to but not including `until`; null: nobody, a hole. */
export interface Shift {
  readonly from: Instant;
  readonly until: Instant;
  readonly who: string | null;
  readonly via: 'rotation' | 'override' | 'default';
}

export type Duty = Pick<Shift, 'who' | 'via'>;

interface Override {
  readonly from: Instant;
  readonly until: Instant;
  readonly who: string | null;
}

/** One tier of a role: its rotation and what overrides it. */
export interface Track {
  at(instant: Instant): Duty;
  /** The shifts that touch this time, cut to it, in order and without gaps: a hole is a shift of nobody. */
  shifts(from: Instant, until: Instant): readonly Shift[];
}

/** Null when the role has no such tier: nobody is meant by it, ever. */
export function trackOf(practice: Practice, role: string, tier: Tier): Track | null {
  const known = Object.hasOwn(practice.roles, role) ? practice.roles[role] : undefined;
  if (!known) return null;
  const overrides = (known.overrides ?? [])
    .filter((override) => (override.tier ?? 'primary') === tier)
    .map(({ from, to, who }) => ({
      from: wallInstant(from, practice.tz),
      until: wallInstant(to, practice.tz),
      who: who === '' ? null : who,
    }));
  const rotation = tier === 'primary' ? known.rotation : known.backup;
  const base = rotation ? rotationTrack(rotation, practice.tz) : defaultTrack(practice, known.rotation, tier);
  if (!base && overrides.length === 0) return null;
  return overridden(base ?? constant(null, 'rotation'), overrides);
}

/** A role without a rotation means the default list: its first is the holder, its second the backup. */
function defaultTrack(practice: Practice, rotation: Rotation | undefined, tier: Tier): Track | null {
  if (rotation) return null;
  const who = practice.default[tier === 'primary' ? 0 : 1];
  return who === undefined ? null : constant(who, 'default');
}

const constant = (who: string | null, via: Duty['via']): Track => ({
  at: () => ({ who, via }),
  shifts: (from, until) => [{ from, until, who, via }],
});

/** Of overrides at the same time the one that was written last counts. */
function overridden(base: Track, overrides: readonly Override[]): Track {
  if (overrides.length === 0) return base;
  const at = (instant: Instant): Duty => {
    const override = overrides.findLast(({ from, until }) => from <= instant && instant < until);
    return override ? { who: override.who, via: 'override' } : base.at(instant);
  };
  return {
    at,
    shifts(from, until) {
      const edges = [
        ...base.shifts(from, until).map((shift) => shift.from),
        ...overrides.flatMap((override) => [override.from, override.until]),
      ];
      return between(edges, from, until, at);
    },
  };
}

function rotationTrack(rotation: Rotation, tz: string): Track {
  if (rotation.type === 'custom') return blockTrack(rotation.blocks, tz);
  const { anchor, order } = rotation;
  const period = rotation.type === 'weekly' ? 7 : 1;
  const time = rotation.handover.slice(-5);
  const handover = (index: number): Instant => onDay(addDays(anchor, index * period), time, tz);
  /** How many handovers after the anchor's the instant lies. */
  const indexAt = (instant: Instant): number => {
    let index = Math.floor(daysBetween(anchor, localDay(instant, tz)) / period);
    while (handover(index) > instant) index -= 1;
    while (handover(index + 1) <= instant) index += 1;
    return index;
  };
  /** Empty: somebody who left, and nobody took over. */
  const holder = (index: number): string => order[((index % order.length) + order.length) % order.length]!;
  const at = (instant: Instant): Duty => ({ who: holder(indexAt(instant)) || null, via: 'rotation' });
  return {
    at,
    shifts(from, until) {
      const edges: Instant[] = [];
      for (let index = indexAt(from) + 1; handover(index) < until; index += 1) edges.push(handover(index));
      return between(edges, from, until, at);
    },
  };
}

/** Dated blocks: with none current, nobody. */
function blockTrack(blocks: Extract<Rotation, { type: 'custom' }>['blocks'], tz: string): Track {
  const dated = blocks.map(([from, to, who]) => ({
    from: wallInstant(from, tz),
    until: wallInstant(to, tz),
    who: who === '' ? null : who,
  }));
  const at = (instant: Instant): Duty => ({
    who: dated.findLast(({ from, until }) => from <= instant && instant < until)?.who ?? null,
    via: 'rotation',
  });
  return {
    at,
    shifts: (from, until) =>
      between(
        dated.flatMap((block) => [block.from, block.until]),
        from,
        until,
        at,
      ),
  };
}

/** Shifts from the instants at which something may change; neighbours with the same duty are one. */
function between(
  edges: readonly Instant[],
  from: Instant,
  until: Instant,
  at: (instant: Instant) => Duty,
): readonly Shift[] {
  const starts = [from, ...edges.filter((edge) => edge > from && edge < until)];
  const shifts: Shift[] = [];
  for (const start of [...new Set(starts)].sort((one, other) => one - other)) {
    const duty = at(start);
    const last = shifts.at(-1);
    if (last && last.who === duty.who && last.via === duty.via) continue;
    if (last) shifts[shifts.length - 1] = { ...last, until: start };
    shifts.push({ from: start, until, ...duty });
  }
  return shifts;
}
