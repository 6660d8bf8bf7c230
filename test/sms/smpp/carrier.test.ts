import type { CarrierPort, HandOver } from '../../../src/flows/texting/carrierPort.ts';
import type { SmppOptions } from '../../../src/sms/smpp/index.ts';
import { selfSigned } from '../../support/certificate.ts';
import { smppPackage } from '../../support/smppPackage.ts';
import { carrierTo, LINE, outbound, PHONE, QUICK, Told, untilState } from './carrierRig.ts';
import { MemoryParts } from './memoryParts.ts';
import { phoneParts, shown, TestSmsc } from './testSmsc.ts';
import { settle, TurnedTimers } from './turnedTimers.ts';

let smsc: TestSmsc;
let told: Told;
let faults: string[];
let carrier: CarrierPort | null;

beforeEach(async () => {
  smsc = await TestSmsc.open();
  told = new Told();
  faults = [];
  carrier = null;
});
afterEach(async () => {
  await carrier?.stop();
  await smsc.stop();
});

/** Resolves when it is bound. */
async function bound(options: Partial<SmppOptions> = {}): Promise<CarrierPort> {
  carrier = carrierTo(smsc.port, told, { onFault: (fault) => void faults.push(fault), ...options });
  await untilState(carrier, 'ready');
  return carrier;
}

/** With the usual times, which the test turns. */
async function boundInTurnedTime(): Promise<{ one: CarrierPort; timers: TurnedTimers }> {
  const timers = new TurnedTimers();
  return { one: await bound({ timers, times: { stopMs: 0 } }), timers };
}

const outcomes = (handed: readonly HandOver[]) => handed.map(({ outcome }) => outcome);
const LONG = 'The practice moves to 12 Harbour Road on Monday. '.repeat(7).trim();
const FROM_PHONE = { source_addr: PHONE.slice(1), destination_addr: LINE.slice(1) };
/** Lets what is on its way over loopback arrive, where there is nothing to wait for because nothing must come. */
const roundTrips = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await settle();
};

