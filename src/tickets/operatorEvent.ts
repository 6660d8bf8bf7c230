import type { OperatorName } from '../kernel/ids.ts';
import { operatorName } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { inPieces } from './fitFields.ts';
import { plainDocument } from './plainDocument.ts';
import { shown, shownOnOneLine } from './shown.ts';

export const OPERATOR_EVENTS = ['cancelled', 'corrected', 'patched', 'closed', 'note'] as const;
export type OperatorEventType = (typeof OPERATOR_EVENTS)[number];

/** What an operator of an answering service says of a ticket (contract.md, `POST .../events`). `text` is health information. */
export interface OperatorEvent {
  readonly type: OperatorEventType;
  readonly by: OperatorName;
  readonly text: string | null;
  /** The service's own id of the event. */
  readonly id: string | null;
  readonly document: Readonly<Record<string, unknown>>;
}

export interface OperatorEventError {
  /** RFC 6901 JSON pointer. */
  readonly path: string;
  readonly code: 'not-an-object' | 'missing' | 'not-a-string' | 'empty' | 'not-printable' | 'too-long' | 'unknown';
}

const MAX_NAME_LENGTH = 512;
/** Without its words, these say nothing. */
const NEEDS_TEXT: ReadonlySet<unknown> = new Set<OperatorEventType>(['corrected', 'note']);

/** Reads a parsed JSON document. Strict, since what is misread here stops a ladder. Errors never hold a value that was sent. */
export function readOperatorEvent(input: unknown): Result<OperatorEvent, readonly OperatorEventError[]> {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return err([{ path: '', code: 'not-an-object' }]);
  const { document } = plainDocument(input as Readonly<Record<string, unknown>>);
  const { type, by, text, id } = document;
  const errors = [
    ...typeErrors(type),
    ...nameErrors('/by', by, true),
    ...nameErrors('/id', id, false),
    ...textErrors(text, NEEDS_TEXT.has(type)),
  ];
  if (errors.length > 0) return err(errors);
  const said = typeof text === 'string' && text.trim() !== '' ? text : null;
  return ok({
    type: type as OperatorEventType,
    by: operatorName(by as string),
    text: said,
    id: typeof id === 'string' ? id : null,
    document,
  });
}

const isMissing = (value: unknown) => value === undefined || value === null;

function typeErrors(type: unknown): OperatorEventError[] {
  const path = '/type';
  if (isMissing(type)) return [{ path, code: 'missing' }];
  if (typeof type !== 'string') return [{ path, code: 'not-a-string' }];
  return (OPERATOR_EVENTS as readonly string[]).includes(type) ? [] : [{ path, code: 'unknown' }];
}

function nameErrors(path: string, value: unknown, isRequired: boolean): OperatorEventError[] {
  if (isMissing(value)) return isRequired ? [{ path, code: 'missing' }] : [];
  if (typeof value !== 'string') return [{ path, code: 'not-a-string' }];
  if (value.trim() === '') return [{ path, code: 'empty' }];
  if (value.length > MAX_NAME_LENGTH) return [{ path, code: 'too-long' }];
  return /[\p{Cc}\u2028\u2029]/u.test(value) ? [{ path, code: 'not-printable' }] : [];
}

function textErrors(value: unknown, isRequired: boolean): OperatorEventError[] {
  const path = '/text';
  if (isMissing(value)) return isRequired ? [{ path, code: 'missing' }] : [];
  if (typeof value !== 'string') return [{ path, code: 'not-a-string' }];
  return isRequired && value.trim() === '' ? [{ path, code: 'empty' }] : [];
}

const HEADINGS: Readonly<Record<OperatorEventType, string>> = {
  cancelled: 'CANCELLED by the answering service',
  corrected: 'CORRECTION by the answering service',
  patched: 'Caller and clinician were connected by the answering service: nobody else needs to answer',
  closed: 'Closed by the answering service',
  note: 'Note of the answering service',
};

/** The event as clinicians read it in the thread, in pieces that each fit a message. Health information. */
export function sayOperatorEvent({ type, by, text }: OperatorEvent): readonly string[] {
  const heading = `${HEADINGS[type]} (${shownOnOneLine(by)})`;
  return inPieces(text === null ? `${heading}.` : `${heading}:\n${shown(text)}`);
}
