import type { Instant } from '../../kernel/clock.ts';
import type { Template } from '../../texts/index.ts';

/** A version of a template, who wrote it, and who made it what it is. */
export interface KeptTemplate extends Template {
  /** A Matrix id; `wardroom`: it came with Wardroom. */
  readonly author: string;
  readonly by: string;
  readonly at: Instant;
}

export interface TemplatesRead {
  /** Every version as it is now, in the order of names, languages and versions. */
  all(): Promise<readonly KeptTemplate[]>;
}

export interface TemplatesWrite extends TemplatesRead {
  /** What became of a version: nothing is changed, each is another line. */
  append(template: KeptTemplate): Promise<void>;
}
