import type { RoleEvent } from '../policy/index.ts';

/** What happened to roles, in order. Nothing is ever changed or taken out. */
export interface RolesRead {
  events(): Promise<readonly RoleEvent[]>;
}

export interface RolesWrite extends RolesRead {
  append(event: RoleEvent): Promise<void>;
}
