import type { Request, RequestHandler, Response } from 'express';
import { type ProblemCode, sendProblem } from './problem.ts';
import { hangUp, readBody } from './readBody.ts';

/** contract.md: larger bodies are answered 413. */
export const MAX_BODY_BYTES = 256 * 1024;

/** So much more than that is read and thrown away before a body is refused. */
const PATIENCE_BYTES = 4 * 1024 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Takes the body as JSON in UTF-8 and nothing else, and leaves it in `request.body`. */
export const readJson: RequestHandler = async (request, response, next) => {
  const text = await readText(request, response, 'application/json', MAX_BODY_BYTES);
  if (text === null) return;
  try {
    request.body = JSON.parse(text);
  } catch {
    // The parser's message quotes the body: it is not kept.
    return sendProblem(response, 'not-json');
  }
  next();
};

/** Lists are longer than tickets. */
export const MAX_LIST_BYTES = 8 * 1024 * 1024;

/** The same for a list, `text/csv` (RFC 4180): left as text. */
export const readCsv: RequestHandler = async (request, response, next) => {
  const text = await readText(request, response, 'text/csv', MAX_LIST_BYTES);
  if (text === null) return;
  request.body = text;
  next();
};

/** The body, if it is of this type; else null, and the request is answered. */
async function readText(request: Request, response: Response, type: string, limit: number): Promise<string | null> {
  if (!isUtf8(request, type)) return refuse(request, response, 'media-type');
  const body = await readBody(request, limit, limit + PATIENCE_BYTES);
  if (body.kind === 'too-large') return refuse(request, response, 'body-too-large');
  if (body.kind === 'broken') return refuse(request, response, 'bad-request');
  try {
    return utf8.decode(body.bytes);
  } catch {
    sendProblem(response, 'not-utf8');
    return null;
  }
}

function isUtf8(request: Request, expected: string): boolean {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charsets = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"]*?)"?\s*$/.exec(parameter)?.[1])
    .filter((name) => name !== undefined);
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  return (
    type.trim() === expected &&
    charsets.every((charset) => charset === 'utf-8' || charset === 'utf8') &&
    encoding === 'identity'
  );
}

/** What is left of the body is nobody's: the connection cannot be used again. */
function refuse(request: Request, response: Response, code: ProblemCode): null {
  sendProblem(response, code);
  if (!request.complete) hangUp(request);
  return null;
}
