import { RequestType } from '@matrix-org/matrix-sdk-crypto-wasm';
import type { EngineRequest } from './engineProtocol.ts';

/** The engine's request objects, as far as they are alike. */
export interface OutgoingRequest {
  readonly id?: string | undefined;
  readonly type: RequestType;
  readonly body: string;
  readonly event_type?: string;
  readonly txn_id?: string;
}

const client = '/_matrix/client/v3';

/** Where a request goes (Matrix client-server API, "End-to-End Encryption"). Null for kinds Wardroom never sends. */
export function toEngineRequest(request: OutgoingRequest): EngineRequest | null {
  const { type, body } = request;
  const id = request.id ?? '';
  const answer = request.id === undefined ? null : type;
  switch (type) {
    case RequestType.KeysUpload:
      return { id, type: answer, method: 'POST', path: `${client}/keys/upload`, body };
    case RequestType.KeysQuery:
      return { id, type: answer, method: 'POST', path: `${client}/keys/query`, body };
    case RequestType.KeysClaim:
      return { id, type: answer, method: 'POST', path: `${client}/keys/claim`, body };
    case RequestType.SignatureUpload:
      return { id, type: answer, method: 'POST', path: `${client}/keys/signatures/upload`, body };
    case RequestType.ToDevice: {
      // The transaction ids are random, so they do not collide across the application service (matrix.md 4.5).
      const path = `${client}/sendToDevice/${encodeURIComponent(request.event_type ?? '')}/${encodeURIComponent(request.txn_id ?? '')}`;
      return { id, type: answer, method: 'PUT', path, body };
    }
    default:
      return null;
  }
}

/** Publishes the public cross-signing keys; an application service needs no user-interactive authentication (MSC4190). */
export const signingKeysUpload = (body: string): EngineRequest => ({
  id: '',
  type: null,
  method: 'POST',
  path: `${client}/keys/device_signing/upload`,
  body,
});
