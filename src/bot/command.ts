import type { AccountDesk } from '../flows/accounts/accountDesk.ts';
import type { DeviceDesk } from '../flows/accounts/deviceDesk.ts';
import type { Offboarding } from '../flows/accounts/offboarding.ts';
import type { Administrators } from '../flows/administrators.ts';
import type { BreakGlass } from '../flows/breakGlass/breakGlass.ts';
import type { CommandAnswer, Decided, GivenCommand, Order } from '../flows/commandsPort.ts';
import type { Operations } from '../flows/operationsPort.ts';
import type { Incidents } from '../flows/oversight/incidents.ts';
import type { Reviews } from '../flows/oversight/reviews.ts';
import type { Worksheets } from '../flows/oversight/worksheets.ts';
import type { Partners } from '../flows/partners.ts';
import type { Policies } from '../flows/policies.ts';
import type { Tx } from '../flows/ports.ts';
import type { Holds } from '../flows/retention/holds.ts';
import type { RetentionDesk } from '../flows/retention/retentionDesk.ts';
import type { Roles } from '../flows/roles.ts';
import type { RoomDesk } from '../flows/rooms/roomDesk.ts';
import type { RoomOpening } from '../flows/rooms/roomOpening.ts';
import type { ScheduleDesk } from '../flows/scheduleDeskPort.ts';
import type { ConsentDesk } from '../flows/texting/consentDesk.ts';
import type { LineDesk } from '../flows/texting/lineDesk.ts';
import type { SuppressionDesk } from '../flows/texting/suppressionDesk.ts';
import type { TemplateDesk } from '../flows/texting/templateDesk.ts';
import type { TicketDesk } from '../flows/ticketDesk.ts';
import type { TrainingDesk } from '../flows/training/trainingDesk.ts';
import type { AccountId } from '../kernel/ids.ts';
import type { Result } from '../kernel/result.ts';
import type { Arguments, BadArgument, Syntax } from './arguments.ts';
import type { Piece, Words } from './render.ts';

export type { BadArgument } from './arguments.ts';

/** What commands work with. */
export interface BotApi {
  readonly administrators: Pick<Administrators, 'list' | 'confirm'>;
  readonly schedules: ScheduleDesk;
  readonly tickets: TicketDesk;
  readonly partners: Pick<Partners, 'add' | 'renew' | 'revoke' | 'list' | 'basis' | 'apply'>;
  readonly policies: Pick<Policies, 'show' | 'set' | 'diff' | 'history' | 'rollback' | 'basis' | 'apply'>;
  readonly roles: Pick<
    Roles,
    'names' | 'grant' | 'grantBasis' | 'grantAsShown' | 'revoke' | 'list' | 'who' | 'due' | 'signOff'
  >;
  readonly rooms: Pick<
    RoomDesk,
    | 'classes'
    | 'find'
    | 'names'
    | 'list'
    | 'show'
    | 'explain'
    | 'finishExplaining'
    | 'add'
    | 'remove'
    | 'close'
    | 'closeBasis'
    | 'closeAsShown'
  >;
  readonly newRooms: Pick<RoomOpening, 'create' | 'finishCreating' | 'adopt' | 'finishAdopting'>;
  readonly incidents: Pick<
    Incidents,
    'open' | 'note' | 'assess' | 'judgeDraft' | 'close' | 'closeBasis' | 'closeAsShown' | 'list'
  >;
  readonly worksheets: Pick<Worksheets, 'show' | 'export' | 'finishExport'>;
  readonly reviews: Pick<Reviews, 'list' | 'show' | 'sign'>;
  readonly retention: Pick<
    RetentionDesk,
    'explain' | 'run' | 'finishRun' | 'plan' | 'finishPlan' | 'placeHold' | 'patientDigest'
  >;
  readonly holds: Pick<Holds, 'list' | 'release' | 'releaseBasis' | 'releaseAsShown'>;
  readonly devices: Pick<DeviceDesk, 'list' | 'finishListing' | 'wipe' | 'finishWiping'>;
  readonly logins: Pick<
    AccountDesk,
    'lock' | 'finishLocking' | 'lockBasis' | 'lockAsShown' | 'unlock' | 'finishUnlocking'
  >;
  readonly offboarding: Pick<Offboarding, 'offboard' | 'finish' | 'basis' | 'asShown'>;
  readonly training: Pick<TrainingDesk, 'courses' | 'record' | 'withdraw' | 'list' | 'due' | 'listTerms'>;
  readonly consent: Pick<ConsentDesk, 'scopes' | 'show' | 'record' | 'revoke' | 'history'>;
  readonly suppressed: Pick<SuppressionDesk, 'list' | 'review' | 'reviewAsShown' | 'lift' | 'liftAsShown' | 'basis'>;
  readonly breakGlass: Pick<BreakGlass, 'take' | 'end' | 'list' | 'review'>;
  readonly textLines: Pick<LineDesk, 'names' | 'list' | 'test'>;
  readonly templates: Pick<TemplateDesk, 'list' | 'add' | 'approve' | 'basis' | 'approveAsShown' | 'retire' | 'lint'>;
  readonly operations: Operations;
  /** Every account that there is. */
  accounts(): readonly AccountId[];
  /** Does what waits under a code, as the command that asked does it. */
  confirm(tx: Tx, given: GivenCommand, code: string): Promise<Decided>;
}

/** How a command is called, and what for. */
export interface Example {
  /** The words after `!wr`. */
  readonly say: string;
  readonly does: string;
}

/** One command of the bot. */
export interface Command extends Syntax {
  /** The words after `!wr` that call it. */
  readonly name: string;
  readonly summary: string;
  /** Who may give it, and what else has to be so. */
  readonly needs: string;
  readonly examples: readonly Example[];
  /** It may only be given from a device that the sender's identity signs, whatever the configuration allows. */
  readonly needsIdentity: boolean;
  /** Why, and what would be needed, for codes of refusals that only this command has. */
  readonly reasons?: Readonly<Record<string, string>>;
  /** Reads its arguments, which fit `takes` and `options`. */
  prepare(given: Arguments, api: BotApi): Result<Order['run'], BadArgument>;
  /** The pieces in which people read a successful answer. `words`: texts that somebody wrote, which `data` never holds. */
  say(data: CommandAnswer['data'], words: Words): readonly Piece[];
  /** The rest of an answer that is `running`. May be done again after a crash, and with the same `data` must do no harm then. */
  finish?(data: CommandAnswer['data'], api: BotApi, given: GivenCommand): Promise<Decided>;
  /** Its long work takes minutes: other commands are done meanwhile. */
  readonly inBackground?: true;
  /** For a command that may answer `confirm`. */
  readonly confirmed?: Confirmed;
}

export interface Confirmed {
  /** What people read before they confirm: all that will be done. */
  show(data: CommandAnswer['data']): readonly Piece[];
  basis(tx: Tx, plan: CommandAnswer['data'], api: BotApi): Promise<unknown>;
  apply(tx: Tx, given: GivenCommand, plan: CommandAnswer['data'], api: BotApi): Promise<Decided>;
}
