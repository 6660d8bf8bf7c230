/** What operators ask Wardroom about itself. Codes, counts and places in the configuration only. */

/** contract.md, `wardroom doctor`. */
export interface Diagnosis {
  /** No error; warnings do not count. */
  readonly ok: boolean;
  readonly findings: readonly {
    readonly code: string;
    readonly severity: 'ok' | 'warning' | 'error';
    readonly what: string;
    readonly remedy: string;
  }[];
}

export interface StatusReport {
  readonly version: string;
  /** The parts of `/ready`. */
  readonly parts: readonly { readonly part: string; readonly ok: boolean }[];
  /** Jobs that wait or run. */
  readonly queue: number;
  /** Open tickets of each urgency, `undelivered` ones apart. */
  readonly open: Readonly<Record<string, number>>;
  /** Tickets that nobody took when the ladder ended. */
  readonly undelivered: number;
  /** How long the message that is owed longest has waited; null when none is owed. */
  readonly oldest_unsent_seconds: number | null;
  /** Since the last backup; null when none was ever made. */
  readonly backup_age_seconds: number | null;
}

export interface Operations {
  /** Looks at everything Wardroom needs; takes seconds. */
  doctor(): Promise<Diagnosis>;
  status(): Promise<StatusReport>;
}
