import type { Inbox, SessionUsed } from '../flows/inboxPort.ts';
import { Holds } from '../flows/retention/holds.ts';
import { MemberNotices } from '../flows/rooms/memberNotices.ts';
import { OldSessions } from '../flows/rooms/oldSessions.ts';
import { RoomDesk } from '../flows/rooms/roomDesk.ts';
import { RoomKeeping, type RoomKeepingFlow } from '../flows/rooms/roomKeeping.ts';
import { RoomOpening } from '../flows/rooms/roomOpening.ts';
import type { TicketFlow } from '../flows/ticketFlow.ts';
import type { UserId } from '../kernel/ids.ts';
import type { RunningMatrix } from '../matrix/index.ts';
import { repeatEvery } from './housekeeping.ts';

/** How soon what another process decided, and what time changed, is taken up. */
const LOOK_MS = 500;

export interface RoomParts {
  readonly flow: TicketFlow;
  readonly matrix: Pick<RunningMatrix, 'keeper' | 'voices'>;
  readonly facts: RoomKeepingFlow['facts'];
  readonly voicesOf: RoomKeepingFlow['voicesOf'];
  readonly rosterOf: RoomKeepingFlow['rosterOf'];
  readonly digest: (reference: string) => string;
  readonly inbox: Pick<Inbox, 'sessionSeenBefore'>;
  readonly onFailure: (error: unknown) => void;
}

/** The keeping of rooms with what hangs on it. Nothing is done before `keeping.start`. */
export function roomKeeping({ flow, matrix, facts, voicesOf, rosterOf, digest, inbox, onFailure }: RoomParts) {
  const { store, clock, alarms } = flow;
  const notices = new MemberNotices({ store, clock, voices: matrix.voices });
  const keeping = new RoomKeeping({
    store,
    clock,
    alarms,
    keeper: matrix.keeper,
    facts,
    voicesOf,
    rosterOf,
    onKept: (room, observed, known) => notices.look(room, observed, known),
    onFailure,
  });
  const looking = repeatEvery(LOOK_MS, onFailure, () => keeping.look());
  const sessions = new OldSessions({ store, alarms, inbox, kept: (room) => keeping.of(room) });
  return {
    keeping,
    sessionUsed: (used: SessionUsed) => sessions.used(used),
    desk: new RoomDesk({ store, keeper: matrix.keeper, keeping, holds: new Holds({ store, clock }) }),
    opening: new RoomOpening({ store, clock, keeper: matrix.keeper, keeping, digest }),
    devicesChanged(users: readonly UserId[]) {
      for (const room of notices.devicesChanged(users)) keeping.recheck(room);
    },
    async stop() {
      await looking.stop();
      await keeping.stop();
    },
  };
}