describe('a connection to an SMSC', () => {
  it('is a transceiver of version 3.4 with the credentials of the configuration', async () => {
    await bound({ systemType: 'VMA' });
    expect(smsc.binds).toEqual([
      expect.objectContaining({
        command: 'bind_transceiver',
        system_id: 'wardroom',
        password: 'secret12',
        system_type: 'VMA',
        interface_version: 0x34,
      }),
    ]);
  });

  it('is refused with a wrong password, which the status says, and made once the SMSC agrees', async () => {
    smsc.bindStatus = 0x0e;
    const one = carrierTo(smsc.port, told);
    carrier = one;
    await untilState(one, 'refused');
    expect(one.status().code).toBe('smpp-bind-0x0e');
    expect(await one.send(outbound('hello'))).toMatchObject({ outcome: 'retry', code: 'smpp-not-bound' });
    smsc.bindStatus = 0;
    await untilState(one, 'ready');
    expect(smsc.submits).toEqual([]);
  });

  it('is tried again after pauses that double to a minute, with jitter', async () => {
    smsc.bindStatus = 0x0e;
    const timers = new TurnedTimers();
    carrier = carrierTo(smsc.port, told, { timers, times: {}, random: () => 0.5 });
    const tried: number[] = [];
    while (tried.length < 10) {
      while (smsc.binds.length === tried.length) {
        await timers.turn(tried.length === 0 ? 0 : 50);
      }
      tried.push(timers.now());
      await untilState(carrier, 'refused');
      // The pause begins when the refusal has arrived.
      while (timers.waiting < 2) await settle();
    }
    const pauses = tried.slice(1).map((at, index) => Math.round((at - (tried[index] ?? 0)) / 250) * 250);
    expect(pauses).toEqual([750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000, 45_000]);
  });

  it('is asked for when nothing was heard for half a minute, and given up when there is no answer', async () => {
    const { one, timers } = await boundInTurnedTime();
    await timers.turn(29_000);
    await roundTrips();
    expect(smsc.enquiries).toBe(0);
    await timers.turn(1_000);
    await smsc.until(() => smsc.enquiries === 1);
    await roundTrips();
    smsc.answersEnquiries = false;
    await timers.turn(30_000);
    await smsc.until(() => smsc.enquiries === 2);
    expect(one.status().state).toBe('ready');
    await timers.turn(10_000);
    expect([one.status(), faults]).toEqual([{ state: 'connecting', code: 'smpp-silent' }, ['smpp-silent']]);
    await timers.turn(1_000);
    await untilState(one, 'ready');
  });

  it('ends when the SMSC unbinds, and is made again', async () => {
    await bound();
    const unbound = new Promise<number>((resolve) => smsc.session.unbind((pdu) => resolve(pdu.command_status)));
    expect(await unbound).toBe(0);
    await smsc.until(() => smsc.binds.length === 2);
  });

  it('waits for the answers that are due, unbinds and stays closed when it is stopped', async () => {
    const one = await bound({ times: { ...QUICK, stopMs: 5_000 } });
    let answer = (): void => undefined;
    smsc.reply = ({ pdu }) => {
      answer = () => void smsc.session.send(pdu.response({ message_id: 'm1' }));
      return { does: 'keep-silent' };
    };
    const sent = one.send(outbound('last words'));
    await smsc.until(() => smsc.submits.length === 1);
    const stopped = one.stop();
    answer();
    expect(await sent).toMatchObject({ outcome: 'taken', carrierId: 'm1' });
    await stopped;
    await smsc.until(() => !smsc.isBound);
    expect(smsc.binds).toHaveLength(1);
  });

  it('is by TLS with a certificate of the authority that was named', async () => {
    const { key, cert } = selfSigned();
    await smsc.stop();
    smsc = await TestSmsc.open({ key, cert });
    const one = await bound({ tls: { ca: cert, serverName: 'localhost' } });
    expect(await one.send(outbound('hello'))).toMatchObject({ outcome: 'taken' });
  });

  it('is not made with a certificate that nobody vouches for, or of another name', async () => {
    const { key, cert } = selfSigned();
    await smsc.stop();
    smsc = await TestSmsc.open({ key, cert });
    for (const tls of [
      { ca: null, serverName: 'localhost' },
      { ca: cert, serverName: 'smsc.example' },
    ]) {
      const one = carrierTo(smsc.port, told, { tls });
      await untilState(one, 'refused');
      expect(one.status().code).toBe('smpp-tls');
      await one.stop();
    }
    expect(smsc.binds).toEqual([]);
  });

  it.each(['192.0.2.7', 'smsc.example', '127.0.0.1.example', '::2'])('is not made in plain to %s', async (host) => {
    carrier = carrierTo(smsc.port, told, { host });
    await untilState(carrier, 'refused');
    expect(carrier.status().code).toBe('smpp-tls-required');
  });

  it('does not take texts before it is known what an earlier process kept', async () => {
    const parts = new MemoryParts();
    parts.reach = () => {
      throw new Error('gone');
    };
    carrier = carrierTo(smsc.port, told, { parts });
    while (carrier.status().code !== 'smpp-parts-not-loaded') await settle();
    expect(smsc.binds).toEqual([]);
    parts.reach = () => undefined;
    await untilState(carrier, 'ready');
  });
});

