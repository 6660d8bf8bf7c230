import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import type { CarrierPort } from '../../../src/flows/texting/carrierPort.ts';
import { type Frame, Frames, frame } from '../../../src/sms/smpp/frames.ts';
import { type Message, writeMessage } from '../../../src/sms/smpp/message.ts';
import { carrierTo, LINE, outbound, PHONE, Told, untilState } from './carrierRig.ts';
import { settle } from './turnedTimers.ts';

const BIND_OK = (sequence: number) => frame(0x8000_0009, 0, sequence, Buffer.from('X\0'));
const deliverSm = (sequence: number, text: string, fields: Partial<Message> = {}) =>
  frame(
    0x05,
    0,
    sequence,
    writeMessage({
      source: { ton: 1, npi: 1, digits: PHONE.slice(1) },
      destination: { ton: 1, npi: 1, digits: LINE.slice(1) },
      esmClass: 0,
      registeredDelivery: 0,
      dataCoding: 0,
      userData: Buffer.from(text),
      tlvs: new Map(),
      ...fields,
    }),
  );

/** Octets in, octets out: an SMSC that does whatever a test wants. */
class RawSmsc {
  readonly got: Frame[] = [];
  readonly sockets: Socket[] = [];
  closed = 0;
  onBind: (sequence: number, socket: Socket) => void = (sequence, socket) => void socket.write(BIND_OK(sequence));
  reads = true;
  readonly #server: Server = createServer((socket) => this.#serve(socket));

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  get socket(): Socket {
    return this.sockets.at(-1) as Socket;
  }

  /** What was answered, by sequence number. */
  answer(sequence: number): Frame | undefined {
    return this.got.find((one) => one.sequence === sequence && one.command >= 0x8000_0000);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(socket: Socket): void {
    this.sockets.push(socket);
    const frames = new Frames();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed += 1;
    });
    socket.on('data', (chunk) => {
      for (const one of frames.push(chunk).frames) {
        this.got.push(one);
        if (one.command === 0x09) this.onBind(one.sequence, socket);
        if (one.command === 0x15) socket.write(frame(0x8000_0015, 0, one.sequence));
        if (one.command === 0x06) socket.write(frame(0x8000_0006, 0, one.sequence));
        if (one.command === 0x04) socket.write(frame(0x8000_0004, 0, one.sequence, Buffer.from(`m${one.sequence}\0`)));
      }
      if (!this.reads) socket.pause();
    });
  }
}

let smsc: RawSmsc;
let told: Told;
let faults: string[];
let carrier: CarrierPort;

