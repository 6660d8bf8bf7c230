import { DocumentReader } from './documentReader.ts';
import { dialable } from './phone.ts';
import { escapeHtml, shown, shownOnOneLine } from './shown.ts';
import type { Flag } from './ticket.ts';

/** One line of a ticket as it is shown. */
export interface Field {
  readonly label: string;
  readonly value: string;
  /** The value as HTML, where it is more than the escaped text. */
  readonly html?: string;
}

/** Single fields under a name that clinicians know, in the order of use; others follow under their own names. */
const NAMED: readonly (readonly [label: string, ...path: string[]])[] = [
  ['Asked for', 'provider_requested'],
  ['Triage', 'triage', 'disposition'],
  ['Triage protocol', 'triage', 'protocol'],
  ['Medication', 'medication', 'name'],
  ['Dose', 'medication', 'dose'],
  ['Pharmacy', 'pharmacy'],
  ['Best time to call', 'best_time'],
  ['Note', 'note'],
  ['Taken at', 'taken_at'],
  ['Operator', 'operator'],
  ['Line', 'line'],
];

/** Shown in the head of the message. */
const IN_HEAD = ['id', 'account'] as const;

/**
 * Everything a ticket's document holds, as lines: what a clinician needs first, then the rest, also what nobody has heard of.
 * Nothing that is present is left out; what is empty is named in one line at the end.
 */
export function ticketFields(document: Readonly<Record<string, unknown>>, flags: readonly Flag[]): readonly Field[] {
  const reader = new DocumentReader(document);
  for (const key of IN_HEAD) reader.take(key);
  const lines = [
    ...told911(reader),
    ...repeatCall(reader),
    ...text('Reason', reader.take('reason')),
    ...callback(reader, flags),
    ...combined('Caller', reader.take('caller', 'name'), [reader.take('caller', 'relation'), spelled(reader)]),
    ...patient(reader),
    ...orders(reader),
    ...wantsPatch(reader),
    ...language(reader),
    ...urgencyAsSent(reader, flags),
    ...NAMED.flatMap(([label, ...path]) => text(label, reader.take(...path))),
  ];
  const rest = reader.rest();
  const others = rest.given.map(({ label, value }) => ({ label: shownOnOneLine(label), value: shown(value) }));
  const empty = rest.empty.map(shownOnOneLine).join(', ');
  return [...lines, ...others, ...(empty ? [{ label: 'Not given', value: empty }] : [])];
}

const text = (label: string, value: string | null): Field[] => (value === null ? [] : [{ label, value: shown(value) }]);

function combined(label: string, first: string | null, details: readonly (string | null)[]): Field[] {
  const given = details.filter((detail) => detail !== null).map(shownOnOneLine);
  if (first === null && given.length === 0) return [];
  return [{ label, value: [shownOnOneLine(first ?? 'name not given'), ...given].join(', ') }];
}

function told911(reader: DocumentReader): Field[] {
  const told = reader.takeTruth('told_911');
  if (told === null) return [];
  return [{ label: '911', value: told ? 'the caller was told to call 911' : 'the caller was not told to call 911' }];
}

function repeatCall(reader: DocumentReader): Field[] {
  const earlier = reader.take('relates_to');
  const count = reader.take('repeat_call');
  if (earlier === null && count === null) return [];
  const about = earlier === null ? '' : ` about ref ${shownOnOneLine(earlier)}`;
  return [{ label: 'Repeat call', value: `${count === null ? 'again' : `call no. ${shownOnOneLine(count)}`}${about}` }];
}

function callback(reader: DocumentReader, flags: readonly Flag[]): Field[] {
  const number = reader.take('caller', 'callback');
  const extension = reader.take('caller', 'ext');
  const readBack = reader.takeTruth('caller', 'readback');
  if (number === null && extension === null && readBack === null) return [];
  const safe = flags.includes('callback') ? null : dialable(number, []);
  const written = shownOnOneLine(number ?? 'no number');
  const after =
    (extension === null ? '' : ` ext ${shownOnOneLine(extension)}`) +
    (readBack === null ? '' : readBack ? ' (read back to the caller)' : ' (not read back to the caller)');
  const html = safe
    ? `<a href="tel:${safe}">${escapeHtml(written)}</a>${escapeHtml(after)}`
    : escapeHtml(written + after);
  return [{ label: 'Call back', value: written + after, html }];
}

function spelled(reader: DocumentReader): string | null {
  const was = reader.takeTruth('caller', 'spelled');
  return was === null ? null : was ? 'name spelled out' : 'name not spelled out';
}

function patient(reader: DocumentReader): Field[] {
  const name = reader.take('patient', 'name');
  const born = reader.take('patient', 'dob');
  const mrn = reader.take('patient', 'mrn');
  return combined('Patient', name, [born === null ? null : `born ${born}`, mrn === null ? null : `MRN ${mrn}`]);
}

/** Orders by text: allowed, but computerised order entry is preferred, and nothing here carries one out (CMS QSO-24-05). */
function orders(reader: DocumentReader): Field[] {
  const asked = reader.takeTruth('order_request');
  if (asked === null) return [];
  const value = asked ? 'enter orders in CPOE; no order is carried out from this chat' : 'no';
  return [{ label: 'Orders asked for', value }];
}

function wantsPatch(reader: DocumentReader): Field[] {
  const wants = reader.takeTruth('wants_patch');
  return wants === null
    ? []
    : [{ label: 'Live connection', value: wants ? 'the caller asks to be connected' : 'not asked for' }];
}

function language(reader: DocumentReader): Field[] {
  const code = reader.take('language');
  if (code === null) return [];
  const english = /^en(-|$)/i.test(code);
  return [{ label: 'Language', value: `${shownOnOneLine(code)}${english ? '' : ' (an interpreter may be needed)'}` }];
}

function urgencyAsSent(reader: DocumentReader, flags: readonly Flag[]): Field[] {
  const word = reader.take('urgency');
  return flags.includes('urgency') ? text('Urgency as sent', word) : [];
}
