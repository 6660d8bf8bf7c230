/** Messages whose time is over, with a real homeserver, by the business clock: what goes, what stays and why, and what is found afterwards. */
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { command } from '../../src/dev/controlDesk.ts';
import { searchDatabase } from '../../src/dev/demo/canary.ts';
import { House } from '../../src/dev/house.ts';
import type { Person } from '../../src/dev/person.ts';
import { removeHospital } from '../../src/dev/removeHospital.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { ownHospital } from '../support/hospital.ts';
import { ask } from './support/database.ts';
import { auditOf } from './support/record.ts';
import { ServerAdministrator } from './support/serverAdministrator.ts';
import { about, relation, Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

const oncall = { oncall: {} };
const site = (roomClass: string) => ({
  tz: 'America/New_York',
  default: ['dr.alder'],
  roles: oncall,
  room_class: roomClass,
});
const URGENCIES = ['STAT', 'URGENT', 'ROUTINE', 'FYI'];
const ACCOUNTS = ['CLIN', 'HELD', 'RACE', 'INTAKE', 'RESTRICTED', 'MIDDLE', 'RECALL'];

/** Ladders that ask once and then wait: what is due later is no part of this story. */
const dispatch = {
  site: { default_oncall: ['dr.alder'], default_protocol: 'SITE-DEFAULT' },
  services: { nightjar: { accounts: ACCOUNTS, replies: 'text' }, wren: { accounts: ['CLIN'] } },
  practices: {
    CLIN: site('clinical'),
    HELD: site('clinical'),
    RACE: site('clinical'),
    MIDDLE: site('clinical'),
    RECALL: { ...site('clinical'), default: ['dr.alder', 'dr.beech'] },
    INTAKE: site('intake'),
    RESTRICTED: site('restricted-42cfr2'),
  },
  control: { members: ['adm.fir', 'adm.gorse'] },
  people: {
    'dr.alder': { mxid: '@alder:thornbury.example', roles: ['physician', 'psychiatry'] },
    'dr.beech': { mxid: '@beech:thornbury.example', roles: ['physician'] },
    'adm.fir': { mxid: '@fir:thornbury.example' },
    'adm.gorse': { mxid: '@gorse:thornbury.example' },
  },
  protocols: Object.fromEntries(
    ['SITE-DEFAULT', ...ACCOUNTS]
      .flatMap((account) => URGENCIES.map((urgency) => `${account}/${urgency}`))
      .map((name) => [name, { steps: [{ at: '0m', do: 'room', to: 'site.default_oncall', mention: true }] }]),
  ),
};

let ward: Ward;
let house: House;
let alder: Person;
let control: string;
/** What somebody was told in a room of their own. */
let toldAlone: { readonly room: string; readonly event: string };

/** One after the other: time only goes forward. */
beforeAll(async () => {
  ward = await Ward.open(await ownHospital('retention', dispatch, { dev: { control: ['adm.fir', 'adm.gorse'] } }));
  control = ward.hospital.control_room_id ?? '';
  house = new House(ward.hospital, (key) => ward.person(key));
  await house.open('adm.fir', 'adm.gorse');
  alder = await ward.person('dr.alder');
});
afterAll(async () => {
  await ward?.close();
  if (ward) await removeHospital(ward.dir);
});

/** A ticket that is in its room, with the event that it is there. */
async function ticketIn(account: string, urgency: string): Promise<{ readonly id: string; readonly event: string }> {
  const id = await ward.post(account, { urgency });
  const event = await alder.waitFor(about(id, 'ticket'));
  return { id, event: event.eventId };
}

async function acknowledge(account: string, { id, event }: { readonly id: string; readonly event: string }) {
  await alder.send(ward.room(account), 'm.reaction', {
    'm.relates_to': { rel_type: 'm.annotation', event_id: event, key: '✅' },
  });
  await ward.untilState(id, 'acknowledged');
}

const explain = async (event: string) => {
  const { data } = await house.done(`retention explain ${event}`);
  return [data.decision, data.winner];
};

const run = async () => (await house.done('retention run')).data;

/** `there`, `redacted` or `gone`, as a member's client finds it at the homeserver. */
async function standing(account: string, event: string): Promise<string> {
  const found = await alder.stored(ward.room(account), event).catch((error: Error) => error);
  if (found instanceof Error) return 'gone';
  return (found as { unsigned?: { redacted_because?: unknown } }).unsigned?.redacted_because ? 'redacted' : 'there';
}

/** A piece of an event's ciphertext, as the homeserver stores it. */
const trace = async (account: string, event: string): Promise<string> =>
  String(((await alder.stored(ward.room(account), event)).content as { ciphertext?: unknown }).ciphertext).slice(
    20,
    60,
  );

/** A file that a message names, as clients send it: encrypted before it is uploaded. */
async function upload(account: string): Promise<{ readonly event: string; readonly id: string }> {
  const { content_uri: url } = await alder.client.uploadContent(Buffer.from(randomUUID()), {
    type: 'application/octet-stream',
  });
  const file = {
    url,
    v: 'v2',
    key: { kty: 'oct', alg: 'A256CTR', ext: true, k: 'aaaa', key_ops: ['decrypt'] },
    iv: 'aaaa',
    hashes: { sha256: 'aaaa' },
  };
  const event = await alder.send(ward.room(account), 'm.room.message', { msgtype: 'm.file', body: 'ecg.pdf', file });
  await pollUntil(
    'the file is on record',
    async () => (await ask(ward.hospital, 'SELECT 1 FROM wardroom.event_media WHERE mxc = $1', [url])).length === 1,
    { deadlineMs: 30_000 },
  );
  return { event, id: url.slice(url.lastIndexOf('/') + 1) };
}

/** Names of the files that the homeserver has, without the slashes in between. */
const files = async (): Promise<string> =>
  (await readdir(ward.hospital.processes.synapse.media_dir, { recursive: true })).join(' ').replaceAll('/', '');

/** Of these tickets, a piece of the sealed text that Wardroom has, as a row shows it. */
async function sealedTexts(ids: readonly string[]): Promise<readonly string[]> {
  const rows = await ask<{ piece: string }>(
    ward.hospital,
    `SELECT encode(substring(text_ciphertext FROM 5 FOR 24), 'hex') AS piece FROM wardroom.tickets WHERE ticket_id = ANY ($1)`,
    [ids],
  );
  return rows.map(({ piece }) => piece);
}

const stores = () => [ward.hospital.processes.synapse.database_url, ward.hospital.processes.postgres.url];
const foundIn = async (words: readonly string[]): Promise<readonly string[]> =>
  (await Promise.all(stores().map((url) => searchDatabase(url, words)))).flatMap(({ found }) => found);

/** Sends events that nobody encrypted and nobody reads, as fast as the homeserver takes them. */
async function sendNotes(account: string, count: number): Promise<void> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(ward.room(account))}/send/org.example.note`;
  let left = count;
  const worker = async () => {
    for (; left > 0; ) {
      left -= 1;
      await alder.api('PUT', `${path}/${randomUUID()}`, { note: randomUUID() });
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** How many of the events that were sent so are at the homeserver with their content. */
async function notesThere(account: string): Promise<number> {
  const client = new pg.Client({ connectionString: ward.hospital.processes.synapse.database_url });
  await client.connect();
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM events e JOIN event_json USING (event_id) WHERE e.room_id = $1 AND type = 'org.example.note'
        AND NOT EXISTS (SELECT 1 FROM redactions r WHERE r.redacts = e.event_id)`,
    [ward.room(account)],
  );
  await client.end();
  return Number(rows[0]?.count);
}

