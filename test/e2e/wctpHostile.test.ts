/** WCTP that is broken or means harm, over HTTP, to the Wardroom that runs: every line of hostile.jsonl, and its bounds. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { parseXml, type XmlElement } from '../../src/channels/wctp/parseXml.ts';
import { devStatus } from '../../src/dev/commands.ts';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { ticketPart } from '../../src/dev/roomHistory.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import type { Ticket } from '../../src/tickets/ticket.ts';
import { find } from '../channels/wctp/rig.ts';
import { ask } from './support/database.ts';
import { type HostileCase, hostileCases } from './support/hostileCases.ts';
import { requestsOf } from './support/hostileWctp.ts';
import { mentioned, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let fifo: string;

beforeAll(async () => {
  ward = await Ward.open();
  alder = await ward.person('dr.alder');
  fifo = join(ward.dir, 'never-read');
  execFileSync('mkfifo', [fifo]);
});
afterAll(async () => {
  await ward?.dev('clock', 'real');
  await ward?.close();
});

interface Answer {
  readonly code: number | null;
  readonly xml: string;
  readonly root: XmlElement | null;
  readonly ms: number;
}

async function post(bytes: Uint8Array | string): Promise<Answer> {
  const from = performance.now();
  const response = await fetch(ward.hospital.wctp_url, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body: bytes as string,
  });
  const xml = await response.text();
  const ms = performance.now() - from;
  expect(response.status).toBe(200);
  const parsed = parseXml(Buffer.from(xml));
  const root = parsed.ok ? parsed.value : null;
  const attributes = (find(root, 'Failure') ?? find(root, 'Success'))?.attributes;
  return { xml, root, ms, code: Number(attributes?.get('errorcode') ?? attributes?.get('successcode')) };
}

const lives = async (): Promise<readonly Ticket[]> =>
  (
    await ask<{ life: Ticket }>(
      ward.hospital,
      `SELECT life FROM wardroom.tickets JOIN wardroom.wctp_tickets USING (ticket_id)
        WHERE tickets.account IN ('WCTP-HOSTILE', 'REPEAT') ORDER BY accepted_at, ticket_id`,
    )
  ).map(({ life }) => life);

const log = () => readFileSync(ward.hospital.processes.wardroom.log, 'utf8');
const alarms = async (code: string): Promise<number> => {
  const metrics = await (await fetch(ward.hospital.metrics_url)).text();
  return Number(new RegExp(`wardroom_alarms_total\\{code="${code}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
};
const rootOf = (ticket: Ticket) =>
  alder.waitFor((event: SeenEvent) => {
    const part = ticketPart(event.content);
    return part?.ticket_id === ticket.ticketId && part.kind === 'ticket';
  });

/** What came of a case. */
interface Played {
  readonly answers: readonly Answer[];
  readonly sent: readonly string[];
  readonly tickets: readonly Ticket[];
  /** How often each alarm had been raised before. */
  readonly before: Readonly<Record<string, number>>;
  readonly at: string | null;
}

/** hostile.jsonl, `alarm`: the alarm's own name here. */
const ALARMS: Readonly<Record<string, string>> = { gap: 'schedule-hole' };

