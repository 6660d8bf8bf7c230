/** What a slot's value is checked against, beside itself. */
export interface SlotContext {
  /** Of the template: how dates and times are written. */
  readonly language: string;
  /** Host names that a link may lead to: the practice's own. */
  readonly linkHosts: readonly string[];
}

/** One type of slot: what may stand in it, and how it is written. No type takes free words. */
export interface SlotType {
  readonly name: string;
  /** For help texts: what to give, with an example. */
  readonly what: string;
  /** The value as it stands in the text; null: it may not stand there. */
  readonly write: (value: string, context: SlotContext) => string | null;
  /** The longest that may stand in it, of a usual kind: what lengths are judged by. */
  readonly longest: (context: SlotContext) => string;
}
