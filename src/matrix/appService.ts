import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type Application, type NextFunction, type Request, type Response } from 'express';
import { AppService } from 'matrix-appservice';
import type { Secret } from '../kernel/phi.ts';

export interface WardroomAppServiceOptions {
  /** The homeserver's token (`hs_token`) of the registration. */
  readonly hsToken: Secret;
  /** Makes a transaction durable. When it rejects, the homeserver is told 503 and sends the transaction again. */
  readonly accept: (txnId: string, body: unknown) => Promise<void>;
  /** Whether this local user id is one of our voices or the bot. */
  readonly knowsUser: (userId: string) => boolean;
  /** Hears the code of a transaction that could not be made durable. */
  readonly onRefused?: (code: string) => void;
}

/** 100 events of 64 KiB, as many ephemeral ones and to-device messages: a transaction refused for size would block all later ones. */
const LARGEST_TRANSACTION = 64 * 1024 * 1024;

/**
 * The Application Service API's endpoints (Matrix specification, Application Service API). The bridge library's own ones
 * answer before anything is handled and compare tokens by content, so these stand in front of them on a router of their own:
 * token in constant time before the body is read, the whole transaction durable before 200.
 */
export class WardroomAppService extends AppService {
  override readonly app: Application;

  constructor(options: WardroomAppServiceOptions) {
    super({ homeserverToken: options.hsToken.reveal() });
    this.app = createRoutes(options);
  }

  override get expressApp(): Application {
    return this.app;
  }
}

function createRoutes(options: WardroomAppServiceOptions): Application {
  const app = express();
  app.disable('x-powered-by');
  app.get('/health', (_request, response) => {
    response.send('OK');
  });
  app.use('/_matrix/app', requireToken(options.hsToken));
  app.put(
    '/_matrix/app/v1/transactions/:txnId',
    express.json({ limit: LARGEST_TRANSACTION, strict: true, type: () => true }),
    async (request: Request<{ txnId: string }>, response) => {
      try {
        await options.accept(request.params.txnId, request.body);
      } catch (error) {
        options.onRefused?.(codeOf(error));
        response.status(503).json({ errcode: 'M_UNKNOWN', error: 'Not stored, send it again' });
        return;
      }
      response.json({});
    },
  );
  app.get('/_matrix/app/v1/users/:userId', (request: Request<{ userId: string }>, response) => {
    if (options.knowsUser(request.params.userId)) response.json({});
    else notFound(response);
  });
  app.get('/_matrix/app/v1/rooms/:alias', (_request, response) => notFound(response));
  // MSC2659: the homeserver's answer to a ping that we asked for.
  app.post('/_matrix/app/v1/ping', (_request, response) => {
    response.json({});
  });
  app.use((_request, response) => {
    response.status(404).json({ errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' });
  });
  app.use(answerError);
  return app;
}

/** Compares hashes, so that neither content nor length of the token can be measured. */
function requireToken(token: Secret): (request: Request, response: Response, next: NextFunction) => void {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(token.reveal());
  return (request, response, next) => {
    const [scheme, given] = (request.headers.authorization ?? '').split(' ', 2);
    if (scheme?.toLowerCase() !== 'bearer' || !given) {
      response.status(401).json({ errcode: 'M_UNAUTHORIZED', error: 'Missing token' });
      return;
    }
    if (!timingSafeEqual(digest(given), expected)) {
      response.status(403).json({ errcode: 'M_FORBIDDEN', error: 'Bad token' });
      return;
    }
    next();
  };
}

const notFound = (response: Response): void => {
  response.status(404).json({ errcode: 'M_NOT_FOUND', error: 'Not ours' });
};

function answerError(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) {
    next(error);
    return;
  }
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  if (status >= 400 && status < 500)
    response.status(status).json({ errcode: 'M_NOT_JSON', error: 'Not a JSON document' });
  else response.status(500).json({ errcode: 'M_UNKNOWN', error: 'Internal error' });
}

const codeOf = (error: unknown): string => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[\w-]{1,40}$/.test(code) ? code : 'not-stored';
};
