/** Consent's door: what other parts may import. */
export { isReservedWord, type Keyword, readKeyword } from './keywords/readKeyword.ts';
export { reservedWords } from './keywords/words.ts';
export { addressKey, type Consent, foldConsent, readConsent } from './record/consent.ts';
export {
  type Channel,
  type ConsentEvent,
  channels,
  type EventFault,
  type EventOf,
  type Method,
  methods,
  readConsentEvent,
  type Scope,
  scopes,
} from './record/event.ts';
export {
  type ConsentLine,
  consentOf,
  type NoConsent,
  riskNotice,
  type Standing,
  standing,
  verifiedAt,
} from './record/standing.ts';
export { type AddressState, addressState, type Stop, type Suppression, suppressions } from './record/stops.ts';
