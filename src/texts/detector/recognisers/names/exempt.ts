import type { Known } from '../../known.ts';
import type { Word } from '../../names/words.ts';

const CLINICIAN =
  /(?:^|[^A-Za-z])(?:dr|drs|doctor|doctora|dra|nurse|np|pa|prof|professor|rn|enfermer[ao]|chaplain|social worker|technician|tech|receptionist|interpreter|provider|physician|md|coordinator|manager|assistant)\.?\s+$/i;
/** "This is Kelly from Lark Street", "ask for Kelly", "Kelly at the front desk". */
const INTRODUCED =
  /(?:this is|it's|its|i'm|i am|im|my name is|soy|le habla|ask for|speak (?:to|with)|talk to|see|call|from|with|check in with|dial|la|-|--|~|thanks,?|thank you,?|thx,?|regards,?|sincerely,?|best,?|gracias,?|atentamente,?)\s*$/i;
const AT_WORK =
  /^\s*(?:,\s*(?:rn|np|pa|md|do|ma|lpn|cna|pharmd|front desk|office|your nurse|scheduling)\b|(?:rn|np|pa-c|md|ma|lpn)\b|(?:from|at|with|en|de|in)\s+(?:the\s+|our\s+|la\s+)?(?:front|desk|office|clinic|reception|scheduling|billing|records|team|oficina|recepcion|clinica|[A-Z]))/;

/**
 * Who works there is not who is treated there: the 18 identifiers are those "of the individual or of relatives, employers, or household members"
 * (45 CFR 164.514(b)(2)(i)). A name after a clinician's title, of somebody who introduces themselves, or at the end of a text under it.
 */
export function isStaff(text: string, word: Word): boolean {
  const before = text.slice(Math.max(0, word.start - 40), word.start);
  const after = text.slice(word.end, word.end + 40);
  if (CLINICIAN.test(before) || /^(?:\s[A-Z][a-z]+)?\s*,?\s*(?:RN|NP|PA-C|PA|MD|DO|MA|LPN|CNA)\b/.test(after))
    return true;
  const isSignature =
    /(?:^|[\n.!?]\s*|\s)(?:-|--|~|thanks,?|thank you,?|thx,?|regards,?|sincerely,?|best,?|gracias,?|atentamente,?)\s*$/i.test(
      before,
    ) && /^(?:\s+[A-Z][a-z]*\.?)?\s*[.!]?\s*$/.test(after);
  if (isSignature || /(?:ask|look) for\s*$/i.test(before)) return true;
  const isIntroduction = /(?:this is|i'm|i am|im|my name is|soy|le habla)\s*$/i.test(before);
  if (isIntroduction && (AT_WORK.test(after) || /^\s*[.,!]?\s*$/.test(after))) return true;
  return INTRODUCED.test(before) && AT_WORK.test(after);
}

/** Whether a word is of the practice's own names, or of a clinician who is on record. */
export function isOwn(word: Word, text: string, { ownNames }: Known): boolean {
  const lower = text.toLowerCase();
  return ownNames.some((name) => {
    const wanted = name.toLowerCase().trim();
    // An empty name would stand everywhere.
    for (let at = wanted === '' ? -1 : lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + 1))
      if (at <= word.start && word.end <= at + wanted.length) return true;
    return false;
  });
}
