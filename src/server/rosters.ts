import type { AccountRooms } from '../flows/accountRooms.ts';
import { ShiftChanges } from '../flows/shiftChanges.ts';
import type { TicketFlow } from '../flows/ticketFlow.ts';
import type { AccountId } from '../kernel/ids.ts';
import { repeatEvery } from './housekeeping.ts';
import type { LiveDirectory } from './liveDirectory.ts';
import type { Failed } from './log.ts';

/** How soon a change to a schedule, and a change of shifts, counts. */
const LOOK_MS = 1_000;

export interface RostersParts {
  readonly flow: TicketFlow;
  readonly directory: LiveDirectory;
  readonly rooms: AccountRooms;
  /** The accounts that have rooms. */
  readonly accounts: readonly AccountId[];
  readonly failed: Failed;
  readonly onChanged: () => void;
}

/** Takes up what schedulers change, lets those who come by it into the rooms, and hands open tickets over when shifts change. */
export function startRosters({ flow, directory, rooms, accounts, failed, onChanged }: RostersParts): {
  stop(): Promise<void>;
} {
  const shifts = new ShiftChanges(flow, () => directory.dispatch);
  return repeatEvery(
    LOOK_MS,
    (error) => failed('schedules', error),
    async () => {
      const changed = await directory.refresh(flow.store.read.oncall);
      for (const account of accounts.filter((one) => changed.includes(one)))
        void rooms.ensure(account).catch((error: unknown) => failed('rooms', error));
      if (changed.length > 0) onChanged();
      await shifts.look();
    },
  );
}
