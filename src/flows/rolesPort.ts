import type { RoleEvent } from '../policy/index.ts';

/** What happened to roles, in order. Nothing is ever changed or taken out. */
export interface RolesRead {
  events(): Promise<readonly RoleEvent[]>;
  /** The number of what happened last; 0: nothing ever did. */
  latest(): Promise<number>;
}

export interface RolesWrite extends RolesRead {
  append(event: RoleEvent): Promise<void>;
}
