import { retentionNotice } from '../bot/index.ts';
import type { ControlRoom } from '../flows/commandsPort.ts';
import { ByHand } from '../flows/retention/byHand.ts';
import { Holds } from '../flows/retention/holds.ts';
import type { RecallsFlow } from '../flows/retention/recalls.ts';
import { Recalls } from '../flows/retention/recalls.ts';
import { RetentionDesk } from '../flows/retention/retentionDesk.ts';
import type { RetentionFlow } from '../flows/retention/retentionFlow.ts';
import { RetentionRuns } from '../flows/retention/retentionRuns.ts';
import { repeatEvery } from './housekeeping.ts';

export interface RetentionParts {
  readonly flow: RetentionFlow & Pick<RecallsFlow, 'facts'>;
  readonly controlRoom: ControlRoom;
  readonly digest: (text: string) => string;
  readonly onFailure: (error: unknown) => void;
}

export interface RunningRetention {
  readonly desk: RetentionDesk;
  readonly holds: Holds;
  readonly recalls: Recalls;
  readonly byHand: ByHand;
  /** Begins to look for runs that are due, in the process that leads. */
  start(): void;
  stop(): Promise<void>;
}

/** How often it is looked whether a run is due, or did not come to its end. */
const LOOK_MS = 15_000;

/** Deletes what its time is over for: by night, and when somebody asks for it. */
export function retention({ flow, controlRoom, digest, onFailure }: RetentionParts): RunningRetention {
  const holds = new Holds(flow);
  const runs = new RetentionRuns(flow, async (id, report) => (await controlRoom.post(id, retentionNotice(report))).ok);
  const recalls = new Recalls(flow);
  let looking: ReturnType<typeof repeatEvery> | null = null;
  return {
    holds,
    recalls,
    byHand: new ByHand(flow),
    desk: new RetentionDesk(flow, runs, holds, digest),
    start() {
      looking ??= repeatEvery(LOOK_MS, onFailure, async () => {
        await recalls.sweep();
        await runs.look();
      });
    },
    async stop() {
      await Promise.all([looking?.stop(), runs.stop()]);
    },
  };
}
