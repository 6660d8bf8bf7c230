import type { ContentClass } from '../contentClass.ts';

/** What a template may carry: never free words, so never `plain` or `content`. */
export type TemplateClass = Exclude<ContentClass, 'plain' | 'content'>;
export const templateClasses = ['service', 'reminder', 'notice', 'marketing', 'page'] as const;

/** Only an approved version is sent; a retired one stays on record. */
export type TemplateState = 'draft' | 'approved' | 'retired';

/** One version of a template in one language, as it is kept. A change of its words is another version, which has to be approved again. */
export interface Template {
  /** Lower-case words with hyphens: `appointment-reminder`. */
  readonly id: string;
  /** BCP 47: `en`, `es`. */
  readonly language: string;
  readonly version: number;
  readonly state: TemplateState;
  readonly contentClass: TemplateClass;
  /** The text, with slots in braces: `{first_name}`. Braces are for slots only. */
  readonly body: string;
  /** It is the first that a phone gets from the line: names STOP and HELP (CTIA; law.md section 5). */
  readonly first: boolean;
  /** Replies to it arrive. Where they cannot, every text says so and gives another way to opt out (47 CFR 64.1200(a)(10)). */
  readonly replies: boolean;
}

export type Part = { readonly text: string } | { readonly slot: string };

/** The body in its parts; null: its braces are not those of slots. */
export function partsOf(body: string): readonly Part[] | null {
  const parts: Part[] = [];
  for (const piece of body.split(/(\{[^{}]*\})/)) {
    if (piece === '') continue;
    const slot = /^\{([a-z_]+)\}$/.exec(piece)?.[1];
    if (slot !== undefined) parts.push({ slot });
    else if (/[{}]/.test(piece)) return null;
    else parts.push({ text: piece });
  }
  return parts;
}

/** The version to send: the newest approved one in the language, else in its base language, else in the practice's; null: none. */
export function templateFor(templates: readonly Template[], id: string, languages: readonly string[]): Template | null {
  const approved = templates.filter((template) => template.id === id && template.state === 'approved');
  for (const language of languages.flatMap(withBase)) {
    const found = approved.filter((template) => template.language.toLowerCase() === language);
    if (found.length > 0) return found.reduce((best, next) => (next.version > best.version ? next : best));
  }
  return null;
}

function withBase(language: string): readonly string[] {
  const [base = ''] = language.toLowerCase().split('-');
  return [...new Set([language.toLowerCase(), base])];
}
