import { createRequire } from 'node:module';
import type { Server, Socket } from 'node:net';

/** A PDU as the npm package `smpp` reads it: fields by their names in SMPP 3.4. */
export interface SmppPdu {
  readonly command: string;
  readonly command_status: number;
  readonly sequence_number: number;
  readonly esm_class: number;
  readonly data_coding: number;
  readonly registered_delivery: number;
  readonly source_addr: string;
  readonly source_addr_ton: number;
  readonly destination_addr: string;
  readonly dest_addr_ton: number;
  readonly system_id: string;
  readonly password: string;
  readonly system_type: string;
  readonly interface_version: number;
  readonly message_id: string;
  readonly short_message: { readonly message: string | Buffer; readonly udh?: readonly Buffer[] };
  readonly message_payload?: { readonly message: string | Buffer };
  readonly sar_msg_ref_num?: number;
  readonly sar_total_segments?: number;
  readonly sar_segment_seqnum?: number;
  response(fields?: Readonly<Record<string, unknown>>): SmppPdu;
  toBuffer(): Buffer;
}

type Ask = (fields: Readonly<Record<string, unknown>>, answered?: (response: SmppPdu) => void) => boolean;

export interface SmppSession {
  readonly socket: Socket;
  readonly bind_transceiver: Ask;
  readonly submit_sm: Ask;
  readonly deliver_sm: Ask;
  readonly data_sm: Ask;
  readonly enquire_link: Ask;
  readonly unbind: (answered?: (response: SmppPdu) => void) => boolean;
  send(pdu: SmppPdu): boolean;
  close(done?: () => void): void;
  destroy(done?: () => void): void;
  on(event: 'pdu' | 'submit_sm' | 'bind_transceiver' | 'unbind', heard: (pdu: SmppPdu) => void): void;
  on(event: 'error', heard: (error: Error) => void): void;
  on(event: 'close' | 'connect', heard: () => void): void;
}

interface SmppPackage {
  createServer(
    options: Readonly<Record<string, unknown>>,
    onSession: (session: SmppSession) => void,
  ): Server & {
    readonly sessions: readonly SmppSession[];
  };
  connect(options: Readonly<Record<string, unknown>>, onConnect?: () => void): SmppSession;
  readonly PDU: new (command: string | Buffer, fields?: Readonly<Record<string, unknown>>) => SmppPdu;
}

/** The npm package `smpp`, which has no types of its own: the independent peer of tests and benchmarks. */
export const smppPackage = createRequire(import.meta.url)('smpp') as SmppPackage;
