import type { CarrierName, CarrierPort } from '../../flows/texting/carrierPort.ts';

/** A carrier that begins later than it is made: one that keeps a connection, which only the process that leads may have. */
export type LaterCarrier = CarrierPort & { begin(): void };

const WAITING = { state: 'connecting', code: 'waits-to-lead' } as const;
const STOPPED = { state: 'stopped', code: 'stopped' } as const;

/** Nothing is connected before `begin`; nothing is begun after `stop`. */
export function beginsLater(name: CarrierName, make: () => CarrierPort): LaterCarrier {
  let carrier: CarrierPort | null = null;
  let isStopped = false;
  return {
    name,
    begin() {
      if (!isStopped) carrier ??= make();
    },
    send: async (text) =>
      carrier === null ? { outcome: 'retry', code: 'waits-to-lead', afterMs: null } : carrier.send(text),
    fetchMedia: async (media, maxBytes) => carrier?.fetchMedia(media, maxBytes) ?? null,
    status: () => carrier?.status() ?? (isStopped ? STOPPED : WAITING),
    async stop() {
      isStopped = true;
      await carrier?.stop();
    },
  };
}
