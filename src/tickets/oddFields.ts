/** What answering services put into the fields we know (reference: field.md, "Ticket fields"). Null and missing are fine. */
type Kind = 'text' | 'truth' | 'number' | 'text-or-number' | 'object';

const KINDS: Readonly<Record<string, Kind>> = {
  service: 'text',
  operator: 'text',
  line: 'text',
  caller: 'object',
  'caller.name': 'text',
  'caller.relation': 'text',
  'caller.ext': 'text-or-number',
  'caller.spelled': 'truth',
  'caller.readback': 'truth',
  patient: 'object',
  'patient.name': 'text',
  'patient.mrn': 'text-or-number',
  provider_requested: 'text',
  triage: 'object',
  language: 'text',
  told_911: 'truth',
  order_request: 'truth',
  wants_patch: 'truth',
  relates_to: 'text',
  repeat_call: 'number',
  pharmacy: 'text',
  medication: 'object',
  best_time: 'text',
  note: 'text',
};

/**
 * Whether a known field holds another kind of value than services send there, or any number is too large to be shown exactly.
 * Such a ticket is admitted; its reader is told to look twice.
 */
export function hasOddFields(document: Readonly<Record<string, unknown>>): boolean {
  const odd = Object.entries(KINDS).some(([path, kind]) => {
    const value = at(document, path);
    return value !== undefined && value !== null && !matches(value, kind);
  });
  return odd || hasInexactNumber(document);
}

function matches(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'truth':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number';
    case 'text-or-number':
      return typeof value === 'string' || typeof value === 'number';
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
  }
}

function at(document: Readonly<Record<string, unknown>>, path: string): unknown {
  let value: unknown = document;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

/** Integers beyond 2^53 lost digits when they were parsed: a record number written so may be another patient's. */
function hasInexactNumber(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(hasInexactNumber);
}
