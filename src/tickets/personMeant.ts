import type { Resolved } from './ticket.ts';

/** What is longer is no name. */
const LONGEST = 200;
const MOST_WORDS = 12;

/** Letters of a name, whatever its accents. */
const words = (name: string): readonly string[] =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');

/**
 * The one of these people whom somebody means who says a name: "Dr Bram Tolliver" for `dr.tolliver`, "Dr. van Tongeren" for `dr.vantongeren`,
 * a Matrix id, a key. Null: nobody, or it could be several: a wrong guess would tell the wrong person.
 */
export function personMeant(name: string, people: readonly Resolved[]): Resolved | null {
  const exact = people.find(({ person, userId }) => person === name.trim() || userId === name.trim());
  if (exact) return exact;
  const said = words(name.slice(0, LONGEST)).slice(0, MOST_WORDS);
  const together = new Set(
    said.flatMap((_, from) => said.slice(from).map((_, more) => said.slice(from, from + more + 1).join(''))),
  );
  const meant = people.filter(({ person }) => {
    const surname = words(person).at(-1);
    return surname !== undefined && surname.length > 2 && together.has(surname);
  });
  return meant.length === 1 ? (meant[0] ?? null) : null;
}
