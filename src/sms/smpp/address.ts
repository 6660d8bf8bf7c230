import { type PhoneNumber, phoneNumber } from '../../kernel/ids.ts';
import type { Address } from './message.ts';

/** Type of number and numbering plan (SMPP 3.4, sections 5.2.5 and 5.2.6). */
const TON = { unknown: 0, international: 1, national: 2, networkSpecific: 3 };
const NPI = { unknown: 0, isdn: 1 };

/** As a carrier takes it: international without the plus; a short code as what the network itself knows. */
export function addressOf(number: PhoneNumber): Address {
  if (number.startsWith('+')) return { ton: TON.international, npi: NPI.isdn, digits: number.slice(1) };
  return { ton: TON.networkSpecific, npi: NPI.unknown, digits: number };
}

/**
 * E.164 where the address is one: said to be international, or of 10 or 11 digits as North America writes them; carriers differ in what
 * they say of the type. Anything else (a short code, a name in letters) stays as it was sent: it is no telephone's, but nothing is lost.
 */
export function numberOf({ ton, digits }: Address): PhoneNumber {
  const bare = digits.replace(/^\+/, '');
  if (!/^\d{7,15}$/.test(bare)) return phoneNumber(digits);
  if (ton === TON.international || digits.startsWith('+')) return phoneNumber(`+${bare}`);
  if (/^[2-9]\d{9}$/.test(bare)) return phoneNumber(`+1${bare}`);
  if (/^1[2-9]\d{9}$/.test(bare)) return phoneNumber(`+${bare}`);
  return phoneNumber(digits);
}
