/**
 * Ways to read a text that was typed in a hurry, dressed up or disguised: what people see as STOP has to be read as STOP (47 CFR 64.1200(a)(10):
 * any reasonable means).
 */

/** Letters of other alphabets that look like Latin capitals. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  ...pairs('АВЕЅЗКМНОРСТУХІЈԚԜԀҮ', 'ABES3KMHOPCTYXIJQWDY'),
  ...pairs('ΑΒΕΖΗΙΚΜΝΟΡΤΥΧΣ', 'ABEZHIKMNOPTYXS'),
  ...pairs('ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ', 'ABCDEFGHIJKLMNOPRSTUVWYZ'),
  ...pairs('ЁЙӨՕՏՍƎ', 'EIOOSUE'),
};
/** Letters that keep their mark when accents are taken off. */
const MARKED: Readonly<Record<string, string>> = { Đ: 'D', Ð: 'D', Ł: 'L', Ø: 'O', Œ: 'OE', Æ: 'AE', ẞ: 'SS', ı: 'I' };
/** What stands for a letter in ST0P and $TOP. */
const DIGITS: Readonly<Record<string, string>> = { 0: 'O', 1: 'I', 3: 'E', 4: 'A', 5: 'S', 7: 'T', $: 'S', '@': 'A' };

function pairs(from: string, to: string): Record<string, string> {
  const letters = [...to];
  return Object.fromEntries([...from].map((letter, index) => [letter, letters[index] ?? letter]));
}

const replaced = (text: string, table: Readonly<Record<string, string>>): string =>
  [...text].map((letter) => table[letter] ?? letter).join('');

/** Flags and boxed letters, which no normalisation form takes apart. */
const unboxed = (text: string): string =>
  text.replace(/[\u{1F150}-\u{1F169}\u{1F170}-\u{1F189}\u{1F1E6}-\u{1F1FF}]/gu, (symbol) => {
    const point = symbol.codePointAt(0) ?? 0;
    const first = point >= 0x1f1e6 ? 0x1f1e6 : point >= 0x1f170 ? 0x1f170 : 0x1f150;
    return String.fromCharCode(65 + point - first);
  });

/** Upper case, without what cannot be seen. Punctuation and line breaks are still there. */
export function visible(text: string): string {
  return unboxed(text)
    .normalize('NFKC')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}]/gu, '')
    .replace(/[\u0335-\u0338\u20D0-\u20F0]/gu, '')
    .replace(/#(?![\p{N}\p{L}])/gu, ' NUMBER ')
    .toUpperCase();
}

/** Words, one space apart; apostrophes close up (DON'T is DONT), letters drawn out are as long as they should be (STOOOP). */
export function words(text: string): string {
  return text
    .replace(/['’‘ʼ`´]/gu, '')
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, ' ')
    .replace(/(\p{L})\1{2,}/gu, '$1')
    .trim();
}

/** Without accents and other marks of Latin letters. */
export const unaccented = (text: string): string =>
  replaced(
    text
      .normalize('NFD')
      .replace(/[\u0300-\u036F]/gu, '')
      .normalize('NFC'),
    MARKED,
  );

/** What a text in another alphabet looks like in ours. */
export const looksLike = (text: string): string => replaced(text, LOOKALIKES);

/** All letters in a row, whatever stands between and for them: S.T.0.P is STOP. Only for short texts. */
export function compact(text: string): string {
  const letters = [...text].filter((letter) => /[\p{L}\p{N}\p{M}$@]/u.test(letter)).join('');
  return /\p{L}/u.test(letters) ? replaced(letters, DIGITS).replace(/(\p{L})\1{2,}/gu, '$1') : '';
}

/** Changes of one letter (other, missing, extra, swapped) between two words, as far as two. */
export function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return 3;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[other.length] ?? 3;
}
