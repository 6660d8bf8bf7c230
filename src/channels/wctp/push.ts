import type { WctpResponse, WctpSender } from '../../flows/wctpPort.ts';
import type { ServiceId } from '../../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../../kernel/result.ts';
import { outgoing, versionOf } from './gateway.ts';
import { readConfirmation } from './readOperation.ts';
import { pushResponse } from './writeOperation.ts';

export interface PushOptions {
  /** Checked by the configuration: https, or loopback in the embedded hospital. Null: the service polls. */
  readonly urlOf: (service: ServiceId) => string | null;
  readonly timeoutMs: number;
  readonly onOutcome?: (outcome: 'delivered' | 'retry' | 'permanent') => void;
}

/** A Confirmation is short. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Posts one StatusInfo or MessageReply. Any 2xx success is an acknowledgement; only 6xx failures, and what is no answer of WCTP at
 * all, are tried again (1.3, result codes). A repetition has the same messageID. Redirects are not followed.
 */
export function createWctpSender(options: PushOptions): WctpSender {
  const post = async (response: WctpResponse): Promise<Result<void, PortFailure>> => {
    const url = options.urlOf(response.service);
    if (url === null) return err({ kind: 'retry', code: 'wctp-no-address' });
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'text/xml; charset=utf-8', 'user-agent': 'wardroom' },
        body: pushResponse(versionOf(response), outgoing(response)),
        redirect: 'manual',
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      const bytes = await readShort(answer);
      if (!answer.ok) return err({ kind: 'retry', code: `wctp-http-${Math.floor(answer.status / 100)}xx` });
      const received = bytes === null ? null : readConfirmation(bytes);
      if (received === null) return err({ kind: 'retry', code: 'wctp-no-answer' });
      if (received.ok) return ok(undefined);
      const isTemporary = received.errorCode >= 600;
      return err({ kind: isTemporary ? 'retry' : 'permanent', code: `wctp-${received.errorCode}` });
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
      return err({ kind: 'retry', code: timedOut ? 'wctp-timeout' : 'wctp-unreachable' });
    }
  };
  return {
    async send(response) {
      const result = await post(response);
      options.onOutcome?.(result.ok ? 'delivered' : result.error.kind === 'retry' ? 'retry' : 'permanent');
      return result;
    },
  };
}

/** Null when it is longer than any answer. */
async function readShort(response: Response): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_ANSWER_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
