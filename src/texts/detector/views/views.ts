import { joinedView } from './joined.ts';
import { leetView } from './leet.ts';
import { plainView } from './plain.ts';
import type { View } from './view.ts';

/** The ways a text is read. Each recogniser says whether it wants only the plain one, or those against disguises, too. */
export interface Views {
  readonly plain: View;
  /** `plain`, and with what is spaced, broken or spelt put together, where that makes a difference. */
  readonly joined: readonly View[];
  /** `joined`, and with digits and signs read as letters: for words. */
  readonly words: readonly View[];
}

export function viewsOf(text: string): Views {
  const plain = plainView(text);
  const together = joinedView(plain);
  const joined = together === null ? [plain] : [plain, together];
  const last = together ?? plain;
  const leet = [leetView(last, 'i'), leetView(last, 'l')].filter((view) => view !== null);
  const distinct = leet.filter((view, i) => leet.findIndex(({ text: other }) => other === view.text) === i);
  return { plain, joined, words: [...joined, ...distinct] };
}