describe('texts handed to an SMSC', () => {
  it('are never more than the window without an answer', async () => {
    const one = await bound({ window: 4 });
    smsc.reply = () => ({ does: 'keep-silent' });
    const sent = Array.from({ length: 9 }, (_, index) =>
      one.send(outbound(`text ${index}`, `+1212555${1000 + index}`)),
    );
    await smsc.until(() => smsc.submits.length === 4);
    await roundTrips();
    expect(smsc.submits).toHaveLength(4);
    await smsc.stop();
    expect(outcomes(await Promise.all(sent))).toEqual([
      ...Array.from({ length: 4 }, () => 'unknown'),
      ...Array.from({ length: 5 }, () => 'retry'),
    ]);
  });

  it('survive a restart of the SMSC in the middle of a window: none lost, none twice, those without an answer unknown', async () => {
    const one = await bound();
    smsc.reply = () => (smsc.submits.length <= 4 ? { does: 'take' } : { does: 'keep-silent' });
    const texts = Array.from({ length: 30 }, (_, index) => outbound(`text ${index}`, `+1212555${1000 + index}`));
    const sent = texts.map((text) => one.send(text));
    await smsc.until(() => smsc.submits.length === 14);
    await smsc.stop();
    const first = await Promise.all(sent);
    expect(outcomes(first)).toEqual([
      ...Array.from({ length: 4 }, () => 'taken'),
      ...Array.from({ length: 10 }, () => 'unknown'),
      ...Array.from({ length: 16 }, () => 'retry'),
    ]);
    smsc.reply = () => ({ does: 'take' });
    await smsc.start();
    await untilState(one, 'ready');
    // As the flows do: only what was certainly not taken.
    const second = await Promise.all(
      texts.filter((_, index) => first[index]?.outcome === 'retry').map((text) => one.send(text)),
    );
    expect(new Set(outcomes(second))).toEqual(new Set(['taken']));
    expect(shown(smsc.submits).map(({ body }) => body)).toEqual(texts.map(({ body }) => body.reveal()));
  });

  it('are unknown when the SMSC never answers, after ten seconds; nothing is sent until it says that it is there', async () => {
    const { one, timers } = await boundInTurnedTime();
    smsc.reply = () => ({ does: 'keep-silent' });
    const first = one.send(outbound('first'));
    await smsc.until(() => smsc.submits.length === 1);
    smsc.answersEnquiries = false;
    await timers.turn(9_999);
    await roundTrips();
    const second = one.send(outbound('second', '+12125550177'));
    await smsc.until(() => smsc.submits.length === 2);
    await timers.turn(1);
    expect(await first).toEqual({ outcome: 'unknown', code: 'smpp-no-answer' });
    await smsc.until(() => smsc.enquiries === 1);
    const third = one.send(outbound('third', '+12125550178'));
    await timers.turn(10_000);
    expect(await Promise.all([second, third])).toEqual([
      expect.objectContaining({ outcome: 'unknown' }),
      { outcome: 'retry', code: 'smpp-not-bound', afterMs: 5_000 },
    ]);
    smsc.reply = () => ({ does: 'take' });
    await timers.turn(2_000);
    await untilState(one, 'ready');
    expect(await one.send(outbound('third', '+12125550178'))).toMatchObject({ outcome: 'taken' });
    expect(shown(smsc.submits).map(({ body }) => body)).toEqual(['first', 'second', 'third']);
  });

  it('do not all become unknown at an SMSC that lives and answers no submit: the connection is given up', async () => {
    const { one, timers } = await boundInTurnedTime();
    smsc.reply = () => ({ does: 'keep-silent' });
    const sent = Array.from({ length: 40 }, (_, index) =>
      one.send(outbound(`text ${index}`, `+1212555${1000 + index}`)),
    );
    await timers.turn(10);
    await smsc.until(() => smsc.submits.length === 10);
    smsc.session.enquire_link({});
    await roundTrips();
    await timers.turn(10_000);
    const counted = outcomes(await Promise.all(sent));
    expect(counted.filter((outcome) => outcome === 'unknown').length).toBeLessThanOrEqual(20);
    expect(counted.filter((outcome) => outcome === 'retry').length).toBeGreaterThanOrEqual(20);
    expect(faults).toContain('smpp-silent');
  });

  it('are not confused by an answer that comes too late', async () => {
    const { one, timers } = await boundInTurnedTime();
    let late = (): void => undefined;
    smsc.reply = ({ pdu }) => {
      late = () => void smsc.session.send(pdu.response({ message_id: 'late' }));
      return { does: 'keep-silent' };
    };
    const first = one.send(outbound('first'));
    await smsc.until(() => smsc.submits.length === 1);
    await timers.turn(10_000);
    expect((await first).outcome).toBe('unknown');
    smsc.reply = () => ({ does: 'take', id: 'of the second' });
    late();
    expect(await one.send(outbound('second'))).toMatchObject({ outcome: 'taken', carrierId: 'of the second' });
    expect(faults).toEqual(['smpp-late-answer']);
  });

  it('keep their own ids when the SMSC answers twice', async () => {
    const one = await bound();
    smsc.reply = ({ message }) => ({ does: 'take', id: `id of ${message}`, twice: true });
    for (const body of ['a', 'b', 'c'])
      expect(await one.send(outbound(body))).toMatchObject({ outcome: 'taken', carrierId: `id of ${body}` });
    await roundTrips();
    expect(smsc.submits).toHaveLength(3);
  });

  it.each([0x58, 0x14])('are to be tried later, and later still, while the SMSC says 0x%s', async (status) => {
    const { one, timers } = await boundInTurnedTime();
    smsc.reply = () => ({ does: 'refuse', status });
    const after: (number | null)[] = [];
    for (let tries = 0; tries < 3; tries += 1) {
      const sent = one.send(outbound('hello'));
      await timers.turn(1_000);
      const handOver = await sent;
      if (handOver.outcome !== 'retry') throw new Error(handOver.outcome);
      after.push(handOver.afterMs);
    }
    expect(after[0]).toBe(2_000);
    expect(after[2]).toBeGreaterThan(5_000);
  });

  it.each([
    [0x0b, 'bad-number'],
    [0x51, 'bad-number'],
    [0x0a, 'not-allowed'],
    [0x45, 'rejected'],
    [0x401, 'rejected'],
  ])('are refused for good with status %s: %s', async (status, code) => {
    const one = await bound();
    smsc.reply = () => ({ does: 'refuse', status });
    expect(await one.send(outbound('hello'))).toEqual({
      outcome: 'refused',
      code,
      carrierCode: `0x${status.toString(16).padStart(2, '0')}`,
    });
  });

  it.each(['udh8', 'udh16', 'sar', 'payload'] as const)(
    'are whole at the other end when they are long (%s)',
    async (concatenating) => {
      const one = await bound({ concatenating });
      const body = `${LONG} 🙂`;
      expect(await one.send(outbound(body))).toMatchObject({
        outcome: 'taken',
        segments: concatenating === 'payload' ? 1 : 6,
      });
      expect(shown(smsc.submits)).toEqual([{ from: LINE, to: PHONE, body }]);
      expect(new Set(smsc.submits.map(({ pdu }) => pdu.registered_delivery))).toEqual(new Set([1]));
    },
  );

  it('are finished after "throttled" in the middle, no segment twice', async () => {
    const { one, timers } = await boundInTurnedTime();
    smsc.reply = () => (smsc.submits.length === 2 ? { does: 'refuse', status: 0x58 } : { does: 'take' });
    const sent = one.send(outbound(LONG));
    while (smsc.submits.length < 2) await timers.turn(1);
    await roundTrips();
    await timers.turn(1_000);
    expect(smsc.submits).toHaveLength(2);
    while (smsc.submits.length < 4) await timers.turn(100);
    expect(await sent).toMatchObject({ outcome: 'taken', segments: 3 });
    expect(smsc.submits.map(({ part }) => part?.number)).toEqual([1, 2, 2, 3]);
  });

  it('are unknown when a part of them was taken and the rest was not', async () => {
    const one = await bound();
    smsc.reply = () => (smsc.submits.length === 2 ? { does: 'refuse', status: 0x45 } : { does: 'take' });
    expect(await one.send(outbound(LONG))).toEqual({ outcome: 'unknown', code: 'smpp-partly-taken' });
    smsc.submits.length = 0;
    smsc.reply = () => (smsc.submits.length === 2 ? { does: 'hang-up' } : { does: 'take' });
    expect(await one.send(outbound(LONG))).toEqual({ outcome: 'unknown', code: 'smpp-partly-taken' });
    expect(smsc.submits.map(({ part }) => part?.number)).toEqual([1, 2]);
  });

  it('are taken even when the SMSC does not name them', async () => {
    const one = await bound();
    smsc.reply = () => ({ does: 'take', id: '' });
    const ids = [await one.send(outbound('a')), await one.send(outbound('b'))].map((handed) =>
      handed.outcome === 'taken' ? handed.carrierId : null,
    );
    expect(new Set([...ids, null, '']).size).toBe(4);
  });

  it('to one phone stay in order when a long one comes before a short one', async () => {
    const one = await bound();
    await Promise.all([one.send(outbound(LONG)), one.send(outbound('short'))]);
    expect(shown(smsc.submits).map(({ body }) => body)).toEqual([LONG, 'short']);
  });

  it('are told to come again when too many wait', async () => {
    const one = await bound({ perSecond: 1 });
    const sent = Array.from({ length: 1_001 }, (_, index) => one.send(outbound('x', `+1212${5_550_000 + index}`)));
    expect(await sent[1_000]).toEqual({ outcome: 'retry', code: 'smpp-busy', afterMs: 1_000 });
    await one.stop();
    expect(outcomes(await Promise.all(sent)).filter((outcome) => outcome === 'retry').length).toBeGreaterThanOrEqual(
      999,
    );
  });

  it('drain ten thousand at a time: within the rate, in order for each phone, none lost, none twice', async () => {
    const perSecond = 4_000;
    const one = await bound({ perSecond, window: 50 });
    const phones = Array.from({ length: 500 }, (_, index) => `+1212${5_550_000 + index}`);
    const began = performance.now();
    const results = await Promise.all(
      phones.map(async (phone) => {
        const outcome: string[] = [];
        for (let index = 0; index < 20; index += 1) outcome.push((await one.send(outbound(`${index}`, phone))).outcome);
        return outcome;
      }),
    );
    const seconds = (performance.now() - began) / 1_000;
    expect(new Set(results.flat())).toEqual(new Set(['taken']));
    expect(smsc.submits).toHaveLength(10_000);
    expect(seconds).toBeGreaterThanOrEqual(9_950 / perSecond);
    const order = new Map<string, string[]>();
    for (const { to, message } of smsc.submits) order.set(to, [...(order.get(to) ?? []), message]);
    expect([...order.values()]).toEqual(phones.map(() => Array.from({ length: 20 }, (_, index) => `${index}`)));
  });
});

