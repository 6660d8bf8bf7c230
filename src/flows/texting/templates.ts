import { builtInTemplates } from '../../texts/index.ts';
import type { Reads } from '../ports.ts';
import type { KeptTemplate } from './templatesPort.ts';

/** Whose words the templates are that come with Wardroom. */
export const BUILT_IN = 'wardroom';

/** Every version of every template: those that came with Wardroom, as far as nothing was decided about them, and the practice's. */
export async function templatesNow(read: Pick<Reads, 'templates'>): Promise<readonly KeptTemplate[]> {
  const kept = await read.templates.all();
  const own = new Set(kept.map(keyOf));
  const came = builtInTemplates
    .map((template): KeptTemplate => ({ ...template, author: BUILT_IN, by: BUILT_IN, at: 0 }))
    .filter((template) => !own.has(keyOf(template)));
  return [...came, ...kept].toSorted(
    (a, b) => compare(a.id, b.id) || compare(a.language, b.language) || a.version - b.version,
  );
}

const keyOf = ({ id, language, version }: KeptTemplate): string => `${id} ${language} ${version}`;
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
