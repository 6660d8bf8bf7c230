/**
 * How lists of terms are written: terms apart by commas or line ends, `*` for any letters that follow, a space for any space or hyphen. Lower case,
 * without accents.
 */
export interface Terms {
  readonly pattern: RegExp;
  /** Single words of seven letters and more: those are found with a slip of the pen, too. */
  readonly long: readonly string[];
}

export function terms(list: string): Terms {
  const all = list
    .split(/[,\n]/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
  const alternatives = all.map((term) =>
    term
      .replace(/[.+()/]/g, '\\$&')
      .replace(/ /g, '[\\s-]+')
      .replace(/\*/g, "[a-z']*"),
  );
  return {
    pattern: new RegExp(`(?<![a-z0-9])(?:${alternatives.join('|')})(?:'?s)?(?![a-z0-9])`, 'g'),
    long: all.filter((term) => /^[a-z]{7,}\*?$/.test(term)).map((term) => term.replace('*', '')),
  };
}
