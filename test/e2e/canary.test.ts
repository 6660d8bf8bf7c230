import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { searchDatabase, searchHospital, searchProcesses, searchTree } from '../../src/dev/demo/canary.ts';
import type { Person } from '../../src/dev/person.ts';
import { type Answer, document, send } from './support/http.ts';
import { about, Ward } from './support/ward.ts';

/** Every canary begins with it: one search finds them all. */
const STEM = `CNRY${randomBytes(6).toString('hex')}`;
/** The canary of one place. */
const canary = (place: string): string => `${STEM}-${place}`;

let ward: Ward;
let alder: Person;
let beech: Person;
let room: string;
const answers: Answer[] = [];

beforeAll(async () => {
  ward = await Ward.open();
  [alder, beech] = await Promise.all([ward.person('dr.alder'), ward.person('dr.beech')]);
  room = ward.room('CANARY');
});
afterAll(async () => {
  await ward?.dev('clock', 'real');
  await ward?.close();
});

async function ask(sent: Parameters<typeof send>[1]): Promise<Answer> {
  const answer = await send(ward, sent);
  answers.push(answer);
  return answer;
}

/** A ticket with a canary in every field that services send, in a field nobody has heard of, and in that field's name. */
const fullTicket = () => ({
  id: ward.ticket('CANARY').id,
  account: 'CANARY',
  taken_at: canary('taken-at'),
  operator: canary('operator'),
  line: canary('line'),
  service: canary('service'),
  caller: {
    name: canary('caller'),
    relation: canary('relation'),
    callback: canary('callback'),
    ext: canary('ext'),
    readback: canary('readback'),
    spelled: canary('spelled'),
  },
  patient: { name: canary('patient'), dob: canary('dob'), mrn: canary('mrn') },
  provider_requested: canary('provider'),
  reason: `${canary('reason')} ${'and more text '.repeat(200)}`,
  urgency: `STAT ${canary('urgency')}`,
  told_911: canary('told'),
  order_request: canary('order'),
  wants_patch: canary('patch'),
  triage: { disposition: canary('disposition'), protocol: canary('protocol') },
  medication: { name: canary('medication'), dose: canary('dose') },
  pharmacy: canary('pharmacy'),
  language: canary('language'),
  best_time: canary('best-time'),
  note: canary('note'),
  relates_to: canary('relates-to'),
  repeat_call: canary('repeat-call'),
  canary: canary('own'),
  [canary('name')]: [canary('item'), { [canary('deep-name')]: canary('deep') }],
});

/** Every place of a ticket's document that holds a canary. */
const placesIn = (ticket: unknown): readonly string[] => [
  ...new Set(JSON.stringify(ticket).match(new RegExp(`${STEM}-[a-z0-9-]+`, 'g'))),
];

