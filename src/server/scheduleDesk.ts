import { addChanges, takeBackChange } from '../flows/changeSchedule.ts';
import type { OnCallRead } from '../flows/onCallPort.ts';
import type { ChangeOf, ScheduleDesk, ScheduleRefusal, Schedules } from '../flows/scheduleDeskPort.ts';
import type { Clock } from '../kernel/clock.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { placesNaming } from '../tickets/departures.ts';
import { buildDirectory } from '../tickets/directory.ts';
import { effectiveDispatch } from '../tickets/effectiveDispatch.ts';
import type { Config } from './config/index.ts';
import { planOverride, planSet, planSwap } from './oncall/change.ts';
import { ScheduleFault } from './oncall/fault.ts';
import { dryRun, gapsOf, shiftsOf, whoIs } from './oncall/look.ts';
import { personNamed, practiceOf, type Roster } from './oncall/roster.ts';

export interface ScheduleDeskParts {
  readonly config: Config;
  readonly clock: Clock;
  /** Changes that stand, as everybody sees them. */
  readonly oncall: OnCallRead;
}

/** What `wardroom oncall` does, for the bot: the same looks and the same plans, on the schedules of the command's own transaction. */
export function scheduleDesk({ config, clock, oncall }: ScheduleDeskParts): ScheduleDesk {
  const { dispatch } = config;
  const rosterOf = async (changes: OnCallRead): Promise<Roster> => {
    const effective = effectiveDispatch(dispatch, await changes.all(), await changes.departures());
    return { config, dispatch: effective, directory: buildDirectory(effective), clock, store: null };
  };
  return {
    rolesOf(account) {
      const practice = practiceOf({ dispatch }, account);
      return practice && Object.keys(practice.roles);
    },
    personNamed: (typed) => personNamed(dispatch, typed),
    people: () => Object.entries(dispatch.people).flatMap(([key, { mxid }]) => [key, mxid]),
    placesNaming: async (user) => placesNaming(effectiveDispatch(dispatch, await oncall.all()), user),
    at: async (changes) => schedulesOf(await rosterOf(changes)),
    gaps: async (account, days) => gapsOf(await rosterOf(oncall), account ?? undefined, { days, devices: true }),
    keep: (tx, changes, by) => addChanges(tx, clock.now(), changes, by),
    withdraw: (tx, id, by) => takeBackChange(tx, clock.now(), id, by),
  };
}

const schedulesOf = (roster: Roster): Schedules => ({
  who: (account, { time, role }) =>
    answered(() => whoIs(roster, account, { time: time ?? undefined, role: role ?? undefined })),
  shifts: (account, { from, days, role }) =>
    answered(() => shiftsOf(roster, account, { from: from ?? undefined, days, role: role ?? undefined })),
  dryRun: (account, time, urgency) => answered(() => dryRun(roster, account, time ?? undefined, urgency ?? undefined)),
  planSet: (of, person, until) =>
    answered(() => planSet(roster, of.account, of.role, person, { ...optionsOf(of), until: until ?? undefined })),
  planOverride: (of, person, from, to) =>
    answered(() => planOverride(roster, of.account, of.role, person, from, to, optionsOf(of))),
  planSwap: (of, people, from, to) =>
    answered(() => planSwap(roster, of.account, of.role, people, from, to, optionsOf(of))),
  // As JSON: what is not there and what is undefined are one.
  basisOf: (account) => JSON.parse(JSON.stringify(practiceOf(roster, account))) as unknown,
});

const optionsOf = ({ tier, reason }: ChangeOf) => ({ tier, reason: reason ?? undefined });

function answered<T>(work: () => T): Result<T, ScheduleRefusal> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof ScheduleFault) return err(error.refusal);
    throw error;
  }
}
