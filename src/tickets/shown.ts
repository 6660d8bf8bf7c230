/**
 * Text from outside as a reader may safely see it: what is invisible, moves other text or piles up is made visible; everything
 * else stays as it was written. Markup is not touched here: plain text is inert, HTML is escaped by `escapeHtml`.
 */
export function shown(text: string): string {
  return text
    .toWellFormed()
    .replace(LINE_BREAKS, '\n')
    .replace(HIDDEN, (run, character: string) => mark(character, run.length / character.length))
    .replace(
      PILED_MARKS,
      (_run, kept: string, more: string) => `${kept}\u27e6+${[...more].length} combining marks\u27e7`,
    );
}

/** The same on one line: a line break could pass for the start of another field. */
export function shownOnOneLine(text: string): string {
  const visible = shown(text);
  if (!visible.includes('\n')) return visible;
  return visible
    .split('\n')
    .map((line) => line.trim())
    .join(' \u23ce ');
}

/** Whether `shown` has to change a text. */
export const hidesSomething = (text: string): boolean => {
  HIDDEN.lastIndex = 0;
  PILED_MARKS.lastIndex = 0;
  return HIDDEN.test(text) || PILED_MARKS.test(text);
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character).replace(/\n/g, '<br>');

const LINE_BREAKS = /\r\n?|[\u0085\u2028\u2029]/g;

/**
 * Control characters, bidirectional embeddings, overrides and isolates (Unicode TR 36, 2.4), and characters without a glyph that
 * can hide text. Joiners and directional marks stay: scripts need them.
 */
const HIDDEN =
  /([\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}])\1*/gu;

/** No script puts more marks on one letter; floods of them cover the lines around. */
const PILED_MARKS = /(\p{M}{8})(\p{M}+)/gu;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function mark(character: string, times: number): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `\u27e6U+${code}${times > 1 ? ` \u00d7${times}` : ''}\u27e7`;
}
