/** Texts on a real PostgreSQL with real sealing and auditing; the carrier, the rooms and business time are in memory. */
import { createHash } from 'node:crypto';
import {
  type CarrierMedia,
  type CarrierPort,
  carrierName,
  carrierTextId,
  type HandOver,
  type InboundText,
  type OutboundText,
} from '../../src/flows/texting/carrierPort.ts';
import { LadderTexts } from '../../src/flows/texting/stepTexts.ts';
import type { TextLine } from '../../src/flows/texting/textingFlow.ts';
import { lineName } from '../../src/flows/texting/textsPort.ts';
import {
  type AccountId,
  accountId,
  type PhoneNumber,
  phoneNumber,
  type RoomId,
  roomId,
  userId,
} from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { samePhone } from '../../src/kernel/phone.ts';
import { ok } from '../../src/kernel/result.ts';
import { type Policy, readPolicy } from '../../src/policy/index.ts';
import { type RunningTexting, texting } from '../../src/server/texting/running.ts';
import { buildDirectory } from '../../src/tickets/directory.ts';
import { dispatch } from '../tickets/fixtures.ts';
import { TicketRig } from './ticketRig.ts';

export const LINE = lineName('lark');
export const CARRIER = carrierName('tests');
export const NUMBER = phoneNumber('+12125550100');
export const FENN = userId('@fenn:larkmoor.example');

/** What a carrier does with what it is given, in this order; afterwards it takes everything. */
export class TestCarrier implements CarrierPort {
  readonly name = CARRIER;
  readonly sent: { readonly to: string; readonly body: string; readonly id: string }[] = [];
  readonly answers: (HandOver | (() => Promise<HandOver>))[] = [];

  async send({ id, to, body }: OutboundText): Promise<HandOver> {
    const answer = this.answers.shift();
    if (typeof answer === 'function') return answer();
    if (answer !== undefined && answer.outcome !== 'taken') return answer;
    this.sent.push({ to, body: body.reveal(), id });
    return answer ?? { outcome: 'taken', carrierId: carrierTextId(`c-${id}`), segments: 1 };
  }
  /** By reference: what the carrier has, or that it does not answer now. */
  readonly media = new Map<string, Uint8Array | 'away'>();
  async fetchMedia({ reference }: CarrierMedia) {
    const found = this.media.get(reference);
    if (found === 'away') throw new Error('away');
    return found === undefined ? null : { contentType: 'image/png', bytes: found };
  }
  status = () => ({ state: 'ready' as const, code: null });
  stop = async () => undefined;
}

export class TextRig {
  readonly tickets: TicketRig;
  readonly carrier = new TestCarrier();
  readonly texting: RunningTexting;
  policy: Policy;
  barred: string | null = null;
  team: readonly string[] = [FENN];
  #ids = 0;

  private constructor(tickets: TicketRig, line: TextLine) {
    this.tickets = tickets;
    const read = readPolicy({});
    if (!read.ok) throw new Error('no policy');
    this.policy = read.value.policy;
    const digest = (text: string) => createHash('sha256').update(text).digest('base64url');
    this.texting = texting({
      flow: tickets.flow,
      serverName: 'example',
      lines: [line],
      carriers: new Map([[CARRIER, this.carrier]]),
      keeping: this.#keeping(),
      policy: () => this.policy,
      facts: async () => ({ policy: this.policy, now: tickets.now, grants: [] }) as never,
      teamOf: () => this.team.map(userId),
      personOf: (number) => {
        const found = Object.entries(dispatch.people).find(([, { cell, second }]) =>
          [cell, second].some((one) => one !== undefined && samePhone(one, number)),
        );
        return found ? { person: found[0] as never, userId: userId(found[1].mxid) } : null;
      },
      requireCrossSigned: true,
      upload: async (name, type, file) =>
        ok({
          content: new Phi<Record<string, unknown>>({
            msgtype: 'm.file',
            body: name,
            info: { mimetype: type, size: file.reveal().length },
            file: { url: `mxc://example/${name.replace('.', '-')}` },
          }),
        }),
      digest,
      onFailure: (error) => {
        throw error;
      },
    });
    Object.assign(tickets.flow, { texts: new LadderTexts({ clock: tickets.flow.clock, digest, lines: [line] }) });
  }

  static async open(): Promise<TextRig> {
    const directory = buildDirectory(
      dispatch,
      () => false,
      () => true,
    );
    const tickets = await TicketRig.open({ dispatch, directory });
    const rig: { current: TextRig | null } = { current: null };
    const made = new TextRig(tickets, {
      name: LINE,
      number: NUMBER,
      carrier: CARRIER,
      practice: 'Lark Clinic',
      callBack: phoneNumber('+12125550111'),
      timeZone: 'America/New_York',
      accounts: [accountId('LARK-CARD'), accountId('ORRIN-HOME')] as AccountId[],
      barred: () => rig.current?.barred ?? null,
    });
    rig.current = made;
    return made;
  }

  close(): Promise<void> {
    return this.tickets.close();
  }

  /** A text comes in. The same `id` is the same text again. */
  async receive(from: string, body: string, more: Partial<InboundText> = {}): Promise<void> {
    await this.texting.events.received(CARRIER, {
      carrierId: carrierTextId(`in-${++this.#ids}`),
      from: phoneNumber(from),
      to: NUMBER,
      body: new Phi(body),
      media: [],
      optOut: null,
      sentAt: null,
      ...more,
    });
    await this.work();
  }

  /** Sends and posts what is due. */
  work(): Promise<void> {
    return this.texting.workForTest();
  }

  /** What rooms were told, newest last. */
  get said(): readonly { readonly room: RoomId; readonly body: string; readonly content: Record<string, unknown> }[] {
    return this.tickets.posted.flatMap(({ room, voice, content }) =>
      voice === userId('@wardroom_text.lark:example') ? [{ room, body: String(content.body), content }] : [],
    );
  }

  sentTo(number: string): readonly string[] {
    return this.carrier.sent.filter(({ to }) => to === (number as PhoneNumber)).map(({ body }) => body);
  }

  #keeping(): Parameters<typeof texting>[0]['keeping'] {
    const rooms = new Map<string, { key: string; roomId: RoomId | null; subject: never; state: 'kept' }>();
    return {
      ready: async () => undefined,
      settled: async () => undefined,
      known: () => ({ facts: { policy: this.policy } }) as never,
      all: () => [...rooms.values()] as never,
      changed: (room) => void rooms.set(room.key, { ...room, subject: room.subject as never, state: 'kept' }),
      of: (room) => ([...rooms.values()].find(({ roomId: id }) => id === room) ?? null) as never,
      make: async (key) => {
        const id = roomId(`!${key}`);
        const before = rooms.get(key);
        if (before) rooms.set(key, { ...before, roomId: id });
        return ok(id);
      },
    };
  }
}
