/** Consent's door: what other parts may import. */
export { type CapReached, capsReached } from './caps.ts';
export { type RevocationClock, revocationClock } from './hours/holidays.ts';
export { isReservedWord, type Keyword, readKeyword } from './keywords/readKeyword.ts';
export { reservedWords } from './keywords/words.ts';
export { mayText, nextAllowed } from './mayText.ts';
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
export {
  type Cap,
  defaultTextingRules,
  type EarlierSend,
  kinds as textKinds,
  type TextFacts,
  type TextingRules,
  type TextKind,
  type TextRequest,
  type Whereabouts,
} from './request.ts';
export type { Rule as ConsentRule } from './rule.ts';
export { rules as consentRules } from './rules/index.ts';
export { type Denial, type DenialCode, denialCodes, type Evidence, type Verdict } from './verdict.ts';
export { type Candidates, candidates } from './zones/candidates.ts';
