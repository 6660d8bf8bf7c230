import type { Instant } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import {
  type Correction,
  decide,
  type Facts,
  faultKey,
  type Grant,
  isOurs,
  type ManagedRoom,
  membersAreTold,
  type ObservedRoom,
  plan,
  planMirror,
  planSpace,
  type RoleSpace,
  type RoomClass,
  type RoomFacts,
  touchesRoom,
} from '../../policy/index.ts';
import type { KeptRoom, KeptSubject, KnownFault } from '../keptRoomsPort.ts';
import type { Alarms, AuditEntry } from '../ports.ts';
import type { RoomKeeper } from '../roomKeeperPort.ts';
import type { KeptRooms } from './keptRooms.ts';

/** A fault that comes back so often within this time is nothing to fight over: people are told instead. */
const RETURNS = 3;
const WITHIN_MS = 3_600_000;

/** What a room is judged by, beside what it is itself. */
export interface Known {
  readonly facts: Facts;
  readonly roleSpaces: readonly RoleSpace[];
  readonly voicesOf: (room: KeptRoom) => readonly UserId[];
  /** The rooms that the space of a role opens. */
  readonly childrenOf: (space: KeptRoom) => readonly RoomId[];
  /** Whom a list beside the policy puts into a room of ours; null: what is recorded with the room. */
  readonly rosterOf: (room: KeptRoom) => Roster | null;
  /** Another one whenever something of it is. */
  readonly basis: string;
}

/** Who belongs into one of Wardroom's own rooms, by the on-call roster or the configuration. */
export interface Roster {
  /** They are brought in. */
  readonly named: readonly UserId[];
  /** Being on it stands for a role: whoever is called must be able to read (45 CFR 164.308(a)(4)); nobody else comes in by it. */
  readonly standsForRole: readonly UserId[];
  /** Whoever else is in the room is told of and not taken out. */
  readonly guestsStay?: boolean;
}

/** A closed room admits nobody: no role of this name is in any policy. */
const NOBODY = ['-'];

/** The steps that bring a kept room to what it has to be. */
export function planKept(kept: KeptRoom, observed: ObservedRoom, known: Known): readonly Correction[] {
  const { subject } = kept;
  const { facts } = known;
  switch (subject.kind) {
    case 'room':
      return withGuests(plan(observed, roomFacts(kept, subject, known)), known.rosterOf(kept));
    case 'space':
      return planSpace(observed, { ...facts, space: { ...subject, children: known.childrenOf(kept) } });
    case 'mirrored':
      return planMirror(observed, subject, facts);
  }
}

/** Guests of a room in which they stay are for people to look at. */
function withGuests(corrections: readonly Correction[], roster: Roster | null): readonly Correction[] {
  if (roster?.guestsStay !== true) return corrections;
  return corrections.flatMap((step): Correction[] => {
    if (step.kind === 'rotate-sessions') return [];
    if (step.kind !== 'kick') return [step];
    const { user, rule, regulation, fault } = step;
    const what = 'Somebody is in this room who holds no role for it. Take them out, unless you know why they are here.';
    return [{ kind: 'cannot-correct', why: 'guest', what, user, rule, regulation, fault }];
  });
}

/** The room as the policy sees it, and what it is judged by. */
export function roomFacts(
  kept: KeptRoom,
  { class: roomClass, name, roles, named, account, patient }: Extract<KeptSubject, { kind: 'room' }>,
  { facts, roleSpaces, voicesOf, rosterOf }: Known,
): RoomFacts {
  const isClosed = kept.state === 'closed';
  const roster = rosterOf(kept);
  const room: ManagedRoom = {
    class: roomClass,
    name,
    roles: isClosed ? NOBODY : roles,
    named: isClosed ? [] : (roster?.named ?? named),
    ...(account === undefined ? {} : { account, ...toldByTopic(facts.policy.classes[roomClass]) }),
    voices: voicesOf(kept),
    emergencies: isClosed ? [] : (facts.emergencies ?? []).filter((one) => one.room === kept.roomId),
    replacedBy: kept.replacedBy,
    isHeld: isHeld(kept, { class: roomClass, patient: patient ?? null }, facts),
  };
  return { ...facts, grants: withRoster(facts, roomClass, roster), room, roleSpaces };
}

const isHeld = (
  { roomId }: KeptRoom,
  of: { readonly class: string; readonly patient: string | null },
  { holds = [] }: Facts,
): boolean => roomId !== null && holds.some(({ covers }) => touchesRoom(covers, { ...of, room: roomId }));

/** In a room of pages every message wakes somebody: what members are told once stands above it instead. */
const toldByTopic = (roomClass: RoomClass | undefined) =>
  roomClass === undefined ? {} : { topic: membersAreTold(roomClass) };

/** The grants there are, and what the roster of this one room stands for. */
function withRoster({ grants, policy, bot }: Facts, roomClass: string, roster: Roster | null): readonly Grant[] {
  const [role] = policy.classes[roomClass]?.roles ?? [];
  if (roster === null || role === undefined || roster.standsForRole.length === 0) return grants;
  return [
    ...grants,
    ...roster.standsForRole.map((user) => ({
      user,
      role,
      from: 0,
      until: null,
      reviewBy: Number.MAX_SAFE_INTEGER,
      by: bot,
    })),
  ];
}

