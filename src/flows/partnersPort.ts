import type { Instant } from '../kernel/clock.ts';
import type { Agreement } from '../policy/index.ts';

interface Happened {
  readonly domain: string;
  readonly by: string;
  readonly at: Instant;
}

export type AgreementEvent =
  | ({ readonly type: 'added'; readonly agreement: Agreement } & Happened)
  /** Every agreement with this partner ends, those to come included. */
  | ({ readonly type: 'revoked' } & Happened)
  /** The control room was told that it ends; `days`: of `warn_before`, 0 when it has ended. */
  | ({ readonly type: 'told'; readonly contract: string; readonly until: string; readonly days: number } & Happened);

/** What happened to agreements, in order. Nothing is ever changed or taken out. */
export interface AgreementsRead {
  events(): Promise<readonly AgreementEvent[]>;
}

export interface AgreementsWrite extends AgreementsRead {
  append(event: AgreementEvent): Promise<void>;
}

/** Tells the control room that an agreement ends. The same `id` is told once, however often it is said. */
export type TellOfAgreement = (id: string, text: string) => Promise<boolean>;
