import type { ExitCode } from '../server/cli/exit.ts';
import type { DevUp } from './hospitalInfo.ts';

/** What `wardroom dev up` asks of a new supervisor. */
export interface UpRequest {
  /** End when the one who asked is gone, even after everything was ready. */
  readonly tied: boolean;
  readonly data?: string;
  readonly config?: readonly string[];
  /** How many at least. */
  readonly hospitals?: number;
}

/** What a supervisor tells the command that started it. */
export type FromSupervisor =
  | { readonly kind: 'progress'; readonly line: string }
  /** Another supervisor holds the directory. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly code: ExitCode; readonly message: string }
  | { readonly kind: 'ready'; readonly document: DevUp };