/** Whether somebody's receipt covers a message, as Wardroom heard it. */
const isSeen = async (event: string, user: string): Promise<boolean> => {
  const rows = await ask(
    ward.hospital,
    `SELECT 1 FROM wardroom.inbox_events e JOIN wardroom.inbox_receipts r USING (room_id) WHERE e.event_id = $1 AND r.user_id = $2 AND r.seq >= e.seq`,
    [event, user],
  );
  return rows.length > 0;
};

/** Until Wardroom has heard of so many. */
const heardOf = (account: string, count: number) =>
  pollUntil(
    `${count} notes heard of`,
    async () => {
      const [row] = await ask<{ count: number }>(
        ward.hospital,
        `SELECT count(*)::int AS count FROM wardroom.inbox_events WHERE room_id = $1 AND type = 'org.example.note'`,
        [ward.room(account)],
      );
      return row?.count === count;
    },
    { deadlineMs: 60_000 },
  );

/** The answer to a clinician's command, as another member reads it. */
const answerTo = async (said: string, reader: Person) => {
  const event = await reader.waitFor(
    (one) => relation(one)?.['m.in_reply_to']?.event_id === said && one.content['org.wardroom.answer'] !== undefined,
  );
  return event.content['org.wardroom.answer'] as { outcome: string; code: string; data: Record<string, unknown> };
};

