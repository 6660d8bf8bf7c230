import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { SlotType } from '../slot.ts';

export const phone: SlotType = {
  name: 'phone',
  what: "the practice's telephone number: +12125550100",
  write: (value) => {
    const parsed =
      value.length <= 32 ? parsePhoneNumberFromString(value, { defaultCountry: 'US', extract: false }) : undefined;
    if (!parsed?.isValid() || parsed.ext) return null;
    return parsed.countryCallingCode === '1'
      ? parsed.formatNational().replace(/^\((\d{3})\) /, '$1-')
      : parsed.formatInternational();
  },
  longest: () => '212-555-0100',
};
