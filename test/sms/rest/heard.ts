import type {
  CarrierEvents,
  DeliveryReport,
  InboundText,
  OutboundText,
} from '../../../src/flows/texting/carrierPort.ts';
import { textId } from '../../../src/flows/texting/carrierPort.ts';
import { phoneNumber } from '../../../src/kernel/ids.ts';
import { Phi } from '../../../src/kernel/phi.ts';

/** What a carrier told. */
export class Heard implements CarrierEvents {
  readonly texts: InboundText[] = [];
  readonly reports: DeliveryReport[] = [];
  readonly faults: string[] = [];

  received = async (_carrier: string, text: InboundText) => void this.texts.push(text);
  reported = async (_carrier: string, report: DeliveryReport) => void this.reports.push(report);
}

let count = 0;
export function outbound(body: string): OutboundText {
  count += 1;
  const id = textId(`txt_${String(count).padStart(26, '0')}`);
  return { id, from: phoneNumber('+12125550100'), to: phoneNumber('+12125550142'), body: new Phi(body) };
}
