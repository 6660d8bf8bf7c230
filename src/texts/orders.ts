import { healthIn } from './detector/healthIn.ts';

/** What somebody says who gives an order. */
const VERBS =
  'start|restart|begin|give|order|increase|decrease|reduce|raise|lower|double|hold|stop|d\\/c|dc|discontinue|administer|titrate|resume|continue|change|switch|add|adjust|admit|discharge|transfer|transfuse|infuse|bolus|push|wean|extubate|intubate|insert|remove|draw|send|repeat|check|obtain|get|run|prescribe|refill|renew|call in|schedule|consult|keep|place|apply|taper';
const OPENING =
  "(?:(?:please|pls|ok(?:ay)? to|okay,?|ok,?|go ahead and|you can|you may|let'?s|then|and|also|new order:?|orders?:|verbal order:?|telephone order:?|v\\.?o\\.?:?|t\\.?o\\.?:?|per (?:dr|md)\\.? ?\\w*:?|pt (?:to|should)|patient (?:to|should))\\s+)*";
const IMPERATIVE = new RegExp(`^[\\s"'(*-]*${OPENING}(?:${VERBS})\\b`, 'i');
/** Words that announce an order, whatever follows. */
const ANNOUNCED =
  /(?:^|[\s(])(?:verbal order|telephone order|new orders?|standing order|read ?back (?:please|required)|v\.o\.|t\.o\.|orders?:)/i;
/** Written by a patient or a family: asking, or telling what they do. */
const OWN =
  /\?\s*$|^\s*(?:can|could|should|may|do|does|did|is|are|am|will|would|when|what|how|why|who)\b|\b(?:i|i'm|im|my|me|mine|mom|dad|we)\b/i;
/** What an order is about: a drug, a dose, a test, a treatment; or how it is carried out. */
const ABOUT: ReadonlySet<string> = new Set(['drug', 'dose', 'lab', 'treatment']);
const CARRIED_OUT =
  /\b(?:iv|im|po|sq|subq|sc|pr|sl|stat|npo|drip|gtt|foley|tele(?:metry)?|fluids?|saline|lr|ns|o2|oxygen|restraints?|diet|strict i&o|vitals?|cbc|bmp|cmp|ua|cxr|blood cultures?|type and (?:screen|cross)|prbcs?|units? of blood|q\d{1,2}h?|bid|tid|qid|prn|daily|admit to)\b/i;

/**
 * Whether an inbound text reads like a clinician's order. Orders are never taken by SMS: who wrote it cannot be told (Joint Commission,
 * 2024-06-05; CMS QSO-24-05). The text itself is passed on; the answer says that it was not taken as an order.
 */
export function looksLikeOrder(text: string): boolean {
  if (ANNOUNCED.test(text) && isClinical(text)) return true;
  return text
    .split(/(?<=[.!?;\n])\s+|\n/)
    .some((sentence) => IMPERATIVE.test(sentence) && !OWN.test(sentence) && isClinical(sentence));
}

const isClinical = (text: string): boolean =>
  CARRIED_OUT.test(text) || healthIn(text).some(({ rule, kind }) => ABOUT.has(rule) || kind === 'sensitive');

/** What the sender of an order is answered; the number is the practice's, as it is written in texts. */
export const orderRefusal = (practice: string, phone: string): string =>
  `${practice}: orders are not taken by text. Nothing was ordered. Use the secure app or call ${phone}.`;
