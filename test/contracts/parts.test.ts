/** What the table and its stand-in in tests both do: parts of texts that outlive the process which saved them. */
import { type CarrierTextId, carrierName } from '../../src/flows/texting/carrierPort.ts';
import type { PartsPort, TextPart } from '../../src/flows/texting/partsPort.ts';
import { phoneNumber } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { createTextParts } from '../../src/postgres/textParts.ts';
import { Reassembly } from '../../src/sms/smpp/reassembly.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { MemoryParts } from '../sms/smpp/memoryParts.ts';

const [MAIN, OTHER] = [carrierName('main'), carrierName('other')];
const PHONE = phoneNumber('+12125550142');
const LINE = phoneNumber('+12125550100');
const part = (text: string, number: number, fields: Partial<TextPart> = {}): TextPart => ({
  carrier: MAIN,
  text: text as CarrierTextId,
  from: PHONE,
  to: LINE,
  reference: '8:7',
  number,
  total: 2,
  content: new Phi(Buffer.from([8, 0, 0x41, 0xd8, 0x3d, number])),
  receivedAt: 1_790_000_000_123,
  ...fields,
});
/** As values that can be compared. */
const plain = (parts: readonly TextPart[]) =>
  parts
    .map((one) => ({ ...one, content: Buffer.from(one.content.reveal()).toString('hex') }))
    .sort((a, b) => a.text.localeCompare(b.text) || a.number - b.number);

describe.each(['in memory', 'in PostgreSQL'])('parts of texts, kept %s', (where) => {
  let bench: AuditBench | null;
  let memory: MemoryParts;
  /** As a process finds them that has just started. */
  let opened: () => PartsPort;

  beforeEach(async () => {
    bench = where === 'in PostgreSQL' ? await openAuditBench() : null;
    memory = new MemoryParts();
    opened = () => (bench ? createTextParts(bench.pool, bench.freshKeys()) : memory);
  });
  afterEach(async () => {
    await bench?.close();
  });

  it('are the same in the next process', async () => {
    const kept = [
      part('a', 1),
      part('a', 2),
      part('b', 1, { reference: null, total: 1, from: phoneNumber('CARRIER') }),
    ];
    for (const one of kept) await opened().save(one);
    expect(plain(await opened().load(MAIN))).toEqual(plain(kept));
  });

  it('stay what they were when they come again', async () => {
    await opened().save(part('a', 1));
    await opened().save(part('a', 1, { content: new Phi(Buffer.from('other')), receivedAt: 1_790_000_999_000 }));
    expect(plain(await opened().load(MAIN))).toEqual(plain([part('a', 1)]));
  });

  it('are forgotten by text, of one carrier, and again without harm', async () => {
    await opened().save(part('a', 1));
    await opened().save(part('a', 2));
    await opened().save(part('b', 1));
    await opened().save(part('a', 1, { carrier: OTHER }));
    const gone = ['a', 'never there'] as CarrierTextId[];
    await opened().forget(MAIN, gone);
    await opened().forget(MAIN, gone);
    await opened().forget(MAIN, []);
    expect(plain(await opened().load(MAIN))).toEqual(plain([part('b', 1)]));
    expect(await opened().load(OTHER)).toHaveLength(1);
  });

  it('lie without words and numbers of anybody', async () => {
    const words = 'swollen knee';
    await opened().save(part('a', 1, { content: new Phi(Buffer.from(words)) }));
    if (!bench) return expect(JSON.stringify(memory.parts.map(({ content }) => content))).not.toContain(words);
    const { rows } = await bench.admin.query<{ row: string; text: string }>(
      "SELECT row_to_json(p)::text AS row, encode(p.ciphertext, 'escape') AS text FROM wardroom.text_parts p",
    );
    expect(rows).toHaveLength(1);
    for (const secret of [words, PHONE.slice(1), LINE.slice(1)]) expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it('make a whole text when every part met another process', async () => {
    const received: string[] = [];
    for (const number of [3, 1, 2]) {
      const reassembly = new Reassembly({
        carrier: MAIN,
        parts: opened(),
        clock: { now: () => 1_790_000_000_000 },
        alphabet: 'gsm',
        times: { partsMs: 600_000, repeatMs: 900_000 },
        receive: async ({ body }) => void received.push(body.reveal()),
        onFault: () => undefined,
      });
      expect(await reassembly.load()).toBe(true);
      const content = { dataCoding: 0, octets: Buffer.from(`<${number}>`) };
      const arrived = { from: PHONE, to: LINE, reference: '8:9', number, total: 3, content };
      expect((await reassembly.arrived(arrived, {})).status).toBe(0);
    }
    expect(received).toEqual(['<1><2><3>']);
  });
});
