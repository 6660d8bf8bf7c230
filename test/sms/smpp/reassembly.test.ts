import fc from 'fast-check';
import { carrierName, type InboundText } from '../../../src/flows/texting/carrierPort.ts';
import { phoneNumber } from '../../../src/kernel/ids.ts';
import {
  MOST_PARTS,
  MOST_UNFINISHED_OF_ONE,
  MOST_WAITING,
  MOST_WAITING_OCTETS,
  Reassembly,
} from '../../../src/sms/smpp/reassembly.ts';
import type { Verdict } from '../../../src/sms/smpp/session.ts';
import type { ArrivedPart } from '../../../src/sms/smpp/waitingText.ts';
import { LINE, PHONE } from './carrierRig.ts';
import { MemoryParts } from './memoryParts.ts';

const OK = 0x00;
const FULL = 0x14;
const NOT_NOW = 0x64;
const times = { partsMs: 600_000, repeatMs: 900_000 };

let now: number;
let parts: MemoryParts;
let received: InboundText[];
let faults: string[];
let receive: (text: InboundText) => Promise<void>;
let reassembly: Reassembly;
const connection = { first: true };

/** A process begins: only `parts` and what the flows have outlive it. */
async function begin(): Promise<void> {
  reassembly = new Reassembly({
    carrier: carrierName('a'),
    parts,
    clock: { now: () => now },
    alphabet: 'gsm',
    times,
    receive: (text) => receive(text),
    onFault: (fault) => void faults.push(fault),
  });
  expect(await reassembly.load()).toBe(true);
}

beforeEach(async () => {
  now = 1_000_000;
  parts = new MemoryParts();
  received = [];
  faults = [];
  // As the flows do: the same text again is the same text.
  receive = async (text) => {
    if (!received.some(({ carrierId }) => carrierId === text.carrierId)) received.push(text);
  };
  await begin();
});

const part = (text: string, number = 1, total = 1, fields: Partial<ArrivedPart> = {}): ArrivedPart => ({
  from: phoneNumber(PHONE),
  to: phoneNumber(LINE),
  reference: total === 1 ? null : '8:7',
  number,
  total,
  content: { dataCoding: 0, octets: Buffer.from(text) },
  ...fields,
});
const arrives = async (one: ArrivedPart, on: object = connection): Promise<number> => (await verdictOf(one, on)).status;
/** Answered in good time, as a session does. */
const verdictOf = async (one: ArrivedPart, on: object = connection): Promise<Verdict> => {
  const verdict = await reassembly.arrived(one, on);
  if (verdict.status === OK && verdict.text !== null) reassembly.answered(verdict.text, on);
  return verdict;
};
const bodies = () => received.map(({ body }) => body.reveal());

