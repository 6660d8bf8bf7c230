import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../flows/ports.ts';
import { type Clock, realClock } from '../../kernel/clock.ts';
import { buildDirectory, type DispatchDirectory } from '../../tickets/directory.ts';
import type { Dispatch, Practice } from '../../tickets/dispatchSchema.ts';
import { effectiveDispatch } from '../../tickets/effectiveDispatch.ts';
import { BusinessClock } from '../businessClock.ts';
import { CommandError, exitCode } from '../cli/exit.ts';
import { unreachable } from '../cli/unreachable.ts';
import type { Config } from '../config/index.ts';
import { serviceUrl } from '../database.ts';
import { withStore } from '../openStore.ts';
import { withDatabase } from '../reachDatabase.ts';
import { ScheduleFault } from './fault.ts';

/** What the commands about schedules work on. */
export interface Roster {
  readonly config: Config;
  /** dispatch.yaml with the changes made since. */
  readonly dispatch: Dispatch;
  readonly directory: DispatchDirectory;
  readonly clock: Clock;
  /** Null where no database is configured yet: what dispatch.yaml says is all there is. */
  readonly store: (() => Store) | null;
}

/** Reads the schedules as they are now and works on them. */
export async function withRoster<T>(config: Config, work: (roster: Roster) => Promise<T>): Promise<T> {
  if (serviceUrl(config) === null && !existsSync(join(config.data_dir, 'postgres')))
    return work({
      config,
      dispatch: config.dispatch,
      directory: buildDirectory(config.dispatch),
      clock: config.dev ? new BusinessClock(config.dev.clock_file) : realClock,
      store: null,
    });
  return withDatabase(config, (reached) =>
    withStore(reached, async ({ onCall, store, clock }) => {
      const changes = await onCall.all().catch(notMigrated);
      const departures = await onCall.departures().catch(notMigrated);
      const dispatch = effectiveDispatch(config.dispatch, changes, departures);
      return work({ config, dispatch, directory: buildDirectory(dispatch), clock, store });
    }),
  ).catch(unreachable);
}

/** undefined_table, invalid_schema_name. */
function notMigrated(error: unknown): never {
  if (['42P01', '3F000'].includes(String((error as { code?: unknown } | null)?.code)))
    throw new CommandError(exitCode.later, 'the database is not of this version: run `wardroom migrate`');
  throw error;
}

export function practiceOf({ dispatch }: Pick<Roster, 'dispatch'>, account: string): Practice | null {
  return Object.hasOwn(dispatch.practices, account) ? (dispatch.practices[account] ?? null) : null;
}

/** The practice of an account, for commands that change its schedule. */
export function requirePractice(roster: Pick<Roster, 'dispatch'>, account: string): Practice {
  const practice = practiceOf(roster, account);
  if (practice) return practice;
  const known = Object.keys(roster.dispatch.practices).join(', ') || 'none';
  throw new CommandError(exitCode.usage, `${account} has no practice in dispatch.yaml (known: ${known})`);
}

export function requireRole(practice: Practice, role: string): void {
  if (Object.hasOwn(practice.roles, role)) return;
  const known = Object.keys(practice.roles).join(', ') || 'none';
  throw new CommandError(exitCode.usage, `the practice has no role ${role} (known: ${known})`);
}

/** A person's key, given as the key or as the Matrix id; empty for `nobody`. */
export function requirePerson(dispatch: Dispatch, name: string): string {
  const found = personNamed(dispatch, name);
  if (found !== null) return found;
  throw new ScheduleFault(exitCode.usage, `there is no ${name} under people; \`nobody\` makes a hole on purpose`, {
    code: 'bad-argument',
    argument: 'PERSON',
  });
}

export function personNamed(dispatch: Dispatch, name: string): string | null {
  if (name === 'nobody' || name === '') return '';
  if (Object.hasOwn(dispatch.people, name)) return name;
  return Object.entries(dispatch.people).find(([, { mxid }]) => mxid === name)?.[0] ?? null;
}

export function tzOf(roster: Pick<Roster, 'dispatch'>, account: string): string {
  return practiceOf(roster, account)?.tz ?? roster.dispatch.site.tz;
}
