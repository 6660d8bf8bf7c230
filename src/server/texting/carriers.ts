import { readFileSync } from 'node:fs';
import type { RequestHandler } from 'express';
import {
  type CarrierEvents,
  type CarrierName,
  type CarrierPort,
  carrierName,
} from '../../flows/texting/carrierPort.ts';
import type { PartsPort } from '../../flows/texting/partsPort.ts';
import { realClock } from '../../kernel/clock.ts';
import { createLocalCarrier } from '../../sms/local/index.ts';
import { BIND_LIMITS, createSmppCarrier } from '../../sms/smpp/index.ts';
import { createTelnyxCarrier } from '../../sms/telnyx/index.ts';
import { createTwilioCarrier } from '../../sms/twilio/index.ts';
import type { CarrierSettings, Config } from '../config/index.ts';
import { readSecretFile, SecretFileError } from '../secretFile.ts';
import { beginsLater } from './begun.ts';

/** What every carrier is made of. */
export interface CarrierParts {
  readonly name: CarrierName;
  /** The numbers of its lines. */
  readonly numbers: readonly string[];
  readonly events: CarrierEvents;
  /** What came in of a text until the whole is taken. */
  readonly parts: PartsPort;
  readonly onFailure: (error: unknown) => void;
  /** Something went wrong that no text tells, or came in that was not taken; a code. */
  readonly onFault: (fault: string) => void;
}

export type MadeCarrier = CarrierPort & {
  readonly router?: RequestHandler;
  /** For what only the process that leads may do. */
  begin?(): void;
};

type Maker<K extends CarrierSettings['kind']> = (
  settings: Extract<CarrierSettings, { kind: K }>,
  parts: CarrierParts,
) => MadeCarrier;

/** Every kind of carrier: a new one is one folder under src/sms and one line here. */
const makers: { readonly [K in CarrierSettings['kind']]: Maker<K> } = {
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
  smpp(settings, { name, events, parts, onFault }) {
    const { host, port, tls, system_id: systemId, password_file: file } = settings;
    const password = readSecretFile(file);
    if (Buffer.byteLength(password.reveal()) > BIND_LIMITS.password)
      throw new SecretFileError(
        'malformed',
        file,
        `holds more than ${BIND_LIMITS.password} characters, which SMPP does not take`,
      );
    const ca = tls === false || tls.ca_file === undefined ? null : readAuthority(tls.ca_file);
    return beginsLater(name, () =>
      createSmppCarrier(
        {
          name,
          host,
          port,
          tls: tls === false ? null : { ca, serverName: tls.server_name ?? null },
          systemId,
          password,
          systemType: settings.system_type,
          perSecond: settings.per_second,
          window: settings.window,
          defaultAlphabet: settings.default_alphabet,
          concatenating: settings.concatenating,
          refusals: new Map(Object.entries(settings.refusals).map(([status, refusal]) => [Number(status), refusal])),
          parts,
          clock: realClock,
          onFault,
        },
        events,
      ),
    );
  },
};

/** PEM of who signed a carrier's certificate. */
function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new SecretFileError('unreadable', path, `cannot be read (${code})`);
  }
}

const webhookUrl = (publicUrl: string, carrier: CarrierName): string => `${publicUrl}${webhookPath(carrier)}`;
/** Where a carrier is called, on the listener of the API. */
export const webhookPath = (carrier: string): string => `/sms/${carrier}`;

export interface CarriersParts extends Pick<CarrierParts, 'events' | 'parts' | 'onFailure'> {
  onFault(carrier: CarrierName, fault: string): void;
}

/** The carriers that are configured. @throws when one cannot be made: its secrets cannot be read. */
export function createCarriers(
  { texting }: Pick<Config, 'texting'>,
  { events, parts, onFailure, onFault }: CarriersParts,
): ReadonlyMap<CarrierName, MadeCarrier> {
  return new Map(
    Object.entries(texting.carriers).map(([key, settings]) => {
      const name = carrierName(key);
      const numbers = Object.values(texting.lines).flatMap(({ carrier, number }) => (carrier === key ? [number] : []));
      const make = makers[settings.kind] as Maker<typeof settings.kind>;
      const tell = oncePerMinute((fault) => onFault(name, fault));
      return [name, make(settings as never, { name, numbers, events, parts, onFailure, onFault: tell })];
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