/** Of these members, who may be in the room; guests who stay hear what is said. */
export function mayRead(
  kept: KeptRoom,
  subject: Extract<KeptSubject, { kind: 'room' }>,
  members: readonly UserId[],
  known: Known,
): readonly UserId[] {
  if (known.rosterOf(kept)?.guestsStay === true) return members;
  // Of a class that there is not, people are told; to speak to nobody would be worse.
  if (!Object.hasOwn(known.facts.policy.classes, subject.class)) return members;
  const facts = roomFacts(kept, subject, known);
  return members.filter(
    (user) => isOurs(user, facts) || decide({ kind: 'join', user, room: facts.room }, facts).length === 0,
  );
}

export interface ApplyParts {
  readonly rooms: KeptRooms;
  readonly keeper: RoomKeeper;
  readonly alarms: Alarms;
}

/** What became of a plan. */
export interface Kept {
  /** Something was changed at the homeserver. */
  readonly changed: boolean;
  /** Something could not be done now; it is worth another try. */
  readonly again: boolean;
}

/**
 * Takes the steps of a plan and says so in the audit log: before, so that a death in between leaves nothing unexplained, and afterwards what
 * became of each (45 CFR 164.312(b), (c)(1)). What cannot be corrected, and what keeps coming back, is told to people once.
 */
export async function applyPlan(
  { rooms, keeper, alarms }: ApplyParts,
  kept: KeptRoom & { readonly roomId: RoomId },
  corrections: readonly Correction[],
  { now, basis }: { readonly now: Instant; readonly basis: string },
): Promise<Kept> {
  const room = kept.roomId;
  const faults = recent(kept.faults, now, basis);
  const known = (correction: Correction): KnownFault =>
    faults.get(faultKey(correction)) ?? { basis, times: 0, lastAt: now, alarmed: false };
  const entry = (
    action: string,
    outcome: AuditEntry['outcome'],
    correction: Correction,
    code?: string,
  ): AuditEntry => ({
    action,
    outcome,
    actor: 'wardroom',
    code: code ?? correction.fault,
    room,
    detail: detailOf(correction),
  });

  const steps: Correction[] = [];
  const audit: AuditEntry[] = [];
  const told: string[] = [];
  for (const correction of corrections) {
    const before = known(correction);
    const returns = before.times >= RETURNS;
    if (correction.kind !== 'cannot-correct' && !returns) {
      steps.push(correction);
      continue;
    }
    if (before.alarmed) continue;
    faults.set(faultKey(correction), { ...before, lastAt: now, alarmed: true });
    const why = correction.kind === 'cannot-correct' ? correction.why : 'returned-three-times';
    audit.push(entry('room.not_corrected', 'failed', correction, why));
    told.push(correction.kind === 'cannot-correct' ? 'room-cannot-be-corrected' : 'room-fault-returns');
  }
  const plannedSteps = steps.map(detailOf);
  const [first, ...rest] = [
    ...audit,
    ...(steps.length === 0
      ? []
      : [
          {
            action: 'room.correcting',
            outcome: 'ok',
            actor: 'wardroom',
            room,
            detail: { steps: plannedSteps },
          } as const,
        ]),
  ];
  if (first === undefined) return { changed: false, again: false };
  await rooms.saveFaults(kept.key, Object.fromEntries(faults), [first, ...rest]);
  for (const code of told) alarms.raise(code, { room });
  if (steps.length === 0) return { changed: false, again: false };

  const outcomes: AuditEntry[] = [];
  let again = false;
  let changed = false;
  for (const step of steps) {
    // Followed by whoever keeps the list of rooms.
    if (step.kind === 'follow-upgrade' || step.kind === 'cannot-correct') continue;
    const taken = await keeper.take(room, step);
    if (taken.ok) {
      changed = true;
      const before = known(step);
      faults.set(faultKey(step), { ...before, times: before.times + 1, lastAt: now });
    } else again = true;
    outcomes.push(entry('room.corrected', taken.ok ? 'ok' : 'failed', step, taken.ok ? undefined : taken.error.code));
  }
  const [done, ...others] = outcomes;
  if (done !== undefined) await rooms.saveFaults(kept.key, Object.fromEntries(faults), [done, ...others]);
  return { changed, again };
}

/** Old faults are forgiven: an hour of quiet begins anew, and so does what somebody decided. */
const recent = (faults: KeptRoom['faults'], now: Instant, basis: string): Map<string, KnownFault> =>
  new Map(Object.entries(faults).filter(([, one]) => one.basis === basis && now - one.lastAt < WITHIN_MS));

/** What a step is about, for the log: no texts, no contents. */
export const detailOf = (correction: Correction): Readonly<Record<string, unknown>> => {
  const { kind, rule, fault, regulation } = correction;
  const about = { step: kind, rule, fault, regulation };
  switch (correction.kind) {
    case 'set-state':
      return { ...about, type: correction.type };
    case 'kick':
    case 'unban':
    case 'join':
    case 'invite':
      return { ...about, user: correction.user };
    case 'cannot-correct':
      return { ...about, why: correction.why, ...(correction.user === undefined ? {} : { user: correction.user }) };
    case 'follow-upgrade':
      return { ...about, replacement: correction.replacement, by: correction.by };
    case 'delete-alias':
    case 'rotate-sessions':
    case 'unlist':
      return about;
  }
};
