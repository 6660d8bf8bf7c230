import { gzipSync } from 'node:zlib';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { ticketPart } from '../../src/dev/roomHistory.ts';
import { ask } from './support/database.ts';
import { type HostileCase, hostileCases, ticketsOf } from './support/hostileCases.ts';
import { type Answer, document, send } from './support/http.ts';
import { bodyOf, foreignTags, htmlOf, pings, showsHidden } from './support/inert.ts';
import { keptText } from './support/record.ts';
import { about, mentioned, type TicketState, Ward } from './support/ward.ts';

/** What of hostile.jsonl concerns channels that the ticket API has not; crash.test.ts plays the crashes of channel `fault`. */
const LATER: readonly string[] = [
  // The clinician's phone is configured, not sent: test/tickets/hostilePeople.test.ts.
  'on-call cell of a clinician is the answering service itself (forwarding loop)',
];
const MAX_BYTES = 256 * 1024;

let ward: Ward;
let alder: Person;

beforeAll(async () => {
  ward = await Ward.open();
  alder = await ward.person('dr.alder');
});
afterAll(() => ward?.close());

const post = (ticket: unknown): Promise<Answer> => send(ward, { body: JSON.stringify(ticket) });
const flagsOf = (answer: Answer) => document(answer).flags as readonly string[];

/** A ticket that is accepted, delivered, and read by a clinician. */
interface Arrived {
  readonly ticket: Readonly<Record<string, unknown>> & { readonly id: string };
  readonly answer: Answer;
  readonly id: string;
  readonly root: SeenEvent;
  readonly state: TicketState;
}

async function arrive(ticket: Arrived['ticket']): Promise<Arrived> {
  const answer = await post(ticket);
  expect([answer.status, answer.text]).toEqual([202, expect.any(String)]);
  const id = String(document(answer).ticket_id);
  const root = await alder.waitFor(about(id, 'ticket'));
  const state = await ward.until(id, (one) => one.state === 'delivered');
  return { ticket, answer, id, root, state };
}

/** Takes the ticket, so that the next one finds the room as it was. */
const settle = async ({ root, id }: Arrived) => {
  await alder.react(root.roomId, root.eventId, '✅');
  await ward.untilState(id, 'acknowledged');
};

const isRoot = (event: SeenEvent) => ticketPart(event.content)?.kind === 'ticket';

