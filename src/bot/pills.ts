/**
 * A message as it was meant: where a client wrote somebody's name and put their Matrix id only into the HTML (a "pill", a link to matrix.to),
 * the id stands in place of the name. Everything else is the plain text, letter for letter.
 */
export function withUserIds(body: string, formatted: string | null): string {
  let text = '';
  let taken = 0;
  for (const { name, user, nth } of pillsIn(formatted ?? '')) {
    const at = placeOf(body, name, nth);
    if (at < taken) continue;
    text += body.slice(taken, at) + user;
    taken = at + name.length;
  }
  return text + body.slice(taken);
}

/** Where the name stands for the nth time, from 0; -1: it does not. */
function placeOf(body: string, name: string, nth: number): number {
  let at = -1;
  for (let times = 0; times <= nth; times += 1) {
    at = body.indexOf(name, at + 1);
    if (at < 0) return -1;
  }
  return at;
}

interface Pill {
  readonly name: string;
  readonly user: string;
  /** How often the same letters stand before it. */
  readonly nth: number;
}

/** More than anybody mentions in a command. */
const MOST = 20;
const LONGEST = 20_000;
const PILL = /<a href="https:\/\/matrix\.to\/#\/([^"?/]{1,400})(?:\?[^"]{0,400})?"[^<>]{0,200}>([^<>]{1,400})<\/a>/g;

function pillsIn(formatted: string): readonly Pill[] {
  // Older clients repeat the message that they reply to.
  const html = formatted.slice(0, LONGEST).replace(/^<mx-reply>[\s\S]*?<\/mx-reply>/, '');
  const found = [...html.matchAll(PILL)].slice(0, MOST);
  return found.flatMap(({ 1: target, 2: label, index }): Pill[] => {
    const user = userOfLink(target ?? '');
    const name = plain(label ?? '');
    if (user === null || name.trim() === '') return [];
    const before = plain(html.slice(0, index).replace(/<[^<>]*>/g, ''));
    return [{ name, user, nth: before.split(name).length - 1 }];
  });
}

/** The user that a link of matrix.to names (Matrix specification, "matrix.to navigation"). */
export function userOfLink(target: string): string | null {
  try {
    const user = decodeURIComponent(target);
    return /^@[^:\s]{1,254}:\S{1,254}$/.test(user) ? user : null;
  } catch {
    return null;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  nbsp: '\u00a0',
};

const plain = (html: string): string =>
  html.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_all, name: string) => ENTITIES[name] ?? '');
