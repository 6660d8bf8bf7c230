import type { Router } from 'express';
import type {
  CarrierName,
  CarrierPort,
  CarrierStatus,
  HandOver,
  OutboundText,
} from '../../flows/texting/carrierPort.ts';
import { type Call, Caller } from './call.ts';
import type { FileFetch } from './fetchFile.ts';
import { fetchFile } from './fetchFile.ts';
import { readOutcome, type Vendor } from './outcome.ts';
import { type WebhookFault, type WebhookParts, webhookRoutes } from './webhooks.ts';

/** What carriers that are reached by HTTP have in common. */
export interface RestOptions {
  readonly name: CarrierName;
  /** Of the carrier's API, without a slash at the end. */
  readonly baseUrl: string;
  /** Where the carrier reaches this carrier's webhooks, without a slash at the end: `https://HOST/sms/NAME`. Never taken from a request. */
  readonly webhookUrl: string;
  /** For the connection and the answer together. */
  readonly timeoutMs?: number;
  readonly mediaTimeoutMs?: number;
  /** Webhooks of one client address; the carrier itself has few addresses and much to say. */
  readonly webhooksPerMinute?: number;
  /** Something was posted that is not taken. Never with words or numbers of anybody. */
  readonly onFault?: (fault: WebhookFault) => void;
  /** What a webhook told could not be kept. */
  readonly onFailure: (error: unknown) => void;
}

export type RestCarrier = CarrierPort & {
  /** `POST /inbound` and `POST /status`: to be mounted where `webhookUrl` leads. */
  readonly router: Router;
};

export interface RestVendor {
  readonly vendor: Vendor;
  callFor(text: OutboundText): Call;
  readonly webhooks: Pick<WebhookParts, 'types' | 'isSigned' | 'take' | 'answer'>;
  readonly mediaHeaders: FileFetch['headersFor'];
}

const TIMEOUT_MS = 15_000;
const MEDIA_TIMEOUT_MS = 30_000;
const WEBHOOKS_PER_MINUTE = 6_000;
/** What stopping waits for answers. */
const STOP_MS = 3_000;

/** One account at a carrier that takes texts by HTTP and tells by webhooks. */
export function createRestCarrier(options: RestOptions, how: RestVendor): RestCarrier {
  const caller = new Caller(options.timeoutMs ?? TIMEOUT_MS);
  let status: CarrierStatus = { state: 'ready', code: null };
  let isStopped = false;
  return {
    name: options.name,
    router: webhookRoutes({
      ...how.webhooks,
      perMinute: options.webhooksPerMinute ?? WEBHOOKS_PER_MINUTE,
      isOpen: () => !isStopped,
      onFault: options.onFault ?? (() => undefined),
      onFailure: options.onFailure,
    }),
    async send(text): Promise<HandOver> {
      if (isStopped) return { outcome: 'retry', code: `${how.vendor.name}-stopped`, afterMs: null };
      const outcome = readOutcome(await caller.post(how.callFor(text)), how.vendor);
      status = outcome.status ?? status;
      return outcome.handOver;
    },
    fetchMedia: ({ reference }, maxBytes) =>
      fetchFile({
        reference,
        maxBytes,
        timeoutMs: options.mediaTimeoutMs ?? MEDIA_TIMEOUT_MS,
        headersFor: how.mediaHeaders,
      }),
    status: () => (isStopped ? { state: 'stopped', code: `${how.vendor.name}-stopped` } : status),
    async stop() {
      isStopped = true;
      await caller.stop(STOP_MS);
    },
  };
}
