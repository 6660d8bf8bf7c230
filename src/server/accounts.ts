import { AccountDesk } from '../flows/accounts/accountDesk.ts';
import { DeviceDesk } from '../flows/accounts/deviceDesk.ts';
import { Offboarding } from '../flows/accounts/offboarding.ts';
import type { Accounts } from '../flows/accountsPort.ts';
import type { Roles } from '../flows/roles.ts';
import type { ScheduleDesk } from '../flows/scheduleDeskPort.ts';
import type { TicketFlow } from '../flows/ticketFlow.ts';
import { ownUsers } from './matrix.ts';

export interface AccountParts {
  readonly flow: TicketFlow;
  readonly accounts: Accounts;
  readonly roles: Roles;
  readonly schedules: Pick<ScheduleDesk, 'placesNaming' | 'people'>;
  readonly ownServer: string;
}

/** What administrators do with people's accounts and devices. */
export function accountCommands({ flow, accounts, roles, schedules, ownServer }: AccountParts) {
  const { store, clock } = flow;
  const common = { store, clock, accounts, ownServer, isOwnUser: ownUsers(ownServer) };
  return {
    devices: new DeviceDesk(common),
    logins: new AccountDesk(common),
    offboarding: new Offboarding({
      ...common,
      roles,
      tickets: flow,
      placesNaming: (user) => schedules.placesNaming(user),
      isOnRoster: (user) => schedules.people().includes(user),
    }),
  };
}
