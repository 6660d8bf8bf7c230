import type { CarrierName, CarrierTextId } from '../../../src/flows/texting/carrierPort.ts';
import type { PartsPort, TextPart } from '../../../src/flows/texting/partsPort.ts';

/** What is durable in these tests: it outlives the carrier that wrote it, as a table outlives a process. */
export class MemoryParts implements PartsPort {
  parts: TextPart[] = [];
  /** Called before every access; throws where the database is gone. */
  reach: () => void = () => undefined;

  async save(part: TextPart): Promise<void> {
    this.reach();
    const isKept = this.parts.some(
      (one) => one.carrier === part.carrier && one.text === part.text && one.number === part.number,
    );
    if (!isKept) this.parts.push(part);
  }

  async load(carrier: CarrierName): Promise<readonly TextPart[]> {
    this.reach();
    return this.parts.filter((part) => part.carrier === carrier);
  }

  async forget(carrier: CarrierName, texts: readonly CarrierTextId[]): Promise<void> {
    this.reach();
    this.parts = this.parts.filter((part) => part.carrier !== carrier || !texts.includes(part.text));
  }
}
