import type { RequestHandler } from 'express';
import {
  type CarrierEvents,
  type CarrierName,
  type CarrierPort,
  carrierName,
} from '../../flows/texting/carrierPort.ts';
import { realClock } from '../../kernel/clock.ts';
import { createLocalCarrier } from '../../sms/local/index.ts';
import { createTelnyxCarrier } from '../../sms/telnyx/index.ts';
import { createTwilioCarrier } from '../../sms/twilio/index.ts';
import type { CarrierSettings, Config } from '../config/index.ts';
import { readSecretFile } from '../secretFile.ts';

/** What every carrier is made of. */
export interface CarrierParts {
  readonly name: CarrierName;
  /** The numbers of its lines. */
  readonly numbers: readonly string[];
  readonly events: CarrierEvents;
  readonly onFailure: (error: unknown) => void;
  /** Something came in that was not taken; a code. */
  readonly onFault: (fault: string) => void;
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
  twilio: (settings, { name, events, onFailure, onFault }) =>
    createTwilioCarrier(
      {
        name,
        baseUrl: settings.base_url,
        webhookUrl: webhookUrl(settings.public_url, name),
        accountSid: settings.account_sid,
        authToken: readSecretFile(settings.auth_token_file),
        onFailure,
        onFault,
      },
      events,
    ),
  telnyx: (settings, { name, events, onFailure, onFault }) =>
    createTelnyxCarrier(
      {
        name,
        baseUrl: settings.base_url,
        webhookUrl: webhookUrl(settings.public_url, name),
        apiKey: readSecretFile(settings.api_key_file),
        publicKey: settings.public_key,
        messagingProfileId: settings.messaging_profile_id ?? null,
        onFailure,
        onFault,
      },
      events,
    ),
};

const webhookUrl = (publicUrl: string, carrier: CarrierName): string => `${publicUrl}${webhookPath(carrier)}`;
/** Where a carrier is called, on the listener of the API. */
export const webhookPath = (carrier: string): string => `/sms/${carrier}`;

/** The carriers that are configured. @throws when one cannot be made: its secrets cannot be read. */
export function createCarriers(
  { texting }: Pick<Config, 'texting'>,
  events: CarrierEvents,
  onFailure: (error: unknown) => void,
  onFault: (carrier: CarrierName, fault: string) => void,
): ReadonlyMap<CarrierName, MadeCarrier> {
  return new Map(
    Object.entries(texting.carriers).map(([key, settings]) => {
      const name = carrierName(key);
      const numbers = Object.values(texting.lines).flatMap(({ carrier, number }) => (carrier === key ? [number] : []));
      const make = makers[settings.kind] as Maker<typeof settings.kind> | undefined;
      if (make === undefined) throw new Error(`carrier-kind-${settings.kind}`);
      const parts = { name, numbers, events, onFailure, onFault: oncePerMinute((fault) => onFault(name, fault)) };
      return [name, make(settings as never, parts)];
    }),
  );
}

/** The same fault again within a minute says nothing new. */
function oncePerMinute(tell: (fault: string) => void): (fault: string) => void {
  const told = new Map<string, number>();
  return (fault) => {
    const now = realClock.now();
    if (now - (told.get(fault) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    told.set(fault, now);
    tell(fault);
  };
}

/** What each of them is called by, where it is called. */
export const routersOf = (carriers: ReadonlyMap<CarrierName, MadeCarrier>): ReadonlyMap<string, RequestHandler> =>
  new Map([...carriers].flatMap(([name, { router }]) => (router === undefined ? [] : [[name, router] as const])));
