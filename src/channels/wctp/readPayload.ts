import { Phi } from '../../kernel/phi.ts';
import { type Failure, failure } from './codes.ts';
import type { Fields } from './fields.ts';
import type { Choice, Payload, Version } from './operation.ts';

/** The largest text a WCTP message can carry, in characters. */
export const MAX_TEXT = 65_535;

/** What a sender may mean by text in bytes, in the order of likelihood. */
const ENCODINGS = ['utf-8', 'windows-1252'] as const;

export const isFailure = (value: object): value is Failure => 'errorCode' in value && 'what' in value;

/**
 * The text of a Payload: of its MCR, its Alphanumeric, or decoded from TransparentData. All of it, in the order it stands in, should
 * there be more than the one that the DTD allows. 302: no text. 411: longer than WCTP allows. 430: not text.
 */
export function readPayload(operation: Fields, version: Version, preformatted: boolean): Payload | Failure {
  const payload = operation.child('Payload');
  if (!payload) return failure(302, 'There is no payload');
  payload.noteUnknown('MCR', 'Alphanumeric', 'TransparentData');
  const texts: string[] = [];
  const choices: Choice[] = [];
  for (const mcr of payload.children('MCR')) {
    mcr.noteUnknown('MessageText', 'Choice', 'ChoicePair');
    texts.push(...mcr.children('MessageText').map((one) => one.text));
    choices.push(...choicesOf(mcr));
  }
  texts.push(...payload.children('Alphanumeric').map((one) => one.text));
  for (const data of payload.children('TransparentData')) {
    const text = transparentText(data, version);
    if (text === null) return failure(430, 'Only text can be delivered');
    texts.push(text);
  }
  if (texts.length > 1) payload.notes.push('several-payloads');
  const text = texts.map((one) => (preformatted ? trimLines(one) : one.trim())).join('\n');
  if (text.trim() === '') return failure(302, 'The payload holds no text');
  if (text.length > MAX_TEXT && [...text].length > MAX_TEXT)
    return failure(411, `The text is longer than ${MAX_TEXT} characters`);
  return { text: new Phi(text), choices };
}

/** Empty lines around it are of the XML's layout, also when the text has one of its own. */
const trimLines = (text: string): string => text.replace(/^(?:[ \t]*\r?\n)+/, '').trimEnd();

function choicesOf(mcr: Fields): readonly Choice[] {
  const plain = mcr.children('Choice').map((one) => ({ send: one.text.trim(), reply: null }));
  const pairs = mcr.children('ChoicePair').map((pair) => ({
    send: pair.child('SendChoice')?.text.trim() ?? '',
    reply: pair.child('ReplyChoice')?.text.trim() || null,
  }));
  return [...plain, ...pairs].filter((choice) => choice.send !== '');
}

/** Base64 unless it says otherwise, but for WCTP 1.0, where it is text unless it says otherwise. Null: bytes that are no text. */
function transparentText(data: Fields, version: Version): string | null {
  const encoding = data.attribute('encoding')?.trim().toLowerCase() ?? null;
  if (encoding === 'standard' || (encoding === null && version === 0)) return data.text;
  const written = data.text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(written) || written.replace(/=+$/, '').length % 4 === 1) {
    data.notes.push('odd-encoding');
    return data.text;
  }
  return textOf(Buffer.from(written, 'base64'));
}

function textOf(bytes: Uint8Array): string | null {
  for (const encoding of ENCODINGS) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
      return /[\0-\x08\x0e-\x1a\x1c-\x1f\ufffd]/.test(text) ? null : text;
    } catch {
      // Then the other.
    }
  }
  return null;
}
