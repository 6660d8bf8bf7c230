import {
  type CarrierEvents,
  type CarrierPort,
  carrierName,
  type DeliveryReport,
  type InboundText,
  type OutboundText,
  textId,
} from '../../../src/flows/texting/carrierPort.ts';
import { phoneNumber } from '../../../src/kernel/ids.ts';
import { Phi, Secret } from '../../../src/kernel/phi.ts';
import { createSmppCarrier, type SmppOptions } from '../../../src/sms/smpp/index.ts';
import { MemoryParts } from './memoryParts.ts';

/** Short enough for a test that has to wait, long enough for a busy machine. */
export const QUICK = { connectMs: 5_000, answerMs: 1_000, firstPauseMs: 20, longestPauseMs: 100, stopMs: 200 };

export const LINE = '+12125550100';
export const PHONE = '+12125550142';

let count = 0;
export const outbound = (body: string, to: string = PHONE): OutboundText => {
  count += 1;
  return {
    id: textId(`txt_${String(count).padStart(26, '0')}`),
    from: phoneNumber(LINE),
    to: phoneNumber(to),
    body: new Phi(body),
  };
};

/** Keeps what the carrier tells. */
export class Told implements CarrierEvents {
  readonly texts: InboundText[] = [];
  readonly reports: DeliveryReport[] = [];
  before: () => Promise<void> = async () => undefined;

  async received(_: string, text: InboundText): Promise<void> {
    await this.before();
    this.texts.push(text);
  }

  async reported(_: string, report: DeliveryReport): Promise<void> {
    await this.before();
    this.reports.push(report);
  }

  get bodies(): string[] {
    return this.texts.map(({ body }) => body.reveal());
  }
}

export function carrierTo(
  port: number,
  events: CarrierEvents,
  options: Partial<SmppOptions> & { name?: SmppOptions['name'] } = {},
): CarrierPort {
  return createSmppCarrier(
    {
      name: carrierName('smpp-test'),
      host: '127.0.0.1',
      port,
      tls: null,
      systemId: 'wardroom',
      password: new Secret('secret12'),
      systemType: '',
      perSecond: 10_000,
      parts: new MemoryParts(),
      clock: { now: () => Date.now() },
      times: QUICK,
      ...options,
    },
    events,
  );
}

/** Resolves when the carrier says so. */
export async function untilState(carrier: CarrierPort, state: string): Promise<void> {
  const end = performance.now() + 20_000;
  while (carrier.status().state !== state) {
    if (performance.now() > end) throw new Error(`still ${JSON.stringify(carrier.status())}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
