/** Whether two ways of writing mean one telephone; compares without +1. */
export const samePhone = (one: string, other: string): boolean => phoneDigits(one) === phoneDigits(other);

/** The digits of a number without the +1 of the North American plan: the same for every way of writing it. */
export const phoneDigits = (number: string): string => number.replace(/\D/g, '').replace(/^1(?=\d{10}$)/, '');
