/** The parts of a hospital that can be killed and started one by one. */
export const parts = ['postgres', 'synapse', 'wardroom'] as const;
export type Part = (typeof parts)[number];

/** `wardroom dev status`. */
export interface StatusDocument {
  readonly dir: string;
  readonly running: boolean;
  /** The embedded hospital's supervisor: starting until everything was ready once. */
  readonly state: 'down' | 'starting' | 'up';
  readonly hospitals: readonly {
    readonly name: string;
    readonly server_name: string;
    readonly parts: Readonly<Record<Part, { readonly running: boolean; readonly pid: number | null }>>;
  }[];
  readonly clock: { readonly mode: 'real' | 'offset'; readonly offset_ms: number };
}