/** Every check of hostile.jsonl for WCTP, by its name there. */
const CHECKS: Readonly<Record<string, (played: Played, wanted: never) => void | Promise<void>>> = {
  wctp_code: async ({ answers, before }, wanted: number[]) => {
    const codes = answers.map(({ code }) => code);
    // One for each request, or the codes that any of them may have.
    if (answers.length === wanted.length && answers.length > 1) expect(codes).toEqual(wanted);
    else for (const code of codes) expect(wanted).toContain(code);
    for (const { xml } of answers) expect(xml).not.toMatch(/\bat .*\.ts:|Error:|\/src\//);
    if (!wanted.includes(602)) return;
    // Slowed down after a while, and one alarm.
    expect(codes[0]).toBe(402);
    expect(codes.at(-1)).toBe(602);
    expect((await alarms('wctp-wrong-code')) - before['wctp-wrong-code']!).toBe(1);
  },
  // The document names a pipe instead: nobody can open it to write while nobody reads it.
  file_reads: () => expect(() => closeSync(openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK))).toThrow('ENXIO'),
  // See "never fetches anything" below, which counts them.
  outbound_connections: ({ tickets }) => expect(tickets).toEqual([]),
  // Of a machine that is busy with other things, too.
  max_ms: ({ answers }, wanted: number) => {
    for (const { ms } of answers) expect(ms).toBeLessThan(wanted * 3);
  },
  tickets: ({ tickets }, wanted: number) => expect(tickets).toHaveLength(wanted),
  text_contains: async ({ tickets }, wanted: string) =>
    expect(String((await rootOf(tickets[0]!)).content.body)).toContain(wanted),
  message_id_verbatim: ({ tickets, sent }) => {
    const written = /messageID="([^"]*)"/.exec(sent[0]!)?.[1];
    expect(tickets.map(({ externalId }) => externalId)).toEqual([written]);
  },
  ladders: async ({ tickets }, wanted: number) => {
    const starts = await Promise.all(
      tickets.map(async ({ ticketId }) =>
        (await ward.look(ticketId)).timeline.filter(({ event, step }) => event === 'step_due' && step === 0),
      ),
    );
    expect(starts.flat()).toHaveLength(wanted);
  },
  flag: ({ tickets }, wanted: string) => {
    expect(wanted).toBe('same messageID, different text');
    expect(tickets.map(({ flags }) => flags.includes('id_reused')).sort()).toEqual([false, true]);
  },
  // The first of the practice's default list is another person here than in the data's own hospital.
  assignee: async ({ tickets }, wanted: string) => {
    expect(wanted).toBe('dr.fenn');
    expect(mentioned(await rootOf(tickets[0]!))).toEqual([ward.userId('dr.alder')]);
  },
  alarm: async ({ before }, wanted: string) => {
    const code = ALARMS[wanted]!;
    expect(await alarms(code)).toBeGreaterThan(before[code]!);
  },
  log_absent: (_played, wanted: string) => expect(log()).not.toContain(`"${wanted}"`),
  t0: ({ tickets: [ticket], at }, wanted: string) => {
    expect(wanted).toBe('receive time');
    const received = Date.parse(at!);
    expect(ticket!.acceptedAt - received).toBeGreaterThanOrEqual(0);
    expect(ticket!.acceptedAt - received).toBeLessThan(60_000);
    expect(ticket!.plan[0]!.dueAt).toBe(ticket!.acceptedAt);
    expect(ticket!.flags).toContain('taken_at');
  },
};

async function play(one: HostileCase): Promise<Played> {
  const known = new Set((await lives()).map(({ ticketId }) => ticketId));
  const before: Record<string, number> = {};
  for (const code of ['wctp-wrong-code', 'schedule-hole']) before[code] = await alarms(code);
  const { at, all } = requestsOf(one);
  if (at !== null) await ward.dev('clock', 'set', at);
  const answers: Answer[] = [];
  let passedMs = 0;
  for (const { bytes, afterMs } of all) {
    if (afterMs > passedMs) await ward.dev('clock', 'advance', `${(afterMs - passedMs) / 1000}s`);
    passedMs = Math.max(passedMs, afterMs);
    const body = bytes.includes('file:///etc/hostname')
      ? bytes.toString().replaceAll('file:///etc/hostname', `file://${fifo}`)
      : bytes;
    answers.push(await post(body));
  }
  const tickets = (await lives()).filter(({ ticketId }) => !known.has(ticketId));
  return { answers, tickets, before, at, sent: all.map(({ bytes }) => bytes.toString()) };
}

describe('hostile.jsonl by WCTP', () => {
  const cases = hostileCases('wctp');

  it('has no check that is not made here', () => {
    expect(cases).toHaveLength(13);
    for (const { checks } of cases) expect(Object.keys(CHECKS)).toEqual(expect.arrayContaining(Object.keys(checks)));
  });

  afterEach(() => ward.dev('clock', 'real'));
  it.each(cases.map((one) => [one.case, one] as const))('%s', async (_name, one) => {
    const played = await play(one);
    for (const [name, wanted] of Object.entries(one.checks)) await CHECKS[name]!(played, wanted as never);
  });
});

