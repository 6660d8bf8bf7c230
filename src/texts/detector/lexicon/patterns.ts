/** What is recognised by its form rather than by a list of words. All are matched against lower case, except where it says so. */

/** `5mg`, `10 units`, `2 puffs`. */
export const DOSE =
  /(?<![a-z0-9.])\d+(?:[.,/]\d+)?\s?-?(?:mgs?|mcgs?|micrograms?|milligrams?|mls?|milliliters?|ccs?|iu|units?|meq|tabs?|tablets?|caps?|capsules?|pills?|puffs?|drops?|gtts?|patch(?:es)?|pastillas?|gotas)(?:\/(?:kg|ml|day|d|hr))?(?![a-z0-9])/g;
/** Ways of writing how often: `twice a day`, `BID`, `every 8 hours as needed`. */
export const HOW_OFTEN =
  /(?<![a-z0-9])(?:(?:once|twice|three times|four times|[1-4]x|\dx)\s*(?:a|per|\/)?\s*(?:day|daily)|bid|t\.?i\.?d|qid|qhs|prn|b\.i\.d\.?|q\d{1,2}h|every (?:\d{1,2}|four|six|eight|twelve) h(?:ou)?rs|as needed for|with food|on an empty stomach|at bedtime|before meals|after meals|before bed)(?![a-z0-9])/g;

/** A laboratory's or a cuff's name and a value. */
export const LAB_VALUE =
  /(?<![a-z0-9])(?:a1c|hba1c|hgba1c|hemoglobin|hgb|hct|hematocrit|glucose|fbs|ldl|hdl|total cholesterol|cholesterol|trigs?|triglycerides|tsh|free t4|t4|t3|psa|inr|pt\/inr|wbc|rbc|plt|platelets|creatinine|creat|egfr|gfr|bun|potassium|sodium|calcium|magnesium|ferritin|vit(?:amin)? (?:d|b12)|b12|alt|ast|alk phos|bili(?:rubin)?|troponin|bnp|d-dimer|crp|esr|sed rate|hcg|bp|b\/p|blood pressure|pulse|heart rate|o2 sat|spo2|oxygen|temp|bmi|weight|peak flow|uric acid|lipase|amylase|albumin)\s*(?:was|is|of|at|now|level|came back|=|:|->|up to|down to|-|\s)*\s*(?:is|at|of|=)?\s*\d+(?:[./]\d+)?\s?(?:%|mg\/dl|mmol|ng\/ml|lbs?|kg|bpm|f|c)?(?![a-z0-9])/g;
/** Names of tests that mean nothing else. */
export const LAB_NAME =
  /(?<![a-z0-9])(?:a1c|hba1c|hgba1c|hemoglobin|hematocrit|ldl|hdl|tsh|psa|inr|wbc|creatinine|egfr|ferritin|troponin|bnp|d-dimer|cbc|cmp|bmp|lipid panel|metabolic panel|thyroid panel|hemoglobin|platelets|potassium|bilirubin)(?![a-z0-9])/g;
/** Units that only measure bodies. */
export const BODY_UNIT =
  /(?<![a-z0-9])\d+(?:\.\d+)?\s?(?:mg\/dl|mmol\/l|ng\/ml|pg\/ml|miu\/l|mmhg|mm hg|bpm)(?![a-z0-9])/g;
/** `128/84` beside words of pressure is covered above; alone it may be a date, so both sides must be out of a calendar's range. */
export const PRESSURE = /(?<![\d/])(?:[89]\d|1\d\d|2[0-4]\d)\/(?:[4-9]\d|1[0-3]\d)(?![\d/])/g;

/** ICD-10-CM with its dot, in capitals: `E11.9`. */
export const ICD10 = /(?<![A-Za-z0-9.$@/-])[A-TV-Z]\d[0-9A-Z]\.[0-9A-Z]{1,4}(?![A-Za-z0-9])/g;
/** Without a dot only beside words that announce a code. */
export const ICD10_ANNOUNCED =
  /(?<![a-z0-9])(?:icd(?:[\s-]?10)?(?:[\s-]?cm)?|dx|diagnosis|code)(?:\s+code)?\s*[:#-]?\s*[a-tv-z]\d[0-9a-z](?:\.?[0-9a-z]{1,4})?(?![a-z0-9])/g;
/** Procedure codes: CPT and HCPCS, announced. */
export const CPT = /(?<![a-z0-9])(?:cpt|hcpcs|procedure code)\s*(?:code)?\s*[:#-]?\s*[a-z]?\d{4,5}[a-z]?(?![a-z0-9])/g;
/** Money: what somebody pays for care. */
export const AMOUNT =
  /(?:\$|usd\s?)\s?\d[\d,]*(?:\.\d\d)?|(?<![a-z0-9])\d[\d,]*(?:\.\d\d)?\s?(?:dollars|usd|dolares)(?![a-z0-9])/g;
/** AIDS in capitals only: hearing aids are none. */
export const AIDS = /(?<![A-Za-z0-9])AIDS(?![A-Za-z0-9])/g;
/** The drug, by its spelling: a prep is something else. */
export const PREP = /(?<![A-Za-z0-9])PrEP(?![A-Za-z0-9])/g;
/** Up to 17 years, in words of age. Matched against lower case. */
export const MINOR_AGE =
  /(?<![a-z0-9])(?:(?:1[0-7]|[1-9])[\s-]?(?:y\/?o|yo|yr[\s-]?olds?|yrs?[\s-]old|years?[\s-]old|year[\s-]olds?|month[\s-]olds?|months?[\s-]old|mo[\s-]old|week[\s-]olds?|weeks?[\s-]old|day[\s-]old|days[\s-]old)|(?:aged?|edad:?)\s(?:1[0-7]|[1-9])(?=\s*(?:[,.;)]|$|and|with|has|is|was|y(?:o|rs?)\b))|(?:1[0-7]|[1-9]) anos de edad)(?![a-z0-9])/g;
/** The scan, in capitals; Connecticut has a town or a ZIP beside it. */
export const CT =
  /(?<![A-Za-z0-9]|, |[a-z] )CT(?![A-Za-z0-9]|\s\d{5})|(?<=(?:[Yy]our|[Aa]|[Tt]he|[Hh]is|[Hh]er|of|for) )CT(?![A-Za-z0-9])/g;
/** Where somebody lies. */
export const BED = /(?<![a-z])bed\s?#?\d{1,4}[a-z]?(?![a-z0-9])/g;
