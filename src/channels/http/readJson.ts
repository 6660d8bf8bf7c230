import type { Request, RequestHandler, Response } from 'express';
import { type ProblemCode, sendProblem } from './problem.ts';
import { hangUp, readBody } from './readBody.ts';

/** contract.md: larger bodies are answered 413. */
export const MAX_BODY_BYTES = 256 * 1024;

/** So much of a longer one is read and thrown away before it is refused. */
const PATIENCE_BYTES = 4 * 1024 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Takes the body as JSON in UTF-8 and nothing else, and leaves it in `request.body`. */
export const readJson: RequestHandler = async (request, response, next) => {
  if (!isUtf8Json(request)) return refuse(request, response, 'media-type');
  const body = await readBody(request, MAX_BODY_BYTES, PATIENCE_BYTES);
  if (body.kind === 'too-large') return refuse(request, response, 'body-too-large');
  if (body.kind === 'broken') return refuse(request, response, 'bad-request');
  let text: string;
  try {
    text = utf8.decode(body.bytes);
  } catch {
    return sendProblem(response, 'not-utf8');
  }
  try {
    request.body = JSON.parse(text);
  } catch {
    // The parser's message quotes the body: it is not kept.
    return sendProblem(response, 'not-json');
  }
  next();
};

function isUtf8Json(request: Request): boolean {
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charsets = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"]*?)"?\s*$/.exec(parameter)?.[1])
    .filter((name) => name !== undefined);
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  return (
    type.trim() === 'application/json' &&
    charsets.every((charset) => charset === 'utf-8' || charset === 'utf8') &&
    encoding === 'identity'
  );
}

/** What is left of the body is nobody's: the connection cannot be used again. */
function refuse(request: Request, response: Response, code: ProblemCode): void {
  sendProblem(response, code);
  if (!request.complete) hangUp(request);
}