describe('texts that come in', () => {
  it('are put together in whatever order their parts come, duplicates dropped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 9 }).chain((total) =>
          fc.tuple(
            fc.constant(total),
            fc.shuffledSubarray(
              Array.from({ length: total }, (_, index) => index + 1),
              { minLength: total },
            ),
            fc.array(fc.nat(total - 1), { maxLength: 5 }),
          ),
        ),
        async ([total, order, repeated]) => {
          parts = new MemoryParts();
          received = [];
          await begin();
          const sent: number[] = [];
          for (const number of order) {
            sent.push(number);
            expect(await arrives(part(`<${number}>`, number, total))).toBe(OK);
            // Repetitions come while the text waits; the last part ends it.
            if (sent.length < total)
              for (const index of repeated) {
                const again = sent[index % sent.length] as number;
                expect(await arrives(part(`<${again}>`, again, total))).toBe(OK);
              }
          }
          expect(bodies()).toEqual([Array.from({ length: total }, (_, index) => `<${index + 1}>`).join('')]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('are kept before they are answered for: a kill after any part loses nothing', async () => {
    for (const killedAfter of [1, 2]) {
      parts = new MemoryParts();
      received = [];
      await begin();
      for (const number of [1, 2, 3]) {
        expect(await arrives(part(`<${number}>`, number, 3), {})).toBe(OK);
        if (number === killedAfter) await begin();
      }
      expect(bodies()).toEqual(['<1><2><3>']);
    }
  });

  it('are passed on at the next start when the kill came between the last part and the flows', async () => {
    await arrives(part('<1>', 1, 2));
    receive = () => new Promise(() => undefined);
    void reassembly.arrived(part('<2>', 2, 2), connection);
    await new Promise((resolve) => setImmediate(resolve));
    expect(parts.parts).toHaveLength(2);
    receive = async (text) => void received.push(text);
    await begin();
    expect(bodies()).toEqual(['<1><2>']);
    // The SMSC heard no answer: it brings the last part again, on another connection.
    expect(await arrives(part('<2>', 2, 2), {})).toBe(OK);
    expect(bodies()).toEqual(['<1><2>']);
  });

  it('are one text after a kill between the flows and the answer, however often the SMSC repeats', async () => {
    expect((await reassembly.arrived(part('hello'), connection)).status).toBe(OK);
    await begin();
    for (let again = 0; again < 3; again += 1) expect(await arrives(part('hello'), { again })).toBe(OK);
    expect(bodies()).toEqual(['hello']);
  });

  it('are two when a phone says the same again on the connection on which the first was answered', async () => {
    expect(await arrives(part('ok'))).toBe(OK);
    expect(await arrives(part('ok'))).toBe(OK);
    expect(new Set(received.map(({ carrierId }) => carrierId)).size).toBe(2);
  });

  it('are two when the SMSC had surely read the first answer, whatever happened to the connection', async () => {
    const { text } = await verdictOf(part('ok'));
    await reassembly.proven(text === null ? [] : [text]);
    expect(parts.parts).toEqual([]);
    expect(await arrives(part('ok'), {})).toBe(OK);
    expect(bodies()).toEqual(['ok', 'ok']);
  });

  it('are two when the repetition would come too late to be one', async () => {
    await arrives(part('ok'));
    now += times.repeatMs;
    await reassembly.sweep();
    expect(parts.parts).toEqual([]);
    expect(await arrives(part('ok'), {})).toBe(OK);
    expect(bodies()).toEqual(['ok', 'ok']);
  });

  it('are not mixed: other phone, other line, other reference, other total', async () => {
    const others: Partial<ArrivedPart>[] = [
      {},
      { from: phoneNumber('+12125550177') },
      { to: phoneNumber('+12125550199') },
      { reference: '16:7' },
      { reference: '8:8' },
    ];
    for (const [index, fields] of others.entries()) await arrives(part(`a${index} `, 1, 2, fields));
    await arrives(part('a9 ', 1, 3));
    expect(received).toEqual([]);
    for (const [index, fields] of others.entries()) await arrives(part(`b${index}`, 2, 2, fields));
    expect(bodies()).toEqual(others.map((_, index) => `a${index} b${index}`));
  });

  it('keep apart two texts of one phone with the same reference', async () => {
    await arrives(part('one, ', 1, 2));
    await arrives(part('two, ', 1, 2));
    await arrives(part('end of one', 2, 2));
    await arrives(part('end of two', 2, 2));
    expect(bodies()).toEqual(['one, end of one', 'two, end of two']);
  });

  it('are refused for now while the database is gone, and are whole when it is back', async () => {
    await arrives(part('<1>', 1, 2));
    parts.reach = () => {
      throw new Error('gone');
    };
    expect(await arrives(part('<2>', 2, 2))).toBe(NOT_NOW);
    expect(faults).toEqual(['smpp-not-kept']);
    parts.reach = () => undefined;
    expect(await arrives(part('<2>', 2, 2))).toBe(OK);
    expect(bodies()).toEqual(['<1><2>']);
  });

  it('are passed on without the SMSC when the flows did not take them at first', async () => {
    const taking = receive;
    receive = async () => {
      throw new Error('not now');
    };
    expect(await arrives(part('hello'))).toBe(NOT_NOW);
    receive = taking;
    await reassembly.sweep();
    expect(bodies()).toEqual(['hello']);
    expect(await arrives(part('hello'))).toBe(OK);
    expect(bodies()).toEqual(['hello']);
  });

  it('are passed on with the gap named when a part never comes, and a part that comes later is not lost', async () => {
    await arrives(part('<1>', 1, 3));
    await arrives(part('<3>', 3, 3));
    now += times.partsMs - 1;
    await reassembly.sweep();
    expect(received).toEqual([]);
    now += 1;
    await reassembly.sweep();
    expect(bodies()).toEqual(['<1> [part 2 of 3 did not arrive] <3>']);
    expect(faults).toEqual(['smpp-part-missing']);
    expect(await arrives(part('<2>', 2, 3))).toBe(OK);
    now += times.partsMs;
    await reassembly.sweep();
    expect(bodies()[1]).toBe('[part 1 of 3 did not arrive] <2> [part 3 of 3 did not arrive]');
  });

  it('wait over a restart no longer than without one', async () => {
    await arrives(part('<1>', 1, 2));
    now += times.partsMs;
    await begin();
    await reassembly.sweep();
    expect(bodies()).toEqual(['<1> [part 2 of 2 did not arrive]']);
  });

  it('cannot fill the memory from one phone: its oldest is passed on as it is', async () => {
    for (let index = 0; index <= MOST_UNFINISHED_OF_ONE; index += 1)
      expect(await arrives(part(`${index}`, 1, 2, { reference: `8:${index}` }))).toBe(OK);
    expect(bodies()).toEqual(['0 [part 2 of 2 did not arrive]']);
  });

  it('cannot fill the memory from many: the SMSC is told to come later, and parts of what waits are still taken', async () => {
    for (let index = 0; index < MOST_WAITING; index += 1) {
      const from = phoneNumber(`+1212${String(5_550_000 + index)}`);
      await arrives(part('x', 1, 2, { from }));
    }
    expect(await arrives(part('hello'))).toBe(FULL);
    expect(parts.parts).toHaveLength(MOST_WAITING);
    expect(await arrives(part('y', 2, 2, { from: phoneNumber('+12125550000') }))).toBe(OK);
    expect(bodies()).toEqual(['xy']);
  });

  it('cannot fill the memory with a few that are huge', async () => {
    const octets = Buffer.alloc(64_000, 'a');
    let taken = 0;
    // Unproven answers: all of it is held.
    for (let index = 0; index < 200; index += 1)
      if ((await arrives(part('', 1, 1, { content: { dataCoding: 3, octets } }))) === OK) taken += 1;
    expect(taken).toBe(Math.ceil(MOST_WAITING_OCTETS / octets.length));
  });

  it('cannot fill the memory with parts of what has begun', async () => {
    let taken = 0;
    // 20 texts of 255 parts, none of them ended.
    for (let number = 1; number < 255; number += 1)
      for (let text = 0; text < MOST_UNFINISHED_OF_ONE; text += 1)
        if ((await arrives(part('x', number, 255, { reference: `8:${text}` }))) === OK) taken += 1;
    expect([taken, parts.parts.length]).toEqual([MOST_PARTS, MOST_PARTS]);
    now += times.partsMs;
    await reassembly.sweep();
    now += times.repeatMs;
    await reassembly.sweep();
    expect(await arrives(part('hello'))).toBe(OK);
    expect(bodies().at(-1)).toBe('hello');
  });

  it('are texts of their own when a part is larger than a part can be', async () => {
    expect(await arrives(part('x'.repeat(1_001), 1, 200))).toBe(OK);
    expect(bodies()).toEqual(['x'.repeat(1_001)]);
  });

  it('do not start to be taken before it is known what was kept', async () => {
    parts.reach = () => {
      throw new Error('gone');
    };
    expect(await reassembly.load()).toBe(false);
  });
});
