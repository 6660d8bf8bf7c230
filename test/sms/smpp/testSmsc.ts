import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { type SmppPdu, type SmppSession, smppPackage } from '../../support/smppPackage.ts';

/** What the SMSC does with a submit_sm. */
export type Reply =
  | { readonly does: 'take'; readonly id?: string; readonly twice?: boolean }
  | { readonly does: 'refuse'; readonly status: number }
  | { readonly does: 'keep-silent' }
  | { readonly does: 'hang-up' }
  | { readonly does: 'answer'; readonly octets: Buffer };

/** Submitted text, as the npm package understood it. */
export interface Submit {
  readonly pdu: SmppPdu;
  readonly from: string;
  readonly to: string;
  readonly message: string;
  /** Null: the whole text. */
  readonly part: { readonly reference: number; readonly total: number; readonly number: number } | null;
}

/** An SMSC on the npm package `smpp`, which tests command. */
export class TestSmsc {
  readonly submits: Submit[] = [];
  readonly binds: SmppPdu[] = [];
  reply: (submit: Submit) => Reply = () => ({ does: 'take' });
  bindStatus = 0;
  answersEnquiries = true;
  enquiries = 0;
  readonly #tls: Readonly<Record<string, string>>;
  #server: Server | null = null;
  #port = 0;
  #count = 0;
  #sessions = new Set<SmppSession>();
  #bound: SmppSession | null = null;
  #wake: (() => void)[] = [];

  private constructor(tls: Readonly<Record<string, string>>) {
    this.#tls = tls;
  }

  static async open(tls: { key?: string; cert?: string } = {}): Promise<TestSmsc> {
    const smsc = new TestSmsc(tls);
    await smsc.start();
    return smsc;
  }

  get port(): number {
    return this.#port;
  }

  /** On the port it had before. */
  async start(): Promise<void> {
    const server = smppPackage.createServer(this.#tls, (session) => this.#serve(session));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Everybody is cut off, nobody listens. */
  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    const server = this.#server;
    this.#server = null;
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  /** Resolves when `holds`; looked at whenever something arrives. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /** The newest bound connection. */
  get session(): SmppSession {
    if (!this.#bound) throw new Error('nobody is bound');
    return this.#bound;
  }

  get isBound(): boolean {
    return this.#bound !== null;
  }

  /** Resolves with the status of the answer; null: the connection ended without one. */
  deliver(
    fields: Readonly<Record<string, unknown>>,
    command: 'deliver_sm' | 'data_sm' = 'deliver_sm',
  ): Promise<number | null> {
    const { session } = this;
    return new Promise((resolve) => {
      session.on('close', () => resolve(null));
      session[command](
        { source_addr_ton: 1, source_addr_npi: 1, dest_addr_ton: 1, dest_addr_npi: 1, ...fields },
        (response) => resolve(response.command_status),
      );
    });
  }

  /** A delivery receipt with the text of appendix B. */
  receipt(id: string, stat: string, fields: Readonly<Record<string, unknown>> = {}): Promise<number | null> {
    const text = `id:${id} sub:001 dlvrd:001 submit date:2611282240 done date:2611282241 stat:${stat} err:000 text:`;
    return this.deliver({
      source_addr: '12125550142',
      destination_addr: '12125550100',
      esm_class: 4,
      short_message: text,
      ...fields,
    });
  }

  #serve(session: SmppSession): void {
    this.#sessions.add(session);
    session.on('error', () => session.destroy());
    session.on('close', () => {
      this.#sessions.delete(session);
      if (this.#bound === session) this.#bound = null;
      this.#woken();
    });
    session.on('pdu', (pdu) => {
      if (pdu.command === 'bind_transceiver') {
        this.binds.push(pdu);
        session.send(pdu.response({ command_status: this.bindStatus, system_id: 'TESTSMSC' }));
        if (this.bindStatus === 0) this.#bound = session;
      } else if (pdu.command === 'submit_sm') this.#submitted(session, pdu);
      else if (pdu.command === 'enquire_link') {
        this.enquiries += 1;
        if (this.answersEnquiries) session.send(pdu.response());
      } else if (pdu.command === 'unbind') {
        session.send(pdu.response());
        session.close();
      }
      this.#woken();
    });
  }

  #submitted(session: SmppSession, pdu: SmppPdu): void {
    const submit = understood(pdu);
    this.submits.push(submit);
    const reply = this.reply(submit);
    this.#count += 1;
    if (reply.does === 'take') {
      const response = { message_id: reply.id ?? `m${this.#count}` };
      session.send(pdu.response(response));
      if (reply.twice) session.send(pdu.response(response));
    } else if (reply.does === 'refuse') session.send(pdu.response({ command_status: reply.status }));
    else if (reply.does === 'hang-up') session.destroy();
    else if (reply.does === 'answer') session.socket.write(reply.octets);
  }

  #woken(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function understood(pdu: SmppPdu): Submit {
  const [element] = pdu.short_message.udh ?? [];
  const sar = pdu.sar_total_segments
    ? { reference: pdu.sar_msg_ref_num ?? 0, total: pdu.sar_total_segments, number: pdu.sar_segment_seqnum ?? 0 }
    : null;
  const [reference, total, number] =
    element?.[0] === 8 ? [element.readUInt16BE(2), element[4], element[5]] : [element?.[2], element?.[3], element?.[4]];
  return {
    pdu,
    from: `+${pdu.source_addr}`,
    to: `+${pdu.destination_addr}`,
    message: String(pdu.message_payload?.message ?? pdu.short_message.message),
    part: element ? { reference: reference ?? 0, total: total ?? 0, number: number ?? 0 } : sar,
  };
}

/** Submitted texts as their phones show them, in the order in which they became whole. */
export function shown(submits: readonly Submit[]): { from: string; to: string; body: string }[] {
  const texts: { from: string; to: string; body: string }[] = [];
  const open = new Map<string, Submit[]>();
  for (const submit of submits) {
    const { from, to, part } = submit;
    if (part === null) {
      texts.push({ from, to, body: submit.message });
      continue;
    }
    const key = JSON.stringify([from, to, part.reference, part.total]);
    const parts = [...(open.get(key) ?? []), submit];
    open.set(key, parts);
    if (parts.length < part.total) continue;
    open.delete(key);
    parts.sort((a, b) => (a.part?.number ?? 0) - (b.part?.number ?? 0));
    texts.push({ from, to, body: parts.map(({ message }) => message).join('') });
  }
  return texts;
}

/** A long text as a phone sends it: UCS-2 cut every 67 units, inside characters, too. */
export function phoneParts(
  body: string,
  reference: number,
): { data_coding: number; esm_class: number; short_message: unknown }[] {
  const octets = Buffer.from(body, 'utf16le').swap16();
  const total = Math.ceil(octets.length / 134);
  return Array.from({ length: total }, (_, index) => ({
    data_coding: 8,
    esm_class: 0x40,
    short_message: {
      udh: Buffer.from([5, 0, 3, reference, total, index + 1]),
      message: octets.subarray(index * 134, (index + 1) * 134),
    },
  }));
}
