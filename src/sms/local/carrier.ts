import { randomUUID } from 'node:crypto';
import type { Router } from 'express';
import type {
  CarrierEvents,
  CarrierName,
  CarrierPort,
  CarrierTextId,
  HandOver,
  OutboundText,
} from '../../flows/texting/carrierPort.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Behaviour } from './behaviour.ts';
import { Phones } from './phones.ts';
import { localRoutes } from './routes.ts';

export interface LocalCarrierOptions {
  readonly name: CarrierName;
  readonly clock: Clock;
  /** The numbers of lines, for the page. */
  readonly lines: readonly string[];
  readonly onFailure: (error: unknown) => void;
}

export type LocalCarrier = CarrierPort & { readonly router: Router };

/** A carrier whose telephones are a page: for the demo, and for tests, which can make it refuse, forget and repeat. */
export function createLocalCarrier(options: LocalCarrierOptions, events: CarrierEvents): LocalCarrier {
  const { name, clock } = options;
  const phones = new Phones();
  const behaviour = new Behaviour();
  let isStopped = false;

  const deliver = ({ from, to, body }: OutboundText): CarrierTextId => {
    const id = `local-${randomUUID()}` as CarrierTextId;
    phones.show(to, { id, at: new Date(clock.now()).toISOString(), direction: 'in', line: from, body: body.reveal() });
    return id;
  };
  const report = (carrierId: CarrierTextId, times: number): void => {
    void (async () => {
      for (let n = 0; n < times; n += 1)
        await events.reported(name, {
          carrierId,
          alsoKnownAs: [],
          state: 'delivered',
          carrierCode: null,
          refusal: null,
        });
    })().catch(options.onFailure);
  };

  return {
    name,
    router: localRoutes({ ...options, phones, behaviour, events }),
    async send(text): Promise<HandOver> {
      if (isStopped) return { outcome: 'retry', code: 'stopped', afterMs: null };
      const how = behaviour.next();
      switch (how.do) {
        case 'refuse':
          return { outcome: 'refused', code: how.code, carrierCode: null };
        case 'throttle':
          return { outcome: 'retry', code: 'throttled', afterMs: how.afterMs };
        case 'lose':
          // Whether it arrived nobody hears: here it did.
          deliver(text);
          return { outcome: 'unknown', code: 'no-answer' };
        case 'take': {
          const carrierId = deliver(text);
          report(carrierId, how.reports);
          return { outcome: 'taken', carrierId, segments: null };
        }
      }
    },
    fetchMedia: async () => null,
    status: () => (isStopped ? { state: 'stopped', code: 'stopped' } : { state: 'ready', code: null }),
    async stop() {
      isStopped = true;
    },
  };
}
