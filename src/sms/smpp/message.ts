import { err, ok, type Result } from '../../kernel/result.ts';
import { cString, Malformed, Reader, uint8 } from './octets.ts';
import { readTlvs, TAG, type Tlvs, writeTlvs } from './tlvs.ts';

/** An address (SMPP 3.4, sections 5.2.5 to 5.2.9): type of number, numbering plan, and what they are of. */
export interface Address {
  readonly ton: number;
  readonly npi: number;
  readonly digits: string;
}

/** What submit_sm, deliver_sm and data_sm say, the fields that nobody uses left out. */
export interface Message {
  readonly source: Address;
  readonly destination: Address;
  readonly esmClass: number;
  readonly registeredDelivery: number;
  readonly dataCoding: number;
  /** User data, a header (esm_class 0x40) included: short_message; as it is read, message_payload where that is empty. */
  readonly userData: Buffer;
  readonly tlvs: Tlvs;
}

/** Octets with the NUL. data_sm allows longer addresses than the others (section 4.7.1). */
const LENGTH = { serviceType: 6, address: 21, dataAddress: 65, time: 17, messageId: 65 };
/** Octets of short_message (section 5.2.21). */
export const MOST_SHORT_MESSAGE = 254;

/** The body of submit_sm (section 4.4.1) and deliver_sm (section 4.6.1): they have the same fields. At most `MOST_SHORT_MESSAGE` of user data. */
export function writeMessage(message: Message): Buffer {
  const { userData } = message;
  if (userData.length > MOST_SHORT_MESSAGE) throw new RangeError(`short_message: at most ${MOST_SHORT_MESSAGE} octets`);
  return Buffer.concat([
    cString('', LENGTH.serviceType, 'service_type'),
    writeAddress(message.source),
    writeAddress(message.destination),
    Buffer.from([message.esmClass, 0, 0]), // protocol_id, priority_flag
    cString('', LENGTH.time, 'schedule_delivery_time'),
    cString('', LENGTH.time, 'validity_period'),
    Buffer.from([message.registeredDelivery, 0, message.dataCoding, 0]), // replace_if_present, sm_default_msg_id
    uint8(userData.length),
    userData,
    writeTlvs(message.tlvs),
  ]);
}

/** Of submit_sm and deliver_sm. */
export const readMessage = (body: Buffer): Result<Message, string> => reading(body, messageFrom);
/** Of data_sm (section 4.7.1). */
export const readDataMessage = (body: Buffer): Result<Message, string> => reading(body, dataMessageFrom);

/** The id in submit_sm_resp (section 4.4.2); null: there is none. */
export function readMessageId(body: Buffer): Result<string | null, string> {
  if (body.length === 0) return ok(null);
  return reading(body, (reader) => {
    const id = reader.cString(LENGTH.messageId, 'message_id');
    return id === '' ? null : id;
  });
}

/** The body of deliver_sm_resp and data_sm_resp: a message_id that is always empty (section 4.6.2). */
export const EMPTY_MESSAGE_ID = Buffer.from([0]);

function reading<T>(body: Buffer, read: (reader: Reader) => T): Result<T, string> {
  try {
    return ok(read(new Reader(body)));
  } catch (error) {
    if (error instanceof Malformed) return err(error.message);
    throw error;
  }
}

function messageFrom(reader: Reader): Message {
  reader.cString(LENGTH.serviceType, 'service_type');
  const source = readAddress(reader, LENGTH.address, 'source_addr');
  const destination = readAddress(reader, LENGTH.address, 'destination_addr');
  const esmClass = reader.uint8('esm_class');
  reader.take(2, 'protocol_id');
  reader.cString(LENGTH.time, 'schedule_delivery_time');
  reader.cString(LENGTH.time, 'validity_period');
  const registeredDelivery = reader.uint8('registered_delivery');
  reader.uint8('replace_if_present_flag');
  const dataCoding = reader.uint8('data_coding');
  reader.uint8('sm_default_msg_id');
  const short = reader.take(reader.uint8('sm_length'), 'short_message');
  const tlvs = readTlvs(reader);
  const userData = short.length > 0 ? short : (tlvs.get(TAG.messagePayload) ?? short);
  return { source, destination, esmClass, registeredDelivery, dataCoding, userData, tlvs };
}

function dataMessageFrom(reader: Reader): Message {
  reader.cString(LENGTH.serviceType, 'service_type');
  const source = readAddress(reader, LENGTH.dataAddress, 'source_addr');
  const destination = readAddress(reader, LENGTH.dataAddress, 'destination_addr');
  const esmClass = reader.uint8('esm_class');
  const registeredDelivery = reader.uint8('registered_delivery');
  const dataCoding = reader.uint8('data_coding');
  const tlvs = readTlvs(reader);
  const userData = tlvs.get(TAG.messagePayload) ?? Buffer.alloc(0);
  return { source, destination, esmClass, registeredDelivery, dataCoding, userData, tlvs };
}

const writeAddress = ({ ton, npi, digits }: Address): Buffer =>
  Buffer.concat([Buffer.from([ton, npi]), cString(digits, LENGTH.address, 'address')]);

const readAddress = (reader: Reader, most: number, field: string): Address => ({
  ton: reader.uint8(field),
  npi: reader.uint8(field),
  digits: reader.cString(most, field),
});
