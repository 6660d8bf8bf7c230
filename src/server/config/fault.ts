/** One thing wrong with the configuration. `what` never repeats a value that was set. */
export interface Fault {
  /** As given on the command line. */
  readonly file: string;
  /** Counted from 1; 1 for what is missing altogether. */
  readonly line: number;
  /** Dotted path of the key, e.g. `homeserver.url`; empty for the document as a whole. */
  readonly key: string;
  readonly what: string;
}

/** `file:line key.path: what` (contract.md, exit code 2). */
export const faultLine = (fault: Fault): string =>
  `${fault.file}:${fault.line} ${fault.key === '' ? '' : `${fault.key}: `}${fault.what}`;
