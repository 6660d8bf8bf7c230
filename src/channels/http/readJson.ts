import express, { type Request, type RequestHandler, type Response } from 'express';
import { type ProblemCode, sendProblem } from './problem.ts';

/** contract.md: larger bodies are answered 413. */
export const MAX_BODY_BYTES = 256 * 1024;

const readBytes = express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: false });
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Takes the body as JSON in UTF-8 and nothing else, and leaves it in `request.body`. */
export const readJson: RequestHandler = (request, response, next) => {
  if (!isUtf8Json(request)) return refuse(request, response, 'media-type');
  readBytes(request, response, (error: unknown) => {
    if (error) return refuse(request, response, codeOf(error));
    const bytes: unknown = request.body;
    let text: string;
    try {
      text = utf8.decode(Buffer.isBuffer(bytes) ? bytes : Buffer.alloc(0));
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
  });
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

/** The rest of the body is not read: the connection cannot be used again. */
function refuse(request: Request, response: Response, code: ProblemCode): void {
  if (!request.complete) response.set('Connection', 'close');
  sendProblem(response, code);
}

function codeOf(error: unknown): ProblemCode {
  const type = (error as { type?: unknown }).type;
  if (type === 'entity.too.large') return 'body-too-large';
  if (type === 'encoding.unsupported') return 'media-type';
  return 'bad-request';
}