beforeEach(async () => {
  smsc = new RawSmsc();
  told = new Told();
  faults = [];
  const port = await smsc.listen();
  carrier = carrierTo(port, told, { onFault: (fault) => void faults.push(fault) });
  await untilState(carrier, 'ready');
});
afterEach(async () => {
  await carrier.stop();
  await smsc.close();
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await settle();
};
/** The session still does its work. */
const works = async (): Promise<void> => {
  await untilState(carrier, 'ready');
  expect(await carrier.send(outbound('still here'))).toMatchObject({ outcome: 'taken' });
};

describe('an SMSC that does not keep to the protocol', () => {
  it.each([
    ['an id that nobody knows', 0x0000_0777],
    ['a request that only an SMSC takes', 0x04],
    ['a broadcast of version 5', 0x111],
    ['outbind', 0x0b],
  ])('is told generic_nack for %s, and the session goes on', async (_, command) => {
    smsc.socket.write(frame(command, 0, 4_711, Buffer.from('whatever')));
    await until(() => smsc.answer(4_711) !== undefined);
    expect(smsc.answer(4_711)).toMatchObject({ command: 0x8000_0000, status: 0x03 });
    expect(smsc.sockets).toHaveLength(1);
    await works();
  });

  it.each([
    ['longer than any PDU', 68_001],
    ['shorter than its header', 15],
    ['of two gigabytes', 0x7fff_ffff],
  ])('loses the connection for a PDU that says it is %s', async (_, length) => {
    const header = Buffer.alloc(16);
    header.writeUInt32BE(length);
    smsc.socket.write(header);
    await until(() => smsc.closed === 1);
    expect(smsc.answer(0)).toMatchObject({ command: 0x8000_0000, status: 0x02 });
    expect(faults).toContain('smpp-unreadable-stream');
    await works();
  });

  it.each([
    ['an empty body', Buffer.alloc(0)],
    ['strings without an end', Buffer.alloc(400, 'x')],
    ['a length beyond the end', writeMessage0().subarray(0, -2)],
  ])('is told that a message with %s has a wrong length, and the session goes on', async (_, body) => {
    smsc.socket.write(frame(0x05, 0, 99, body));
    await until(() => smsc.answer(99) !== undefined);
    expect(smsc.answer(99)).toMatchObject({ command: 0x8000_0005, status: 0x02 });
    expect(told.texts).toEqual([]);
    await works();
  });

  it('is not believed a message before the bind', async () => {
    smsc.onBind = (sequence, socket) =>
      void socket.write(Buffer.concat([deliverSm(50, 'too early'), BIND_OK(sequence), deliverSm(51, 'in time')]));
    smsc.socket.destroy();
    await until(() => smsc.answer(51) !== undefined);
    expect([smsc.answer(50)?.status, smsc.answer(51)?.status]).toEqual([0x04, 0x00]);
    expect(told.bodies).toEqual(['in time']);
  });

  it('does not get more taken at once than is bounded: the rest is to come later, and none is lost', async () => {
    const durable = Promise.withResolvers<void>();
    told.before = () => durable.promise;
    const FIRST = 1_000;
    const COUNT = 5_000;
    smsc.socket.write(
      Buffer.concat(Array.from({ length: COUNT }, (_, index) => deliverSm(FIRST + index, `text ${index}`))),
    );
    await until(() => smsc.got.length >= COUNT - 100);
    const refused = smsc.got.filter(({ command, status }) => command === 0x8000_0005 && status === 0x14);
    expect(refused).toHaveLength(COUNT - 100);
    durable.resolve();
    await until(() => told.texts.length === 100);
    expect(told.bodies).toEqual(Array.from({ length: 100 }, (_, index) => `text ${index}`));
    await works();
  });

  it('loses the connection when it asks and does not read the answers', async () => {
    smsc.reads = false;
    smsc.socket.pause();
    const questions = Buffer.concat(Array.from({ length: 4_000 }, (_, index) => frame(0x15, 0, 1 + index)));
    const asked = smsc.socket;
    const ask = (): void => {
      if (!asked.destroyed && !faults.includes('smpp-not-reading')) asked.write(questions, () => setImmediate(ask));
    };
    ask();
    await until(() => faults.includes('smpp-not-reading'));
    smsc.reads = true;
    await works();
  });

  it('does not wear out the session by answers that nobody asked for', async () => {
    const answers = Array.from({ length: 2_000 }, (_, index) =>
      frame(0x8000_0004, 0, 900_000 + index, Buffer.from('x\0')),
    );
    smsc.socket.write(Buffer.concat(answers));
    await until(() => faults.length === 2_000);
    expect(new Set(faults)).toEqual(new Set(['smpp-late-answer']));
    await works();
  });

  it('does not make a text of what it answers with something else', async () => {
    smsc.socket.removeAllListeners('data');
    smsc.socket.once('data', (chunk: Buffer) => {
      const [submit] = new Frames().push(chunk).frames;
      smsc.socket.write(frame(0x8000_0015, 0, submit?.sequence ?? 0));
    });
    expect(await carrier.send(outbound('hello'))).toEqual({ outcome: 'unknown', code: 'smpp-bad-answer' });
  });

  it('cannot end the work with anything it sends', async () => {
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array)),
      fc
        .tuple(
          fc.constantFrom(0x05, 0x103, 0x15, 0x8000_0004, 0x8000_0015, 0x8000_0000, 0x06, 0x102, 0x04, 0x77),
          fc.nat(0xff),
          fc.nat(50),
          fc.uint8Array({ maxLength: 300 }),
        )
        .map(([command, status, sequence, body]) => frame(command, status, sequence, Buffer.from(body))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { maxLength: 8 }), async (pieces) => {
        await untilState(carrier, 'ready');
        const { socket } = smsc;
        for (const piece of pieces) if (socket.writable) socket.write(piece);
        await settle();
        socket.destroy();
        await until(() => carrier.status().state !== 'ready' || smsc.socket !== socket);
      }),
      { numRuns: 40 },
    );
    await works();
  });

  it('is given up when it does not answer the bind, or not with an answer to the bind', async () => {
    smsc.onBind = (sequence, socket) => void socket.write(frame(0x8000_0015, 0, sequence));
    smsc.socket.destroy();
    await until(() => carrier.status().code === 'smpp-no-bind-answer');
    smsc.onBind = (sequence, socket) => void socket.write(BIND_OK(sequence));
    await works();
  });
});

function writeMessage0(): Buffer {
  const address = { ton: 1, npi: 1, digits: '1' };
  const userData = Buffer.from('hello');
  return writeMessage({
    source: address,
    destination: address,
    esmClass: 0,
    registeredDelivery: 0,
    dataCoding: 0,
    userData,
    tlvs: new Map(),
  });
}
