import type { Instant } from '../kernel/clock.ts';

/** How a version came about. */
export type PolicyChange =
  /** From the configuration, when there was none. */
  | { readonly kind: 'import' }
  | { readonly kind: 'set'; readonly path: string }
  /** What that version said holds again. */
  | { readonly kind: 'rollback'; readonly to: number };

export interface KeptPolicy {
  /** From 1, without gaps. */
  readonly version: number;
  /** As it was written then; what reads it decides whether it is one. */
  readonly policy: unknown;
  readonly change: PolicyChange;
  readonly madeBy: string;
  readonly madeAt: Instant;
}

export interface PoliciesRead {
  /** 0: there is none yet. */
  latestVersion(): Promise<number>;
  version(version: number): Promise<KeptPolicy | null>;
  /** The latest first. */
  history(limit: number): Promise<readonly Omit<KeptPolicy, 'policy'>[]>;
}

export interface PoliciesWrite extends PoliciesRead {
  add(kept: KeptPolicy): Promise<void>;
}