describe('hostile.jsonl by faults', () => {
  /** Each fault has a test of its own: in which file, under which name. */
  const COVERED: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
    'appservice killed between 200 answer and room send': [
      ['e2e/crash', 'times, at every named point: each accepted ticket is in the room once, each status told in order'],
      ['e2e/wctp', 'is one page when Wardroom is killed before it could say that it has it, and told to its end'],
    ],
    'database connection drops after the commit, before the answer': [
      ['e2e/wctp', 'is one page when Wardroom is killed before it could say that it has it, and told to its end'],
      ['e2e/databaseFaults', 'a database that is connected and silent: callers are told soon'],
    ],
    "on-call doctor's only device was logged out an hour ago": [
      ['e2e/devices', 'is undecryptable for someone without a device'],
      ['channels/wctp/statuses', 'is never DELIVERED while somebody due cannot read it'],
    ],
  };

  it('are all tried somewhere', () => {
    expect(
      hostileCases('fault')
        .map((one) => one.case)
        .sort(),
    ).toEqual(Object.keys(COVERED).sort());
    for (const [file, name] of Object.values(COVERED).flat()) {
      const tests = readFileSync(new URL(`../${file}.test.ts`, import.meta.url), 'utf8').match(/\bit\([^\n]*/g);
      expect([file, name, tests?.some((line) => line.includes(name))]).toEqual([file, name, true]);
    }
  });
});

const submission = (id: string, text: string, doctype = '') =>
  `<?xml version="1.0"?>${doctype}<wctp-Operation wctpVersion="wctp-dtd-v1r3"><wctp-SubmitRequest><wctp-SubmitHeader>` +
  `<wctp-Originator senderID="nightjar-ops" securityCode="only-in-tests"/><wctp-MessageControl messageID="${id}"/>` +
  `<wctp-Recipient recipientID="WCTP-HOSTILE"/></wctp-SubmitHeader><wctp-Payload><wctp-Alphanumeric>${text}</wctp-Alphanumeric>` +
  `</wctp-Payload></wctp-SubmitRequest></wctp-Operation>`;