/** Every check of hostile.jsonl for tickets, by its name there. */
const CHECKS: Readonly<Record<string, (arrived: Arrived, wanted: never) => void | Promise<void>>> = {
  mentions: ({ root }, wanted: string[]) => {
    expect(root.content['m.mentions']).toEqual({ user_ids: wanted });
    expect(pings(alder, root)).toBe(false);
  },
  html_contains_tag: ({ root }) => expect(foreignTags(htmlOf(root))).toEqual([]),
  text_verbatim: ({ root, ticket }) => expect(bodyOf(root)).toContain(String(ticket.reason)),
  tickets: async ({ ticket, id }) => {
    const again = await post(ticket);
    expect(again.status).toBe(200);
    expect(document(again).ticket_id).toBe(id);
    const roots = alder.events.all().filter((event) => isRoot(event) && bodyOf(event).includes(ticket.id));
    expect(roots).toHaveLength(1);
  },
  display_has_control_chars: async ({ root, ticket, id }) => {
    expect(showsHidden(root)).toBe(false);
    expect(
      Math.max(
        ...bodyOf(root)
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThan(4200);
    expect((await keptText(ward, id)).patient).toEqual(ticket.patient);
  },
  dialled: ({ root, state }, wanted: string[]) => {
    const links = [...htmlOf(root).matchAll(/tel:([^"]*)/g)].map((match) => match[1]);
    expect(links).toEqual(wanted);
    expect(state.timeline.filter((line) => ['todo', 'step_skipped'].includes(line.event))).toEqual([]);
  },
  flag: ({ answer, root }, wanted: string) => {
    expect(flagsOf(answer)).toContain(wanted);
    expect(bodyOf(root)).toContain('⚠');
  },
  // The site's default is another person here than in the data's own hospital.
  assignee: ({ root }) => expect(mentioned(root)).toEqual([ward.userId('dr.alder')]),
  alarm: async ({ answer }, wanted: string) => {
    expect(flagsOf(answer)).toContain(wanted.replace(' ', '_'));
    const metrics = await (await fetch(ward.hospital.metrics_url)).text();
    expect(metrics).toMatch(new RegExp(`wardroom_alarms_total\\{code="${wanted.replace(' ', '-')}"\\} [1-9]`));
  },
  canary: async ({ root }, wanted: string) => absent(root, wanted),
  also_absent: async ({ root }, wanted: string[]) => {
    for (const word of wanted) await absent(root, word);
  },
  places: async ({ root, ticket }, wanted: string[]) => {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(root.roomId)}`;
    const state = await alder.api<{ type: string; content: object }[]>('GET', `${path}/state`);
    const { aliases } = await alder.api<{ aliases: string[] }>('GET', `${path}/aliases`);
    // Sent SMS, calls and pushes do not exist without their channels; everything else is looked into.
    const looked = { room_name: state, topic: state, alias: aliases, state, status: ward.receiver.callbacks };
    for (const [place, content] of Object.entries(looked)) {
      expect(wanted).toContain(place);
      for (const word of [ticket.canary, 'Ziegelow']) expect(JSON.stringify(content)).not.toContain(word);
    }
  },
};

/** In the decrypted message, and nowhere in the homeserver's and Wardroom's databases, files and logs. */
async function absent(root: SeenEvent, word: string): Promise<void> {
  expect(bodyOf(root)).toContain(word);
  expect(await ward.leaks([word])).toEqual([]);
}

describe('hostile.jsonl', () => {
  const cases = hostileCases('ticket');
  it('has no case for tickets that is neither tried here nor named as later', () => {
    expect(cases.filter((one) => LATER.includes(one.case))).toHaveLength(LATER.length);
    expect(cases.length).toBeGreaterThan(LATER.length);
    for (const one of tried(cases))
      expect(Object.keys(CHECKS)).toEqual(expect.arrayContaining(Object.keys(one.checks)));
  });

  it.each(tried(cases).map((one) => [one.case, one] as const))('%s', async (_name, one) => {
    for (const ticket of ticketsOf(one)) {
      const arrived = await arrive(ticket);
      for (const [name, wanted] of Object.entries(one.checks)) await CHECKS[name]?.(arrived, wanted as never);
      await settle(arrived);
    }
  });
});

function tried(cases: readonly HostileCase[]): readonly HostileCase[] {
  return cases.filter((one) => !LATER.includes(one.case));
}

/** The whole text of a ticket as a clinician reads it: the root, and the further parts without their headings. */
async function readWhole(id: string): Promise<string> {
  const root = await alder.waitFor(about(id, 'ticket'), { timeoutMs: 60_000 });
  const parts = [bodyOf(root)];
  const isWhole = !bodyOf(root).includes('The rest of this ticket follows in the thread.');
  for (let number = 2, of = isWhole ? 1 : 2; number <= of; number += 1) {
    const isPart = (event: SeenEvent) => about(id, 'notice')(event) && bodyOf(event).includes(`, part ${number} of `);
    const part = await alder.waitFor(isPart, { timeoutMs: 60_000 });
    const [heading = '', ...text] = bodyOf(part).split('\n');
    of = Number(/, part \d+ of (\d+)$/.exec(heading)?.[1]);
    expect(part.content['m.relates_to']).toMatchObject({ rel_type: 'm.thread', event_id: root.eventId });
    expect(part.content['m.mentions']).toEqual({ user_ids: [] });
    parts.push(text.join('\n'));
  }
  return `${parts[0]}\n${parts.slice(1).join('')}`;
}

describe('a ticket with odd content', () => {
  const MARKUP = '<b onload=x>&lt;i&gt;</b><script>1</script><!-- @room [x](javascript:1) `c` https://x.example/ alder';

  it('is inert in every field and field name: no tag, no mention, no ping', async () => {
    const patch = {
      urgency: 'URGENT',
      caller: { name: MARKUP, relation: MARKUP, callback: MARKUP, ext: MARKUP },
      patient: { name: `@room ${MARKUP}`, dob: MARKUP, mrn: MARKUP, [MARKUP]: MARKUP },
      provider_requested: `${ward.userId('dr.alder')} ${MARKUP}`,
      triage: { disposition: MARKUP, protocol: MARKUP },
      medication: { name: MARKUP, dose: MARKUP },
      language: MARKUP,
      [MARKUP]: [MARKUP, { deeper: MARKUP }],
      ['__proto__']: { polluted: MARKUP },
      constructor: MARKUP,
    };
    const arrived = await arrive(ward.ticket('HOSTILE', { reason: `@room alder ${MARKUP}`, ...patch }));
    expect(foreignTags(htmlOf(arrived.root))).toEqual([]);
    expect(htmlOf(arrived.root)).not.toContain('href="https');
    expect(arrived.root.content['m.mentions']).toEqual({ user_ids: [] });
    expect(pings(alder, arrived.root)).toBe(false);
    expect(bodyOf(arrived.root).split(MARKUP).length - 1).toBeGreaterThanOrEqual(16);
    await settle(arrived);
  });

  it('pings exactly who is due when a step mentions them', async () => {
    const arrived = await arrive(ward.ticket('REPEAT', { reason: `@room ${MARKUP}` }));
    expect(mentioned(arrived.root)).toEqual([ward.userId('dr.alder')]);
    expect(pings(alder, arrived.root)).toBe(true);
    await settle(arrived);
  });

  const deep = (depth: number): string => `${'['.repeat(depth)}"bottom"${']'.repeat(depth)}`;
  it.each<[string, string, string, readonly string[]]>([
    [
      'every optional field of the wrong type',
      '{"caller":7,"patient":[1],"urgency":{},"taken_at":true,"language":[]}',
      'urgency',
      ['Caller: 7', 'Patient: 1', 'Taken at: yes', 'Not given: urgency, language'],
    ],
    [
      'null everywhere',
      '{"caller":null,"patient":null,"urgency":null,"taken_at":null,"triage":null}',
      'urgency',
      ['Not given: caller, patient, urgency, taken at, triage'],
    ],
    ['20,000 nested lists', `{"deep":${deep(20_000)}}`, 'field', [deep(19_960)]],
    ['20,000 nested objects', `{"deep":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`, 'field', ['{"a":1}']],
    [
      '10,000 fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, i]))),
      'urgency',
      Array.from({ length: 10_000 }, (_, i) => `F${i}: ${i}\n`),
    ],
    [
      'numbers beyond all measure',
      '{"mrn":123456789012345678901234567890,"dose":1e999,"tiny":-1e-999}',
      'field',
      ['Mrn: 1.2345678901234568e+29', 'Dose: Infinity', 'Tiny: '],
    ],
    ['half a surrogate pair', '{"note":"\\ud800 and \\udc00"}', 'field', ['\ufffd and \ufffd']],
    [
      'control characters and overrides in every place',
      '{"note":"a\\u0000b\\u001b[31m\\u202ec","x\\u0000y":"\\u200b"}',
      'field',
      ['a⟦U+0000⟧b⟦U+001B⟧[31m⟦U+202E⟧c', 'X⟦U+0000⟧y: ⟦U+200B⟧'],
    ],
    [
      'names that objects have anyway',
      '{"__proto__":{"a":"in"},"constructor":"c","toString":"t","hasOwnProperty":1}',
      'urgency',
      ['proto   a: in', 'Constructor: c', 'ToString: t', 'HasOwnProperty: 1'],
    ],
  ])('%s: admitted, flagged and shown', async (_name, extra, flag, shown) => {
    const { caller: _c, patient: _p, urgency: _u, taken_at: _t, ...rest } = ward.ticket('HOSTILE');
    const body = `${JSON.stringify(rest).slice(0, -1)},${extra.slice(1)}`;
    const answer = await send(ward, { body });
    expect(answer.status).toBe(202);
    expect(flagsOf(answer)).toContain(flag);
    expect(document(answer).urgency).toBe('urgent');
    const id = String(document(answer).ticket_id);
    const root = await alder.waitFor(about(id, 'ticket'));
    expect(showsHidden(root)).toBe(false);
    expect(foreignTags(htmlOf(root))).toEqual([]);
    const whole = `${await readWhole(id)}\n`;
    expect([ward.canary, ...shown].filter((text) => !whole.includes(text))).toEqual([]);
    await ward.untilState(id, 'delivered');
  });
});

describe('a request that is refused', () => {
  let before: number;
  beforeAll(async () => {
    before = await tickets();
  });
  const good = () => ward.ticket('HOSTILE');
  const json = (patch: Readonly<Record<string, unknown>>) => Buffer.from(JSON.stringify({ ...good(), ...patch }));

  it.each<[string, () => string | Buffer, object[] | undefined]>([
    ['no body', () => '', undefined],
    ['no JSON', () => '{"id": "T-1", ', undefined],
    ['two documents', () => '{}{}', undefined],
    ['not UTF-8', () => Buffer.concat([json({}).subarray(0, -1), Buffer.from([0xe9, 0x7d])]), undefined],
    ['a list', () => '[{}]', [{ path: '', code: 'not-an-object' }]],
    ['null', () => 'null', [{ path: '', code: 'not-an-object' }]],
    ['a text', () => '"CNRY"', [{ path: '', code: 'not-an-object' }]],
    [
      'an object without anything',
      () => '{}',
      ['id', 'account', 'reason'].map((key) => ({ path: `/${key}`, code: 'missing' })),
    ],
    ['a number as id', () => json({ id: 7 }), [{ path: '/id', code: 'not-a-string' }]],
    ['null as reason', () => json({ reason: null }), [{ path: '/reason', code: 'not-a-string' }]],
    ['a list as account', () => json({ account: ['HOSTILE'] }), [{ path: '/account', code: 'not-a-string' }]],
    ['a blank reason', () => json({ reason: ' \n' }), [{ path: '/reason', code: 'empty' }]],
    ['an empty id', () => json({ id: '' }), [{ path: '/id', code: 'empty' }]],
    ['a control character in the id', () => json({ id: 'T\u0000-1' }), [{ path: '/id', code: 'not-printable' }]],
    ['a line break in the id', () => json({ id: 'T\n-1' }), [{ path: '/id', code: 'not-printable' }]],
    ['an id without end', () => json({ id: 'T'.repeat(5000) }), [{ path: '/id', code: 'too-long' }]],
  ])('%s: 422', async (_name, body, errors) => {
    expect(refused(await send(ward, { body: body() }), 422).errors).toEqual(errors);
  });

  it.each<[string, string | undefined]>([
    ['no token', undefined],
    ['an empty one', 'Bearer '],
    ['a wrong one', 'Bearer wrong'],
    ['the right one under another scheme', 'Basic TOKEN'],
    ['the right one with its end cut off', 'Bearer TOKEN-1'],
    ['the right one twice', 'Bearer TOKEN TOKEN'],
    ['a very long one', `Bearer ${'x'.repeat(8000)}`],
  ])('%s: 401 on every way into the API', async (_name, shape) => {
    const { token } = ward.service('nightjar');
    const authorization = shape?.replace('TOKEN-1', token.slice(0, -1)).replaceAll('TOKEN', token);
    const headers = { authorization };
    for (const answer of [
      await send(ward, { headers, body: JSON.stringify(good()) }),
      await send(ward, { headers, method: 'GET', path: '/api/v1/tickets?state=open' }),
      await send(ward, { headers, method: 'GET', path: '/api/v1/tickets/tkt_aaaaaaaaaaaaaaaaaaaaaaaaaa' }),
    ]) {
      refused(answer, 401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    }
  });

  it.each(['LARK-CARD', 'hostile', 'HOSTILE ', '__proto__', "HOSTILE' OR '1'='1", '*'])(
    'the unknown account %p: 403',
    async (account) => {
      refused(await send(ward, { body: json({ account }) }), 403);
    },
  );

  it('an account of another service: 403', async () => {
    refused(await send(ward, { body: json({}), service: 'wren' }), 403);
  });

  it.each<[string, string | undefined, object]>([
    ['text', 'text/plain', {}],
    ['a form', 'application/x-www-form-urlencoded', {}],
    ['none', undefined, {}],
    ['JSON in Latin-1', 'application/json; charset=iso-8859-1', {}],
    ['compressed JSON', 'application/json', { 'content-encoding': 'gzip' }],
  ])('%s as content type: 415', async (_name, type, more) => {
    const body = 'content-encoding' in more ? gzipSync(json({})) : json({});
    refused(await send(ward, { body, headers: { 'content-type': type, ...more } }), 415);
  });

  it('is not kept: no ticket comes of it', async () => {
    expect(await tickets()).toBe(before);
    expect((await post(good())).status).toBe(202);
    expect(await tickets()).toBe(before + 1);
  });
});

/** How many tickets Wardroom holds. */
async function tickets(): Promise<number> {
  const [row] = await ask<{ count: string }>(ward.hospital, 'SELECT count(*) FROM wardroom.tickets');
  return Number(row?.count);
}

/** A problem document (RFC 9457) of this status that repeats nothing. */
function refused(answer: Answer, status: number): { errors?: unknown } {
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(answer.text).not.toContain(ward.canary);
  const problem = document(answer);
  expect(problem).toEqual({
    type: expect.stringMatching(/^urn:wardroom:problem:[a-z0-9-]+$/),
    title: expect.any(String),
    status,
    code: expect.any(String),
    ...('errors' in problem ? { errors: expect.any(Array) } : {}),
  });
  return problem;
}

describe('a large ticket', () => {
  /** Of exactly this many bytes, its reason numbered words, so that a missing one is seen. */
  function sized(bytes: number, word: (index: number) => string) {
    const ticket = { ...ward.ticket('HOSTILE', { urgency: 'URGENT' }), reason: '' };
    const room = bytes - Buffer.byteLength(JSON.stringify(ticket));
    const words: string[] = [];
    for (let used = 0; ; ) {
      const next = `${word(words.length)} `;
      used += Buffer.byteLength(JSON.stringify(next)) - 2;
      if (used > room) break;
      words.push(next);
    }
    const reason = words.join('');
    const rest = bytes - Buffer.byteLength(JSON.stringify({ ...ticket, reason }));
    return { ...ticket, reason: `${reason}${'z'.repeat(rest)}` };
  }

  it.each<[string, (index: number) => string]>([
    ['of plain words', (index) => `w${index}`],
    ['of characters that take more room in JSON and HTML', (index) => `<"${index}">&\\`],
    ['of characters beyond the basic plane', (index) => `🩺${index}`],
  ])('of exactly 256 KiB, %s, is readable in full in its thread', async (_name, word) => {
    const ticket = sized(MAX_BYTES, word);
    const body = Buffer.from(JSON.stringify(ticket));
    expect(body.length).toBe(MAX_BYTES);
    const answer = await send(ward, { body });
    expect(answer.status).toBe(202);
    const id = String(document(answer).ticket_id);
    expect(await readWhole(id)).toContain(ticket.reason.trim());
    await ward.untilState(id, 'delivered');
  });

  it('of one byte more is refused with 413, and so is one of 8 MiB, announced or not', async () => {
    refused(await send(ward, { body: JSON.stringify(sized(MAX_BYTES + 1, (index) => `w${index}`)) }), 413);
    refused(await send(ward, { body: Buffer.alloc(8 * 1024 * 1024, 0x20) }), 413);
    const unannounced = { 'content-length': undefined, 'transfer-encoding': 'chunked' };
    refused(await send(ward, { body: Buffer.alloc(8 * 1024 * 1024, 0x20), headers: unannounced }), 413);
    expect((await post(ward.ticket('HOSTILE', { urgency: 'URGENT' }))).status).toBe(202);
  });
});

describe('after all of this', () => {
  it('nothing leaked, and Wardroom is ready', async () => {
    expect(await ward.leaks()).toEqual([]);
    expect(ward.receiver.callbacks.filter((one) => one.raw.includes(ward.canary))).toEqual([]);
    expect((await send(ward, { method: 'GET', path: '/ready' })).status).toBe(200);
  });
});
