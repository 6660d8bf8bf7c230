/** A public key as people compare it: groups of four. */
export const fingerprint = (key: string): string => key.replace(/.{4}(?=.)/g, '$& ');
