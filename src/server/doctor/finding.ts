import type { StoredVoice } from '../../flows/cryptoPort.ts';
import type { UserId } from '../../kernel/ids.ts';
import type { MatrixRequest } from '../../matrix/index.ts';
import type { DatabaseFacts } from '../../postgres/inspect.ts';
import type { Config } from '../config/index.ts';
import type { Stranger } from '../installation.ts';

/** contract.md, `wardroom doctor`. `what` and `remedy` never hold a secret. */
export interface Finding {
  /** What was looked at, the same whether it is well or not. */
  readonly code: string;
  readonly severity: 'ok' | 'warning' | 'error';
  readonly what: string;
  /** What to do, with the line to change; empty when nothing is to be done. */
  readonly remedy: string;
}

/** What the checks look at. What could not be had is null: whoever could not get it has said why. */
export interface Patient {
  readonly config: Config;
  /** `file:line key.path` of a setting, or of the nearest one that is there. */
  readonly place: (path: string) => string;
  /** Asks the homeserver, as the bot or as another of our users; null without a registration. */
  readonly asUser: ((user: UserId) => MatrixRequest) | null;
  readonly asService: MatrixRequest | null;
  readonly botUser: UserId;
  readonly voices: readonly UserId[];
  readonly database: DatabaseFacts | null;
  /** What in the database is of another installation; null when that cannot be told. */
  readonly strangers: () => Promise<readonly Stranger[] | null>;
  /** A voice's crypto store as it is now; null when it cannot be read. */
  readonly storeOf: (voice: UserId) => Promise<StoredVoice | null>;
}

export type Check = (patient: Patient) => Promise<readonly Finding[]>;

export const well = (code: string, what: string): Finding => ({ code, severity: 'ok', what, remedy: '' });
export const warning = (code: string, what: string, remedy: string): Finding => ({
  code,
  severity: 'warning',
  what,
  remedy,
});
export const fault = (code: string, what: string, remedy: string): Finding => ({
  code,
  severity: 'error',
  what,
  remedy,
});