describe('what somebody takes back', () => {
  it('is gone with its edits, and who had seen it is named', async () => {
    const room = ward.room('RECALL');
    const beech = await ward.person('dr.beech');
    await beech.room(room);
    const { id, event: root } = await ticketIn('RECALL', 'ROUTINE');
    const wrong = await alder.say(room, 'Bed 12, not bed 21', { thread: root });
    await beech.waitFor((one) => one.eventId === wrong);
    const edited = await alder.send(room, 'm.room.message', {
      msgtype: 'm.text',
      body: '* Bed 12, really',
      'm.new_content': { msgtype: 'm.text', body: 'Bed 12, really' },
      'm.relates_to': { rel_type: 'm.replace', event_id: wrong },
    });
    await ward.told(id, 'ticket.replied');
    await beech.read(room, wrong, { thread: root });
    await pollUntil('the receipt is heard', () => isSeen(wrong, beech.userId), { deadlineMs: 30_000 });
    const said = await beech.say(room, '!recall', { replyTo: wrong });
    expect(await answerTo(said, beech)).toMatchObject({ outcome: 'refused', code: 'not-the-author' });
    const own = await alder.say(room, '!recall', { replyTo: wrong });
    expect(await answerTo(own, beech)).toMatchObject({
      outcome: 'ok',
      code: 'recalled',
      data: { event_id: wrong, edits: 1, seen_by: [beech.userId], told_service: true, ticket_id: id },
    });
    for (const event of [wrong, edited])
      await pollUntil('taken away', async () => (await standing('RECALL', event)) === 'redacted', {
        deadlineMs: 10_000,
      });
    expect((await ward.look(id)).timeline.map(({ event }) => event)).toContain('recalled');
    const copies = await ask<{ count: number }>(
      ward.hospital,
      'SELECT count(*)::int AS count FROM wardroom.reports WHERE ticket_id = $1 AND text_key_id IS NOT NULL',
      [id],
    );
    expect(copies).toEqual([{ count: 0 }]);
    const again = await alder.say(room, '!recall', { replyTo: wrong });
    expect(await answerTo(again, alder)).toMatchObject({ outcome: 'refused', code: 'gone-already' });
    const entries = (await auditOf(ward, 'message.')).map(({ action }) => action);
    expect(entries.filter((action) => action !== 'message.sent')).toEqual([
      'message.edited',
      'message.recalled',
      'message.taken_away',
      'message.taken_away',
    ]);
  });

  it('is taken away when the homeserver is back, where it went away in the middle', async () => {
    const room = ward.room('RECALL');
    const wrong = await alder.say(room, 'Another patient');
    const process_ = new WardroomProcess(ward);
    await process_.kill();
    await alder.say(room, '!recall', { replyTo: wrong });
    expect(await process_.startUntilCrash({ 'recall.decided': 1 })).toBe('recall.decided');
    expect(await standing('RECALL', wrong)).toBe('there');
    await process_.start();
    await pollUntil('taken away', async () => (await standing('RECALL', wrong)) === 'redacted', { deadlineMs: 30_000 });
  });

  it('stays under a hold, and after its window', async () => {
    const room = ward.room('RECALL');
    const wrong = await alder.say(room, 'A third one');
    const hold = await house.done(`hold place --person ${alder.userId} --reason Inquiry`);
    const said = await alder.say(room, '!recall', { replyTo: wrong });
    expect(await answerTo(said, alder)).toMatchObject({ outcome: 'refused', code: 'under-hold' });
    await house.done(`hold release ${hold.data.hold_id}`);
    await ward.dev('clock', 'advance', '16m');
    const late = await alder.say(room, '!recall', { replyTo: wrong });
    expect(await answerTo(late, alder)).toMatchObject({ outcome: 'refused', code: 'recall-too-late' });
    expect(await standing('RECALL', wrong)).toBe('there');
  });

  it('is caught where they do it past the command, and so is a changed lifetime', async () => {
    const room = ward.room('RECALL');
    const [first] = house.administrators();
    const alarmed = (code: string) => first.waitFor((event) => String(event.content.body).startsWith(`Alarm: ${code}`));
    const late = await alder.say(room, 'What others acted on');
    const soon = await alder.say(room, 'Nobody acted on');
    const heard = await ticketIn('RECALL', 'FYI');
    await ward.untilState(heard.id, 'delivered');
    await alder.redact(room, soon);
    await ward.dev('clock', 'advance', '16m');
    await alder.send(room, 'm.room.message', {
      msgtype: 'm.text',
      body: '* Something else',
      'm.new_content': { msgtype: 'm.text', body: 'Something else' },
      'm.relates_to': { rel_type: 'm.replace', event_id: late },
    });
    await alarmed('message-edited-late');
    await alder.redact(room, late);
    await alarmed('message-redacted-by-hand');
    const caught = (await auditOf(ward, 'message.')).filter(({ action }) => /by_hand|edited/.test(action));
    expect(caught.filter(({ event }) => event === soon).map(({ action, outcome }) => [action, outcome])).toEqual([
      ['message.redacted_by_hand', 'ok'],
    ]);
    expect(caught.filter(({ event }) => event === late).map(({ action, code }) => [action, code])).toEqual([
      ['message.edited', 'recall-too-late'],
      ['message.redacted_by_hand', 'recall-too-late'],
    ]);

    const server = await ServerAdministrator.of(ward.hospital);
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/state/m.room.retention/`;
    const before = await alder.api('GET', path);
    expect(before).toEqual({ max_lifetime: 30 * 86_400_000 });
    await server.asBot('PUT', path, { max_lifetime: 1_000 });
    await pollUntil('put right', async () => JSON.stringify(await alder.api('GET', path)) === JSON.stringify(before), {
      deadlineMs: 30_000,
    });
    await server.close();
  });
});

describe('a class that asks for a course', () => {
  it('closes its rooms to who has not passed it, tells them, and opens them when it is on record, for as long as it counts', async () => {
    const beech = await ward.person('dr.beech');
    const made = await house.done(`room create consult Consult 9 --members ${beech.userId}`);
    const room = String(made.data.room_id);
    await beech.room(room);
    const isIn = async () => (await beech.rooms()).includes(room);
    const within = (what: string, wanted: () => Promise<boolean>) => pollUntil(what, wanted, { deadlineMs: 15_000 });
    await house.done('policy set classes.consult.training ["hipaa"]');
    await within('out', async () => !(await isIn()));
    const told = await beech.waitFor((event) => String(event.content.body).includes('Pass the course "hipaa"'));
    expect([told.encrypted, told.sender]).toEqual([true, ward.hospital.bot_user_id]);
    toldAlone = { room: told.roomId, event: told.eventId };
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    await house.done(`training record ${beech.userId} hipaa --until ${tomorrow}`);
    await within('in', isIn);
    await ward.dev('clock', 'advance', '3d');
    await within('out again', async () => !(await isIn()));
  });
});

describe('after the time of a class', () => {
  let open: { readonly id: string; readonly event: string };

  it('messages are gone, byte by byte, and STAT that nobody acknowledged is there', async () => {
    const routine = await ticketIn('CLIN', 'ROUTINE');
    const file = await upload('CLIN');
    open = await ticketIn('CLIN', 'STAT');
    const taken = await ticketIn('CLIN', 'STAT');
    await acknowledge('CLIN', taken);
    const said = await alder.say(ward.room('CLIN'), 'Potassium again at six');
    const intake = await ticketIn('INTAKE', 'URGENT');
    const restricted = await ticketIn('RESTRICTED', 'STAT');
    const traces = [await trace('CLIN', routine.event), await trace('INTAKE', intake.event)];
    for (const one of traces) expect(await foundIn([one])).toEqual(['table public.event_json']);
    const texts = await sealedTexts([routine.id, intake.id]);
    for (const one of texts) expect(await foundIn([one])).toEqual(['table wardroom.tickets']);
    expect(await files()).toContain(file.id);

    expect(await explain(intake.event)).toEqual(['keep', 'max_age']);
    await ward.dev('clock', 'advance', '8d');
    expect(await explain(intake.event)).toEqual(['delete', 'max_age']);
    expect(await explain(restricted.event)).toEqual(['keep', 'unread_stat']);
    expect(await explain(routine.event)).toEqual(['keep', 'max_age']);
    await run();
    expect(await standing('INTAKE', intake.event)).not.toBe('there');
    expect(await standing('RESTRICTED', restricted.event)).toBe('there');
    expect(await standing('CLIN', routine.event)).toBe('there');

    await ward.dev('clock', 'advance', '23d');
    for (const event of [routine.event, taken.event, said, file.event])
      expect(await explain(event)).toEqual(['delete', 'max_age']);
    expect(await explain(open.event)).toEqual(['keep', 'unread_stat']);
    const report = await run();
    // The stories before this one left messages, too.
    expect(report).toMatchObject({ media: 1, kept: { unread_stat: 2 } });
    for (const [what, least] of Object.entries({ purged: 2, redacted: 3, tickets: 2, room_keys: 1 }))
      expect([what, Number(report[what]) >= least]).toEqual([what, true]);
    expect((report.could_not as { what: string }[]).map(({ what }) => what).sort()).toEqual([
      'backups',
      'client-caches',
      'redacted-content',
    ]);
    expect(await standing('CLIN', open.event)).toBe('there');
    for (const event of [routine.event, file.event]) expect(await standing('CLIN', event)).toBe('gone');
    for (const event of [taken.event, said]) expect(await standing('CLIN', event)).toBe('redacted');
    expect(await foundIn([...traces.slice(0, 1), ...texts])).toEqual([]);
    expect(await files()).not.toContain(file.id);
    // Once more: there is nothing left to do.
    expect(await run()).toMatchObject({ purged: 0, redacted: 0, media: 0, tickets: 0 });
    const reader = await ward.person('dr.alder');
    expect(await reader.stored(ward.room('CLIN'), open.event)).toMatchObject({ type: 'm.room.encrypted' });
  });

  it('STAT that was acknowledged late goes at the next run', async () => {
    await acknowledge('CLIN', open);
    expect(await explain(open.event)).toEqual(['delete', 'max_age']);
    await run();
    expect(await standing('CLIN', open.event)).not.toBe('there');
  });
});

describe('under a hold', () => {
  let held: { readonly id: string; readonly event: string };
  let hold: string;
  let aboutPatient: SaidIn;
  let another: SaidIn;
  let server: ServerAdministrator;

  beforeAll(async () => {
    server = await ServerAdministrator.of(ward.hospital);
  });
  afterAll(() => server?.close());

  interface SaidIn {
    readonly room: string;
    readonly event: string;
  }

  /** A clinical room of this name, with a message in it. */
  const saidIn = async (name: string): Promise<SaidIn> => {
    const room = String((await house.done(`room create clinical ${name}`)).data.room_id);
    await alder.room(room);
    return { room, event: await alder.say(room, 'Echo at eight') };
  };

  const standingByServer = async ({ room, event }: SaidIn): Promise<string> => {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/event/${encodeURIComponent(event)}`;
    const found = await server.asBot<{ unsigned?: { redacted_because?: unknown } }>('GET', path).catch(() => null);
    if (found === null) return 'gone';
    return found.unsigned?.redacted_because ? 'redacted' : 'there';
  };

  it('nothing goes, however old it is, and the room says so', async () => {
    held = await ticketIn('HELD', 'ROUTINE');
    const placed = await house.done(`hold place ${ward.room('HELD')} --reason Letter of counsel about Ottis`);
    hold = String(placed.data.hold_id);
    const listed = await house.done('hold list');
    expect(listed.data.holds).toMatchObject([
      {
        hold_id: hold,
        reason: 'Letter of counsel about Ottis',
        state: 'in-force',
        covers: { room: ward.room('HELD') },
      },
    ]);
    const shown = await house.done(`room show ${ward.room('HELD')}`);
    expect(shown.data.holds).toEqual([hold]);
    expect(await foundIn(['Letter of counsel'])).toEqual([]);
    // By the patient of a room.
    [aboutPatient, another] = await Promise.all([saidIn('Ward 1 --patient P-1003'), saidIn('Ward 2')]);
    await house.done('hold place --patient P-1003 --class clinical --reason Request of counsel');
    await ward.dev('clock', 'advance', '400d');
    expect(await explain(held.event)).toEqual(['keep', 'hold']);
    expect(await explain(aboutPatient.event)).toEqual(['keep', 'hold']);
    for (const { event } of [another, toldAlone]) expect(await explain(event)).toEqual(['delete', 'max_age']);
    await run();
    // Roles have ended meanwhile: nobody is in these rooms any more who could look.
    expect(await standingByServer(aboutPatient)).toBe('there');
    for (const one of [another, toldAlone]) expect(await standingByServer(one)).not.toBe('there');
    expect(await standing('HELD', held.event)).toBe('there');
  });

  it('takes a second person to end, and then it is as old as it is', async () => {
    const [first] = house.administrators();
    const asked = await command(first, control, `hold release ${hold}`);
    expect(asked).toMatchObject({ outcome: 'confirm' });
    const alone = await command(first, control, `confirm ${asked.confirm}`);
    expect(alone).toMatchObject({ outcome: 'refused', code: 'needs-second-person' });
    expect((await house.done(`hold release ${hold}`)).outcome).toBe('ok');
    expect(await explain(held.event)).toEqual(['delete', 'max_age']);
    await run();
    expect(await standing('HELD', held.event)).not.toBe('there');
  });

  it('is what still exists when it is placed while a run deletes', async () => {
    const count = 400;
    await ticketIn('RACE', 'STAT');
    await sendNotes('RACE', count);
    await heardOf('RACE', count);
    await ward.dev('clock', 'advance', '31d');
    const [first, second] = house.administrators();
    const running = command(first, control, 'retention run', 120_000);
    await pollUntil('the run is at work', async () => (await notesThere('RACE')) < count - 20, { deadlineMs: 60_000 });
    const placed = await command(second, control, `hold place ${ward.room('RACE')} --reason A letter came`);
    expect(placed.outcome).toBe('ok');
    const report = await running;
    const there = await notesThere('RACE');
    expect(there).toBeGreaterThan(0);
    expect(there).toBeLessThan(count);
    expect(report.data.kept).toMatchObject({ hold: expect.any(Number) });
    await run();
    expect(await notesThere('RACE')).toBe(there);
    process.stdout.write(`retention.test.ts: a hold found ${there} of ${count}
`);
  });
});

describe('of a thousand messages with one in the middle that stays', () => {
  it('the others go, wherever the run is killed', async () => {
    await sendNotes('MIDDLE', 500);
    const stays = await ticketIn('MIDDLE', 'STAT');
    await sendNotes('MIDDLE', 500);
    await heardOf('MIDDLE', 1_000);
    await ward.dev('clock', 'advance', '31d');
    const process_ = new WardroomProcess(ward);
    await process_.kill();
    const points = ['retention.marked', 'retention.purging', 'retention.purged', 'retention.redacted'] as const;
    for (const point of points) expect(await process_.startUntilCrash({ [point]: 1 })).toBe(point);
    await process_.start();
    await pollUntil('the run is at its end', async () => (await notesThere('MIDDLE')) === 0, { deadlineMs: 120_000 });
    expect(await standing('MIDDLE', stays.event)).toBe('there');
    expect(await explain(stays.event)).toEqual(['keep', 'unread_stat']);
    await pollUntil(
      'the run says so',
      async () =>
        (await ask(ward.hospital, 'SELECT 1 FROM wardroom.retention_runs WHERE finished_at IS NULL')).length === 0,
      { deadlineMs: 60_000 },
    );
    expect((await auditOf(ward, 'retention.')).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['retention.started', 'retention.taken_up', 'retention.purged', 'retention.finished']),
    );
  });
});

describe('documentation', () => {
  it('is kept six years, every day of them', async () => {
    const [first] = house.administrators();
    const room = ward.hospital.audit_room_id ?? '';
    const event = await first.say(room, 'The export of 28 November was handed over');
    await pollUntil(
      'it is heard of',
      async () =>
        (await ask(ward.hospital, 'SELECT 1 FROM wardroom.inbox_events WHERE event_id = $1', [event])).length > 0,
      { deadlineMs: 30_000 },
    );
    await ward.dev('clock', 'advance', '2190d');
    expect(await explain(event)).toEqual(['keep', 'audit.keep']);
    await ward.dev('clock', 'advance', '7d');
    expect(await explain(event)).toEqual(['delete', 'audit.keep']);
  });
});