describe('what an SMSC delivers', () => {
  const HELLO = 'I have had this cough for nine days 🙂 and the syrup does not help. '.repeat(4).trim();

  it('is a text however it was cut', async () => {
    await bound();
    for (const fields of phoneParts(HELLO, 9)) expect(await smsc.deliver({ ...FROM_PHONE, ...fields })).toBe(0);
    const octets = Buffer.from(HELLO, 'utf16le').swap16();
    expect(await smsc.deliver({ ...FROM_PHONE, data_coding: 8, message_payload: { message: octets } })).toBe(0);
    expect(await smsc.deliver({ ...FROM_PHONE, data_coding: 8, message_payload: { message: octets } }, 'data_sm')).toBe(
      0,
    );
    for (const number of [2, 1])
      expect(
        await smsc.deliver({
          ...FROM_PHONE,
          data_coding: 8,
          short_message: octets.subarray((number - 1) * 100, number * 100),
          sar_msg_ref_num: 5,
          sar_total_segments: 2,
          sar_segment_seqnum: number,
        }),
      ).toBe(0);
    expect(told.bodies).toEqual([HELLO, HELLO, HELLO, octets.subarray(0, 200).swap16().toString('utf16le')]);
  });

  it('survives the death of the process between two parts', async () => {
    const parts = new MemoryParts();
    const first = await bound({ parts });
    const [one, ...others] = phoneParts(HELLO, 9);
    expect(await smsc.deliver({ ...FROM_PHONE, ...one })).toBe(0);
    await first.stop();
    expect(told.bodies).toEqual([]);
    await bound({ parts });
    for (const fields of others) expect(await smsc.deliver({ ...FROM_PHONE, ...fields })).toBe(0);
    expect(told.bodies).toEqual([HELLO]);
  });

  it('is forgotten once the SMSC has surely read the answer', async () => {
    const parts = new MemoryParts();
    await bound({ parts });
    expect(await smsc.deliver({ ...FROM_PHONE, short_message: 'hello' })).toBe(0);
    expect(parts.parts).toHaveLength(1);
    await smsc.until(() => smsc.enquiries > 0);
    while (parts.parts.length > 0) await settle();
    expect(told.bodies).toEqual(['hello']);
  });

  it('is the same text when the connection was lost before the SMSC read the answer', async () => {
    const durable = Promise.withResolvers<void>();
    await bound();
    let begun = (): void => undefined;
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    told.before = () => {
      begun();
      return durable.promise;
    };
    const lost = smsc.deliver({ ...FROM_PHONE, short_message: 'hello' });
    await isBegun;
    await smsc.stop();
    expect(await lost).toBeNull();
    durable.resolve();
    told.before = async () => undefined;
    await smsc.start();
    await smsc.until(() => smsc.isBound);
    expect(await smsc.deliver({ ...FROM_PHONE, short_message: 'hello' })).toBe(0);
    expect(told.bodies).toEqual(['hello']);
  });

  it('is a receipt by its text, or by its parameters, in either spelling of the id', async () => {
    const one = await bound();
    smsc.reply = () => ({ does: 'take', id: '00001A2B' });
    const handed = await one.send(outbound('hello'));
    if (handed.outcome !== 'taken') throw new Error(handed.outcome);
    expect(await smsc.receipt('6699', 'ACCEPTD')).toBe(0);
    expect(await smsc.receipt('-', '-', { receipted_message_id: '00001A2B', message_state: 2 })).toBe(0);
    expect(told.reports.map(({ carrierId, state }) => [carrierId, state])).toEqual([
      [handed.carrierId, 'sent'],
      [handed.carrierId, 'delivered'],
    ]);
    expect(told.texts).toEqual([]);
  });

  it('is one report for a long text, when all of it is on the phone', async () => {
    const one = await bound();
    const handed = await one.send(outbound(LONG));
    if (handed.outcome !== 'taken') throw new Error(handed.outcome);
    for (const id of ['m3', 'm1', 'm2']) expect(await smsc.receipt(id, 'DELIVRD')).toBe(0);
    expect(told.reports).toEqual([
      { carrierId: handed.carrierId, alsoKnownAs: [], state: 'delivered', carrierCode: null, refusal: null },
    ]);
  });

  it('is a report of the right text when it comes in one packet with the answer that it is of', async () => {
    const one = await bound();
    let count = 0;
    smsc.reply = ({ pdu }) => {
      count += 1;
      const id = `id${count}`;
      const receipt = {
        ...FROM_PHONE,
        esm_class: 4,
        short_message: `id:${id} stat:DELIVRD`,
        sequence_number: 900 + count,
      };
      return {
        does: 'answer',
        octets: Buffer.concat([
          pdu.response({ message_id: id }).toBuffer(),
          new smppPackage.PDU('deliver_sm', receipt).toBuffer(),
        ]),
      };
    };
    expect(await one.send(outbound(LONG))).toMatchObject({ outcome: 'taken', carrierId: 'id3' });
    while (told.reports.length === 0) await settle();
    expect(told.reports).toEqual([
      { carrierId: 'id3', alsoKnownAs: [], state: 'delivered', carrierCode: null, refusal: null },
    ]);
  });

  it('is answered even when it is a receipt that says nothing', async () => {
    await bound();
    expect(await smsc.deliver({ ...FROM_PHONE, esm_class: 4, short_message: 'what?' })).toBe(0);
    expect([told.texts, told.reports, faults]).toEqual([[], [], ['smpp-unreadable-receipt']]);
  });

  it('stays in order for a phone, whatever the database takes its time for', async () => {
    await bound();
    let first = true;
    told.before = async () => {
      if (!first) return;
      first = false;
      await roundTrips();
    };
    const statuses = await Promise.all(
      ['one', 'two', 'three'].map((text) => smsc.deliver({ ...FROM_PHONE, short_message: text })),
    );
    expect([statuses, told.bodies]).toEqual([
      [0, 0, 0],
      ['one', 'two', 'three'],
    ]);
  });
});
