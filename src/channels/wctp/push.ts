import type { WctpResponse, WctpSender } from '../../flows/wctpPort.ts';
import type { ServiceId } from '../../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../../kernel/result.ts';
import { outgoing, versionOf } from './gateway.ts';
import { type Pin, PinnedAgent, WRONG_KEY } from './pin.ts';
import { postDocument } from './postDocument.ts';
import { readConfirmation } from './readOperation.ts';
import { pushResponse } from './writeOperation.ts';

export interface PushOptions {
  /** Checked by the configuration: https, or loopback in the embedded hospital. Null: the service polls. */
  readonly urlOf: (service: ServiceId) => string | null;
  /** The keys that the service's server may have; none: whatever the machine's certificate authorities believe. */
  readonly pinsOf?: (service: ServiceId) => readonly Pin[];
  readonly timeoutMs: number;
  /** A server with another key answered at the service's address: nothing was sent to it. */
  readonly onWrongKey?: (service: ServiceId) => void;
  readonly onOutcome?: (outcome: 'delivered' | 'retry' | 'permanent') => void;
}

/**
 * Posts one StatusInfo or MessageReply. Any 2xx success is an acknowledgement; only 6xx failures, and what is no answer of WCTP at
 * all, are tried again (1.3, result codes). A repetition has the same messageID. Redirects are not followed.
 */
export function createWctpSender(options: PushOptions): WctpSender {
  const agents = new Map<ServiceId, PinnedAgent>();
  const agentOf = (service: ServiceId): PinnedAgent | undefined => {
    const pins = options.pinsOf?.(service) ?? [];
    if (pins.length === 0) return undefined;
    const agent = agents.get(service) ?? new PinnedAgent(pins, options.timeoutMs);
    agents.set(service, agent);
    return agent;
  };
  const post = async (response: WctpResponse): Promise<Result<void, PortFailure>> => {
    const url = options.urlOf(response.service);
    if (url === null) return err({ kind: 'retry', code: 'wctp-no-address' });
    try {
      const { status, bytes } = await postDocument(url, pushResponse(versionOf(response), outgoing(response)), {
        timeoutMs: options.timeoutMs,
        agent: agentOf(response.service),
      });
      if (status < 200 || status > 299) return err({ kind: 'retry', code: `wctp-http-${Math.floor(status / 100)}xx` });
      const received = bytes === null ? null : readConfirmation(bytes);
      if (received === null) return err({ kind: 'retry', code: 'wctp-no-answer' });
      if (received.ok) return ok(undefined);
      const isTemporary = received.errorCode >= 600;
      return err({ kind: isTemporary ? 'retry' : 'permanent', code: `wctp-${received.errorCode}` });
    } catch (error) {
      if (codeOf(error) === WRONG_KEY) {
        options.onWrongKey?.(response.service);
        return err({ kind: 'retry', code: WRONG_KEY });
      }
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

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;
