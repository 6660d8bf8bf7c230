/** Check digits and number forms, each from its issuing body. */

/** ISO/IEC 7812-1, annex B: cards, IMEI, and NPI with its prefix. */
export function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits[digits.length - 1 - i]);
    const twice = digit * 2;
    sum += i % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice;
  }
  return digits.length > 0 && sum % 10 === 0;
}

/** A National Provider Identifier: ten digits that begin with 1 or 2, Luhn over them with the prefix 80840 (45 CFR 162.406; CMS). */
export const isNpi = (digits: string): boolean => /^[12]\d{9}$/.test(digits) && luhn(`80840${digits}`);

/** A DEA registration: two letters (or a letter and 9) and seven digits, the last of which checks the others (21 CFR 1301; DEA). */
export function isDea(text: string): boolean {
  const digits = /^[ABCDEFGHJKLMPRSTUX][A-Z9](\d{7})$/i.exec(text)?.[1];
  if (digits === undefined) return false;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, check] = Array.from(digits, Number);
  return (a + c + e + 2 * (b + d + f)) % 10 === check;
}

/** Never given out: areas 000 and 666, group 00, serial 0000 (SSA). 900 to 999 are taxpayer numbers (ITIN): as good as one. */
export const isSsn = (area: string, group: string, serial: string): boolean =>
  area !== '000' && area !== '666' && group !== '00' && serial !== '0000';

const VIN_VALUES: Readonly<Record<string, number>> = Object.fromEntries(
  [...'ABCDEFGH']
    .map((letter, i) => [letter, i + 1] as const)
    .concat(
      [...'JKLMN'].map((letter, i) => [letter, i + 1] as const),
      [['P', 7] as const, ['R', 9] as const],
      [...'STUVWXYZ'].map((letter, i) => [letter, i + 2] as const),
      [...'0123456789'].map((digit) => [digit, Number(digit)] as const),
    ),
);
const VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** A vehicle identification number of North America: 17 characters without I, O, Q, the ninth checks (49 CFR 565.15(c)). */
export function isVin(text: string): boolean {
  const vin = text.toUpperCase();
  if (!/^[A-HJ-NPR-Z0-9]{17}$/.test(vin)) return false;
  const sum = VIN_WEIGHTS.reduce((total, weight, i) => total + weight * (VIN_VALUES[vin[i] ?? ''] ?? 0), 0);
  return vin[8] === (sum % 11 === 10 ? 'X' : String(sum % 11));
}

/** ISO 13616: an international bank account number. */
export function isIban(text: string): boolean {
  const iban = text.replace(/\s/g, '').toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) return false;
  const numbers = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  return BigInt(numbers) % 97n === 1n;
}
