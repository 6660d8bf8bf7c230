import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type PhoneNumber, phoneNumber } from '../kernel/ids.ts';
import { samePhone } from '../kernel/phone.ts';

/** Answering services are in the United States: a number without a country code is one of the North American plan. */
const HOME = 'US';
/** Types whose caller pays a third party, or that no person answers. */
const REFUSED_TYPES: ReadonlySet<string> = new Set(['PREMIUM_RATE', 'SHARED_COST', 'VOICEMAIL']);
/** Pay-per-call in the North American plan: area code 900, exchange 976. */
const PAY_PER_CALL = /^\+1(900|976|\d{3}976)/;

/**
 * The number a clinician may safely be offered to dial, or null: missing, malformed, an emergency or other short number
 * (911, 988), premium rate, or one of the answering services' own (data README, "Texting patients").
 */
export function dialable(written: unknown, ownNumbers: readonly string[]): PhoneNumber | null {
  if (typeof written !== 'string' || written.length > 64) return null;
  const parsed = parsePhoneNumberFromString(written, { defaultCountry: HOME, extract: false });
  if (!parsed?.isValid()) return null;
  if (REFUSED_TYPES.has(parsed.getType() ?? '') || PAY_PER_CALL.test(parsed.number)) return null;
  const own = ownNumbers.some((number) => samePhone(number, parsed.number));
  return own ? null : phoneNumber(parsed.number);
}

/** A number in E.164, or null for what is none. */
export function e164(written: string): PhoneNumber | null {
  const parsed = parsePhoneNumberFromString(written, { defaultCountry: HOME, extract: false });
  return parsed?.isPossible() ? phoneNumber(parsed.number) : null;
}

/** Whether a telephone is one of an answering service. */
export function isNumberOfService(dispatch: {
  readonly services: Readonly<Record<string, { readonly own_numbers: readonly string[] }>>;
}): (number: string) => boolean {
  const own = Object.values(dispatch.services).flatMap((service) => service.own_numbers);
  return (number) => own.some((one) => samePhone(one, number));
}
