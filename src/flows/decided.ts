/** What a command came to, in the forms that all desks have. */
import type { Performed } from './clinicianPort.ts';
import type { Decided, GivenCommand } from './commandsPort.ts';
import type { AuditEntry } from './ports.ts';

/** Nothing was done. `code`: why; answers say it in words. */
export const refused = (code: string, data: Decided['data'] = {}): Decided => ({
  outcome: 'refused',
  code,
  data,
  audit: [],
});

/** The same for a clinician's command. */
export const notPerformed = (code: string, data: Performed['data'] = {}): Performed => ({
  ...refused(code, data),
  jobs: [],
  moved: [],
});

/** What somebody did by a command, with the place where they said it. */
export const doneBy = (
  { sender, room, event }: GivenCommand,
  action: string,
  detail: NonNullable<AuditEntry['detail']>,
): AuditEntry => ({ action, outcome: 'ok', actor: sender, room, event, detail });
