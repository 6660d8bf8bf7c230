import { breakGlassNotice, breakGlassWording } from '../bot/index.ts';
import { BreakGlass } from '../flows/breakGlass/breakGlass.ts';
import { BreakGlassWatch } from '../flows/breakGlass/breakGlassWatch.ts';
import type { EmergencyRooms } from '../flows/breakGlassPort.ts';
import type { FactReads } from '../flows/policyFacts.ts';
import type { CrashPoints, Store } from '../flows/ports.ts';
import type { RoomKeeping } from '../flows/rooms/roomKeeping.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Facts } from '../policy/index.ts';
import { repeatEvery } from './housekeeping.ts';
import type { OfficersRoom } from './officersRoom.ts';

/** How soon an end is on record and the transcript closed; who is in the room is kept apart from this, and sooner. */
const LOOK_MS = 1_000;

export interface BreakGlassParts {
  readonly store: Store;
  readonly clock: Clock;
  /** As homeservers date messages. */
  readonly machineClock: Clock;
  readonly crash: CrashPoints;
  readonly facts: (read: FactReads) => Promise<Facts | null>;
  readonly keeping: RoomKeeping;
  readonly rooms: EmergencyRooms;
  readonly officersRoom: Pick<OfficersRoom, 'post'>;
  readonly onFailure: (error: unknown) => void;
}

/** Emergency access: what commands do, and what follows from it once `start` was called, in the process that keeps rooms. */
export function breakGlass(parts: BreakGlassParts) {
  const { store, clock, machineClock, crash, facts, keeping, rooms, officersRoom, onFailure } = parts;
  const watch = new BreakGlassWatch({
    store,
    clock,
    crash,
    rooms,
    officers: { tell: (id, told) => officersRoom.post(id, breakGlassNotice(told)) },
    wording: breakGlassWording,
    roomName(room) {
      const subject = keeping.of(room)?.subject;
      return subject?.kind === 'room' ? subject.name : room;
    },
    admits: (room, user) => keeping.admits(room, user),
    recheck: (room) => keeping.recheck(room),
    onFailure,
  });
  let looking: ReturnType<typeof repeatEvery> | null = null;
  return {
    desk: new BreakGlass({
      clock,
      machineClock,
      crash,
      facts,
      roomOf: (room) => keeping.of(room),
      admits: (room, user) => keeping.admits(room, user),
      onChanged() {
        void keeping.look().catch(onFailure);
        if (looking !== null) void watch.look().catch(onFailure);
      },
    }),
    start() {
      looking ??= repeatEvery(LOOK_MS, onFailure, () => watch.look());
    },
    async stop() {
      await looking?.stop();
    },
  };
}
