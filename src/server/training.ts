import { alarmNotice } from '../bot/index.ts';
import type { ControlRoom } from '../flows/commandsPort.ts';
import { TrainingDesk, type TrainingFlow } from '../flows/training/trainingDesk.ts';
import { TrainingNotices, type TrainingNoticesFlow } from '../flows/training/trainingNotices.ts';
import type { RunningMatrix } from '../matrix/index.ts';
import { repeatEvery } from './housekeeping.ts';

export interface TrainingParts {
  readonly flow: TrainingFlow & Pick<TrainingNoticesFlow, 'store' | 'classesInUse'>;
  readonly matrix: Pick<RunningMatrix, 'rooms' | 'voices'> & { readonly controlRoom: ControlRoom };
  readonly onFailure: (error: unknown) => void;
}

export interface RunningTraining {
  readonly desk: TrainingDesk;
  readonly notices: TrainingNotices;
  /** Begins to tell people what they lack, in the process that leads. */
  start(): void;
  stop(): Promise<void>;
}

const LOOK_MS = 5_000;

/** Training records and terms of use. */
export function training({ flow, matrix, onFailure }: TrainingParts): RunningTraining {
  const notices = new TrainingNotices({
    ...flow,
    voices: matrix.voices,
    directRoom: (person) => matrix.rooms.ensureDirectRoom(person),
    tellAdministrators: async (id, text) => (await matrix.controlRoom.post(id, alarmNotice(text))).ok,
  });
  let looking: ReturnType<typeof repeatEvery> | null = null;
  return {
    desk: new TrainingDesk(flow),
    notices,
    start() {
      looking ??= repeatEvery(LOOK_MS, onFailure, () => notices.look());
    },
    async stop() {
      await looking?.stop();
    },
  };
}