describe('a canary', () => {
  it('in every field of accepted tickets comes out in the decrypted message, through the whole of a ticket’s life', async () => {
    const ticket = fullTicket();
    const accepted = await ask({ body: JSON.stringify(ticket) });
    expect(accepted.status).toBe(202);
    await ask({ body: JSON.stringify(ticket) });
    await ask({ body: JSON.stringify({ ...ticket, reason: canary('corrected') }) });
    const urgent = await ask({ body: JSON.stringify({ ...fullTicket(), urgency: 'STAT' }) });
    const ids = [accepted, urgent].map((answer) => String(document(answer).ticket_id));
    for (const id of ids) {
      const root = await alder.waitFor(about(id, 'ticket'));
      // The field's name is shown with its first letter large and its underscores blank.
      const body = String(root.content.body);
      const shown = placesIn(id === ids[0] ? ticket : fullTicket());
      expect(shown.length).toBeGreaterThan(30);
      expect(shown.filter((word) => !body.includes(word) && word !== canary('urgency'))).toEqual([]);
      await ward.untilState(id, 'delivered');
    }
    const stat = ids[1] ?? '';
    await ward.dev('clock', 'advance', '6m');
    const escalation = await beech.waitFor(about(stat, 'escalation'));
    const thread = (await beech.waitFor(about(stat, 'ticket'))).eventId;
    await beech.read(room, escalation.eventId);
    await beech.say(room, `${canary('answer')} who is this for?`, { thread, replyTo: escalation.eventId });
    const replied = await ward.told(stat, 'ticket.replied');
    expect(replied.data.text).toContain(canary('answer'));
    await beech.say(room, 'ok', { thread });
    await ward.untilState(stat, 'acknowledged');
    await ask({ method: 'GET', path: `/api/v1/tickets/${stat}` });
    await ask({ method: 'GET', path: '/api/v1/tickets?state=open' });
  });

  it('in every part of refused requests is answered with nothing of it', async () => {
    const body = (patch: Readonly<Record<string, unknown>>) => JSON.stringify({ ...fullTicket(), ...patch });
    const path = `/api/v1/tickets/${canary('path')}`;
    const refused: [number, Parameters<typeof send>[1]][] = [
      [401, { headers: { authorization: `Bearer ${canary('token')}` }, body: body({}) }],
      [401, { headers: { authorization: undefined }, body: body({}) }],
      [403, { body: body({ account: canary('account') }) }],
      [403, { body: body({}), service: 'wren' }],
      [422, { body: body({ reason: undefined }) }],
      [422, { body: body({ reason: [canary('reason-list')] }) }],
      [422, { body: body({ id: `${canary('id')}\u0000` }) }],
      [422, { body: body({ id: undefined, account: undefined, reason: undefined }) }],
      [422, { body: `{"${canary('broken')}` }],
      [422, { body: JSON.stringify([fullTicket()]) }],
      [422, { body: Buffer.concat([Buffer.from(canary('bytes')), Buffer.from([0xff])]) }],
      [422, { method: 'GET', path: `/api/v1/tickets?state=${canary('query')}&cursor=${canary('cursor')}` }],
      [413, { body: body({ note: canary('much ').repeat(20_000) }) }],
      [415, { headers: { 'content-type': `text/${canary('type')}` }, body: body({}) }],
      [415, { headers: { 'content-encoding': 'gzip' }, body: gzipSync(body({})) }],
      [404, { method: 'GET', path }],
      [405, { method: 'PUT', path, body: body({}) }],
      [404, { method: 'GET', path: `/${canary('elsewhere')}` }],
      [400, { method: 'GET', path: `/api/v1/tickets/%-${STEM}` }],
    ];
    for (const [status, sent] of refused) {
      const headers = { 'user-agent': canary('agent'), 'x-request-id': canary('request-id'), ...sent.headers };
      expect((await ask({ ...sent, headers })).status).toBe(status);
    }
    expect(answers.filter(({ text, headers }) => `${text}${JSON.stringify(headers)}`.includes(STEM))).toEqual([]);
  });

  it('is in no log, table, file of the database, medium, process argument or environment', async () => {
    const during = Array.from({ length: 20 }, () => ask({ body: JSON.stringify(fullTicket()) }));
    const { synapse, wardroom, postgres } = ward.hospital.processes;
    const running = await searchProcesses([synapse.pid, wardroom.pid, postgres.pid], [STEM]);
    expect((await Promise.all(during)).map((answer) => answer.status)).toEqual(during.map(() => 202));
    for (const answer of await Promise.all(during)) {
      const id = String(document(answer).ticket_id);
      await ward.untilState(id, 'delivered');
    }
    expect(running.found).toEqual([]);
    expect((await searchHospital(ward.hospital, [STEM])).found).toEqual([]);
    // Logs, configuration, keys, the homeserver's directory: whatever else lies there.
    expect((await searchTree(ward.dir, [STEM])).found).toEqual([]);
  });

  it('is in no figure and in no callback but the clinician’s own words', async () => {
    for (const url of [
      ward.hospital.metrics_url,
      `${ward.hospital.api_url}/ready`,
      `${ward.hospital.api_url}/health`,
    ]) {
      const text = await (await fetch(url)).text();
      expect(text.length).toBeGreaterThan(10);
      expect(text).not.toContain(STEM);
    }
    const with_ = ward.receiver.callbacks.filter((one) => `${one.raw}${JSON.stringify(one.headers)}`.includes(STEM));
    expect(with_.map((one) => one.type)).toEqual(['ticket.replied']);
    expect(placesIn(with_.map((one) => one.raw))).toEqual([canary('answer')]);
    expect(ward.receiver.callbacks.length).toBeGreaterThan(60);
  });
});

describe('the search', () => {
  /** A word of its own: what is planted here must not spoil the other searches. */
  const planted = `PLNT${randomBytes(6).toString('hex')}`;
  const finds = async () => (await searchHospital(ward.hospital, [planted])).found;

  it('finds what is in a table as text, JSON, bytes and base64, and in the files of the database after it is gone', async () => {
    const database = new pg.Client({ connectionString: ward.hospital.processes.postgres.url });
    await database.connect();
    try {
      expect(await finds()).toEqual([]);
      for (const [type, value] of [
        ['text', `a ${planted} b`],
        ['jsonb', JSON.stringify({ deep: [{ [planted]: 1 }] })],
        ['bytea', Buffer.from(`\u0001${planted}`)],
        ['text', Buffer.from(`xy${planted}z`).toString('base64')],
      ] as const) {
        await database.query(`CREATE TABLE public.planted (content ${type})`);
        await database.query('INSERT INTO public.planted VALUES ($1)', [value]);
        expect((await searchDatabase(ward.hospital.processes.postgres.url, [planted])).found).toEqual([
          'table public.planted',
        ]);
        await database.query('DROP TABLE public.planted');
      }
      const found = await finds();
      expect(found.length).toBeGreaterThan(0);
      for (const one of found) expect(one).toMatch(/^file .*\/(pg_wal|base)\//);
    } finally {
      await database.end();
    }
  });

  it('finds what a person writes into a room without encryption, in the homeserver’s tables', async () => {
    const words = `OPEN${randomBytes(6).toString('hex')}`;
    const { room_id } = await alder.api<{ room_id: string }>('POST', '/_matrix/client/v3/createRoom', {});
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room_id)}/send/m.room.message/1`;
    await alder.api('PUT', path, { msgtype: 'm.text', body: words });
    expect((await searchHospital(ward.hospital, [words])).found).toContain('table public.event_json');
  });

  it('finds what is in logs, media, process arguments and environments', async () => {
    const { synapse, wardroom, postgres } = ward.hospital.processes;
    const medium = join(synapse.media_dir, 'planted');
    writeFileSync(medium, `x${planted}y`);
    try {
      expect(await finds()).toContain(`file ${medium}`);
    } finally {
      rmSync(medium);
    }
    for (const [word, place] of [
      ['server.started', `file ${wardroom.log}`],
      ['Processed request', `file ${synapse.log}`],
      ['database system is ready', `file ${postgres.log}`],
      ['src/server/cli/main.ts', `process ${wardroom.pid} cmdline`],
      ['TZ=UTC', `process ${wardroom.pid} environ`],
    ] as const)
      expect((await searchHospital(ward.hospital, [word])).found).toContain(place);
  });
});
