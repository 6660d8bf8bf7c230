import type { RequestHandler } from 'express';
import {
  type CarrierEvents,
  type CarrierName,
  type CarrierPort,
  carrierName,
} from '../../flows/texting/carrierPort.ts';
import { realClock } from '../../kernel/clock.ts';
import { createLocalCarrier } from '../../sms/local/index.ts';
import type { CarrierSettings, Config } from '../config/index.ts';

/** What every carrier is made of. */
export interface CarrierParts {
  readonly name: CarrierName;
  /** The numbers of its lines. */
  readonly numbers: readonly string[];
  readonly events: CarrierEvents;
  readonly onFailure: (error: unknown) => void;
}

export type MadeCarrier = CarrierPort & { readonly router?: RequestHandler };

type Maker<K extends CarrierSettings['kind']> = (
  settings: Extract<CarrierSettings, { kind: K }>,
  parts: CarrierParts,
) => MadeCarrier;

/** Every kind of carrier: a new one is one folder under src/sms and one line here. */
const makers: { readonly [K in CarrierSettings['kind']]?: Maker<K> } = {
  local: (_settings, { name, numbers, events, onFailure }) =>
    createLocalCarrier({ name, clock: realClock, lines: numbers, onFailure }, events),
};

/** The carriers that are configured. @throws when one cannot be made: its secrets cannot be read. */
export function createCarriers(
  { texting }: Pick<Config, 'texting'>,
  events: CarrierEvents,
  onFailure: (error: unknown) => void,
): ReadonlyMap<CarrierName, MadeCarrier> {
  return new Map(
    Object.entries(texting.carriers).map(([key, settings]) => {
      const name = carrierName(key);
      const numbers = Object.values(texting.lines).flatMap(({ carrier, number }) => (carrier === key ? [number] : []));
      const make = makers[settings.kind] as Maker<typeof settings.kind> | undefined;
      if (make === undefined) throw new Error(`carrier-kind-${settings.kind}`);
      return [name, make(settings as never, { name, numbers, events, onFailure })];
    }),
  );
}

/** What each of them is called by, where it is called. */
export const routersOf = (carriers: ReadonlyMap<CarrierName, MadeCarrier>): ReadonlyMap<string, RequestHandler> =>
  new Map([...carriers].flatMap(([name, { router }]) => (router === undefined ? [] : [[name, router] as const])));