describe('WCTP', () => {
  it('never fetches anything that a document names', async () => {
    let connections = 0;
    const tempting = createServer((_request, response) => response.end('<!ELEMENT x ANY>'));
    tempting.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => tempting.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(tempting.address() as AddressInfo).port}/wctp-dtd-v1r3.dtd`;
      const doctypes = [
        `<!DOCTYPE wctp-Operation SYSTEM "${url}">`,
        `<!DOCTYPE wctp-Operation PUBLIC "-//x//" "${url}">`,
        `<!DOCTYPE wctp-Operation [<!ENTITY % x SYSTEM "${url}"> %x;]>`,
        `<!DOCTYPE wctp-Operation SYSTEM "${url}" [<!ENTITY x SYSTEM "${url}">]>`,
      ];
      const codes: (number | null)[] = [];
      for (const [index, doctype] of doctypes.entries())
        codes.push((await post(submission(`F-${index}`, `URGENT ${url}`, doctype))).code);
      expect(codes).toEqual([200, 200, 302, 302]);
      for (const ticket of (await lives()).filter(({ externalId }) => externalId.startsWith('F-')))
        await rootOf(ticket);
      expect(connections).toBe(0);
    } finally {
      tempting.close();
    }
  });

  it('keeps within its bounds under 200 documents that do harm and connections that do not end, and a STAT page passes', async () => {
    const wide = `<wctp-Operation wctpVersion="1.3" ${Array.from({ length: 50_000 }, (_, n) => `a${n}="x"`).join(' ')}/>`;
    const entities = Array.from({ length: 10 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
    const documents = [
      `<wctp-Operation wctpVersion="wctp-dtd-v1r3">${'<wctp-Payload>'.repeat(20_000)}`,
      wide,
      submission('B', 'STAT &l9;', `<!DOCTYPE a [<!ENTITY l0 "lol">${entities}]>`),
      `<a>${'<b/>'.repeat(200_000)}</a>`,
      `<a b="${'x'.repeat(900_000)}"/>`,
      submission('B', 'A'.repeat(900_000)),
      `${submission('B', 'x')}${'\0'.repeat(500_000)}`,
      submission('B', '\ud83e\uddea').slice(0, -40),
    ];
    // One that ends in its headers, one in its body, each twenty times.
    const sockets = Array.from({ length: 40 }, (_, index) => {
      const socket = connect(Number(new URL(ward.hospital.wctp_url).port), '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      const head = 'POST /wctp HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n';
      socket.write(index % 2 ? head : `${head}Content-Length: 5000\r\n\r\n<wctp-Operation`);
      return socket;
    });
    const ticking = setInterval(() => {
      for (const [index, socket] of sockets.entries())
        if (!socket.destroyed) socket.write(index % 2 ? 'X-A: b\r\n' : ' ');
    }, 200);
    try {
      for (const document of documents) await post(document);
      const pid = (await devStatus({ dir: ward.dir })).hospitals[0]?.parts.wardroom.pid;
      const megabytes = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
      const before = megabytes();
      const slowest = { ms: 0 };
      let page: Promise<Answer> | null = null;
      for (let n = 0; n < 200; n += 1) {
        if (n === 100) page = post(submission('BOUNDS', `STAT under fire ${ward.canary}`));
        const { code, ms } = await post(documents[n % documents.length]!);
        expect([301, 302, 411]).toContain(code);
        slowest.ms = Math.max(slowest.ms, ms);
      }
      expect(slowest.ms).toBeLessThan(1000);
      expect((await page)?.code).toBe(200);
      const [ticket] = (await lives()).filter(({ externalId }) => externalId === 'BOUNDS');
      expect(String((await rootOf(ticket!)).content.body)).toContain(ward.canary);
      expect(megabytes() - before).toBeLessThan(150);
    } finally {
      clearInterval(ticking);
      for (const socket of sockets.filter((_, index) => index % 2 === 0)) socket.destroy();
    }
    // Wardroom ends those that stop in their headers by itself; for bodies see channels/wctp/hostileConnections.
    await pollUntil('the end of the slow connections', async () => sockets.every((one) => one.destroyed), {
      deadlineMs: 60_000,
    });
  });

  it('is read in the encoding that it is in: the text is in the room as it was written', async () => {
    const words = 'ni\u00f1a \u201cfebril\u201d';
    const utf16 = (xml: string) => Buffer.from(`\ufeff${xml}`, 'utf16le');
    const declared = (id: string, encoding: string) =>
      submission(id, `URGENT ${words}`).replace('?>', ` encoding="${encoding}"?>`);
    const documents: Readonly<Record<string, Buffer>> = {
      'E-utf8-bom': Buffer.from(`\ufeff${declared('E-utf8-bom', 'UTF-8')}`),
      'E-utf16le': utf16(declared('E-utf16le', 'UTF-16')),
      'E-utf16be': utf16(declared('E-utf16be', 'UTF-16')).swap16(),
      // The byte order mark wins.
      'E-mark': utf16(declared('E-mark', 'UTF-8')),
      'E-1252': Buffer.from(
        declared('E-1252', 'windows-1252').replace('\u201c', '\u0093').replace('\u201d', '\u0094'),
        'latin1',
      ),
    };
    for (const [id, bytes] of Object.entries(documents)) {
      expect([id, (await post(bytes)).code]).toEqual([id, 200]);
      const ticket = (await lives()).find(({ externalId }) => externalId === id);
      expect(String((await rootOf(ticket!)).content.body)).toContain(words);
    }
  });

  it("is nobody's way to speak for another service", async () => {
    const known = (await lives()).length;
    const as = (senderId: string, code: string, account: string) =>
      post(
        submission('SPOOF', 'STAT x')
          .replace('nightjar-ops', senderId)
          .replace('only-in-tests', code)
          .replace('WCTP-HOSTILE', account),
      );
    expect((await as('wren-exchange', 'only-in-tests', 'WCTP-HOSTILE')).code).not.toBe(200);
    expect((await as('nightjar-ops', 'only-for-wren', 'WCTP-HOSTILE')).code).not.toBe(200);
    expect((await as('wren-exchange', 'only-for-wren', 'WCTP-HOSTILE')).code).toBe(403);
    expect((await as('wren-exchange', 'only-for-wren', 'WCTP-HOSTILE.oncall')).code).toBe(403);
    expect((await as('Nightjar-Ops', 'only-in-tests', 'WCTP-HOSTILE')).code).not.toBe(200);
    expect(await lives()).toHaveLength(known);
  });

  it('leaves its text nowhere but in encrypted events', async () => {
    expect(await ward.leaks()).toEqual([]);
  });
});
