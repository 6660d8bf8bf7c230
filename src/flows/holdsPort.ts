import type { Phi } from '../kernel/phi.ts';
import type { HoldEvent } from '../policy/index.ts';

/** What was done about legal holds, in order. Nothing is ever changed or taken out. */
export interface HoldsRead {
  events(): Promise<readonly HoldEvent[]>;
  /** The number of what was done last; 0: nothing ever was. */
  latest(): Promise<number>;
  /** Why a hold was placed, as it was written; null: there is no such hold. */
  reason(hold: string): Promise<Phi<string> | null>;
}

export interface HoldsWrite extends HoldsRead {
  /** `reason`: as it was written; sealed. */
  append(event: HoldEvent, reason: Phi<string> | null): Promise<void>;
}
