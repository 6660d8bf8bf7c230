import type { UserId } from '../kernel/ids.ts';
import { type Correction, inOrder } from './correction.ts';
import { type ObservedRoom, Room } from './observedRoom.ts';
import type { RoomClass } from './policySchema.ts';
import { Power } from './power.ts';
import { classOf } from './subjects.ts';
import { upkeep as allUpkeep } from './upkeep/index.ts';
import { cannot, type Found, type RoomFacts, type Sight, type Upkeep } from './upkeepRule.ts';

/**
 * The steps that bring a room from what it is to what its class demands, in the order in which they are taken; empty: nothing is wrong. Taking all of them
 * leaves a room whose plan holds nothing but what cannot be corrected. No plan removes Wardroom, shuts out the own server or lowers the bot's power.
 * The order of the rules does not matter; one that throws is a fault that cannot be corrected.
 */
export function plan(
  observed: ObservedRoom,
  facts: RoomFacts,
  upkeep: readonly Upkeep[] = allUpkeep,
): readonly Correction[] {
  const roomClass = classOf(facts.room.class, facts);
  if (!roomClass)
    return [{ ...WHOLE, ...cannot('class', 'class-unknown', 'There is no such room class. Name another one.') }];
  return stepsFor(observed, roomClass, facts, upkeep);
}

/** The same for a room whose rules stand beside the policy: the space of a role. */
export function stepsFor(
  observed: ObservedRoom,
  roomClass: RoomClass,
  facts: RoomFacts,
  upkeep: readonly Upkeep[],
): readonly Correction[] {
  const room = new Room(observed);
  if (room.members.get(facts.bot)?.membership !== 'join') {
    const what =
      'Wardroom is not in this room. Invite it and give it power, or let a server administrator make it room admin.';
    return [{ ...WHOLE, ...cannot('bot', 'bot-not-in-room', what) }];
  }
  const sight: Sight = { room, power: new Power(room), roomClass, facts };
  const found = upkeep.flatMap((rule) => looked(rule, sight));
  const of = (correction: Correction, power: Power) => possible(correction, room, power, facts.bot);
  const [levels, others] = [found.filter(setsPower), found.filter((correction) => !setsPower(correction))];
  const first = levels.map((correction) => of(correction, sight.power));
  // Power is set right first; the other steps are taken with what it is then.
  const set = first.find(setsPower);
  const power = set ? new Power(room, set.content) : sight.power;
  const steps = [...first, ...others.map((correction) => of(correction, power))];
  // Where nobody can be removed, a new key keeps nobody out: else every look at the room would make one.
  const removes = steps.some(({ kind }) => kind === 'kick');
  return inOrder(removes ? steps : steps.filter(({ kind }) => kind !== 'rotate-sessions'));
}

const setsPower = (step: Correction): step is Correction & { readonly kind: 'set-state' } =>
  step.kind === 'set-state' && step.type === 'm.room.power_levels';

/** Faults of the room as a whole. */
const WHOLE = { rule: 'plan', regulation: '45 CFR 164.308(a)(4)' };

function looked({ name, regulation, look }: Upkeep, sight: Sight): Correction[] {
  const of = (found: Found): Correction => ({ ...found, rule: name, regulation });
  try {
    return look(sight).map(of);
  } catch {
    // Whatever went wrong: nobody can say that this part of the room is right.
    return [of(cannot(name, 'rule-failed', 'This part of the room could not be looked at.'))];
  }
}

/** The step, if the homeserver will let the bot take it; else that it cannot be taken, and why. */
function possible(correction: Correction, room: Room, power: Power, bot: UserId): Correction {
  const missing = obstacle(correction, room, power, bot);
  if (missing === null) return correction;
  const { rule, regulation, fault } = correction;
  const user = 'user' in correction ? correction.user : undefined;
  return { ...cannot(fault, missing.why, missing.what, user), rule, regulation };
}

interface Obstacle {
  readonly why: string;
  readonly what: string;
}

const WEAK: Obstacle = {
  why: 'power-missing',
  what: 'Wardroom has too little power in this room. Somebody with more has to raise it to 100, or the room is made anew.',
};
const FOREIGN: Obstacle = {
  why: 'state-of-another',
  what: 'Only the person whose state it is can change it: ask them to remove it.',
};
const STRONG: Obstacle = {
  why: 'power-above-ours',
  what: 'Somebody has as much power in this room as Wardroom, or more. They have to give it up, or the room is made anew.',
};

function obstacle(found: Found, room: Room, power: Power, bot: UserId): Obstacle | null {
  const level = power.of(bot);
  const over = (user: UserId) => power.of(user) >= level;
  // Undoing a ban takes the power to ban and to kick.
  const unbanObstacle = (user: UserId) =>
    level < Math.max(power.level('ban'), power.level('kick')) ? WEAK : over(user) ? STRONG : null;
  switch (found.kind) {
    case 'set-state':
      if (found.stateKey.startsWith('@') && found.stateKey !== bot) return FOREIGN;
      return level < power.toSet(found.type) ? WEAK : null;
    case 'kick':
      return level < power.level('kick') ? WEAK : over(found.user) ? STRONG : null;
    case 'unban':
      return unbanObstacle(found.user);
    case 'join':
    case 'invite': {
      const banned = room.members.get(found.user)?.membership === 'ban';
      return level < power.level('invite') ? WEAK : banned ? unbanObstacle(found.user) : null;
    }
    default:
      return null;
  }
}
