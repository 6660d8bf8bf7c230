import type { InitialRole } from '../flows/roles.ts';
import { userId } from '../kernel/ids.ts';
import type { Config } from './config/index.ts';

/** Who holds what before anything was decided: `roles` of people in dispatch.yaml, and who is in the control room is an administrator. */
export function initialRoles({ dispatch, control_members }: Config): readonly InitialRole[] {
  const clinical = Object.values(dispatch.people).flatMap(({ mxid, roles = [] }) =>
    roles.map((role) => ({ user: userId(mxid), role })),
  );
  return [...clinical, ...control_members.map((user) => ({ user, role: 'admin' }))];
}
