import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IEvent } from 'matrix-js-sdk';
import { command } from '../../src/dev/controlDesk.ts';
import { wardroom } from '../../src/dev/demo/cli.ts';
import { House, joinedIn, sessionOf } from '../../src/dev/house.ts';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { roomHistory } from '../../src/dev/roomHistory.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { ask } from './support/database.ts';
import { auditOf } from './support/record.ts';
import { ServerAdministrator } from './support/serverAdministrator.ts';
import { mentioned, relation, Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

/** What is wrong is right again within so long (the promise of the control room's administrators). */
const SOON_MS = 5_000;
const UNITS = 20;

let ward: Ward;
let house: House;
let server: ServerAdministrator;
let control: string;
let gorse: Person;
let rowan: Person;
let yarrow: Person;
let sorrel: Person;
let tansy: Person;
let umber: Person;
let vetch: Person;
/** The clinical room of this story. */
let room: string;
let adopted: string;
let units: readonly string[];

/** One after the other: each test begins where the one before it ended, as a hospital would live it. */
beforeAll(async () => {
  ward = await Ward.open();
  control = ward.hospital.control_room_id ?? '';
  house = new House(ward.hospital, (key) => ward.person(key));
  server = await ServerAdministrator.of(ward.hospital);
  await house.open('adm.gorse', 'adm.fir');
  const keys = ['adm.gorse', 'dr.rowan', 'dr.yarrow', 'rn.sorrel', 'rn.tansy', 'cl.umber', 'cl.vetch'];
  [gorse, rowan, yarrow, sorrel, tansy, umber, vetch] = (await Promise.all(keys.map((key) => house.person(key)))) as [
    Person,
    Person,
    Person,
    Person,
    Person,
    Person,
    Person,
  ];
});
afterAll(async () => {
  // A story that ended in the middle leaves the next one a Wardroom that runs.
  await new WardroomProcess(ward).start();
  await server?.close();
  await ward?.close();
});

const pathOf = (id: string) => `/_matrix/client/v3/rooms/${encodeURIComponent(id)}`;
const within = (what: string, ready: () => Promise<boolean>) =>
  pollUntil(what, ready, { deadlineMs: 4 * SOON_MS, everyMs: 40 });

/** Until it is so, in milliseconds. */
async function timed(what: string, ready: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  await within(what, ready);
  return performance.now() - start;
}

const isIn = async (id: string, person: { readonly userId: string }) =>
  (await joinedIn(id, rowan)).includes(person.userId);

/** Sets state in Wardroom's own name. */
const set = (type: string, content: object, key = '') =>
  server.asBot('PUT', `${pathOf(room)}/state/${type}/${encodeURIComponent(key)}`, content);

type Levels = Readonly<Record<string, unknown>> & { readonly users: Readonly<Record<string, number>> };
const levels = (id: string) => rowan.api<Levels>('GET', `${pathOf(id)}/state/m.room.power_levels/`);

/** All of a room that anything hangs on: state that says something, who is in it or waits to be, and where it can be found. */
async function whole(id: string): Promise<Readonly<Record<string, unknown>>> {
  type State = { type: string; state_key: string; content: Record<string, unknown> };
  const [state, { aliases }, { visibility }] = await Promise.all([
    server.asBot<State[]>('GET', `${pathOf(id)}/state`),
    server.asBot<{ aliases: string[] }>('GET', `${pathOf(id)}/aliases`),
    server.asBot<{ visibility: string }>('GET', `/_matrix/client/v3/directory/list/room/${encodeURIComponent(id)}`),
  ]);
  const said = state.flatMap(({ type, state_key: key, content }): [string, unknown][] => {
    if (type === 'm.room.member') return content.membership === 'leave' ? [] : [[`${type} ${key}`, content.membership]];
    const isEmpty = Object.values(content).every((value) => value === '');
    return isEmpty ? [] : [[`${type} ${key}`, content]];
  });
  return { ...Object.fromEntries(said.sort(([a], [b]) => (a < b ? -1 : 1))), aliases, visibility };
}

/** How often a fault was corrected so far, in whatever room. */
async function corrected(code: string): Promise<number> {
  const [row] = await ask<{ times: number }>(
    ward.hospital,
    `SELECT count(*)::int AS times FROM wardroom.audit_entries
      WHERE body->>'action' = 'room.corrected' AND body->>'outcome' = 'ok' AND body->>'code' = $1`,
    [code],
  );
  return row?.times ?? 0;
}

/** Makes a fault and waits until a correction of it is in the audit log and the room is as it was; in milliseconds. */
async function putRight(id: string, code: string, make: () => Promise<unknown>): Promise<number> {
  const right = JSON.stringify(await whole(id));
  const before = await corrected(code);
  const start = performance.now();
  await make();
  await within(`${code} to be corrected`, async () => (await corrected(code)) > before);
  await within('the room as it was', async () => JSON.stringify(await whole(id)) === right);
  return performance.now() - start;
}

/** What Wardroom told a member of the room. */
const toldTo = (person: Person) => (event: SeenEvent) =>
  event.roomId === room && event.sender === ward.hospital.bot_user_id && mentioned(event).includes(person.userId);

/** Whether a person's client can read an event whose ciphertext somebody hands them. */
async function reads(person: Person, eventId: string): Promise<boolean> {
  const stored = { ...(await rowan.stored(room, eventId)), room_id: room } as Partial<IEvent>;
  const event = person.client.getEventMapper({ decrypt: false, preventReEmit: true })(stored);
  await person.client.decryptEventIfNeeded(event);
  return !event.isDecryptionFailure();
}

const revoke = (person: Person, role: string) => house.done(`role revoke ${person.userId} ${role}`);
const grant = (person: Person, role: string) => house.done(`role grant ${person.userId} ${role}`);

describe('a clinical room that an administrator makes', () => {
  it('has everybody in it who holds a role for it, without asking, and tells them once what is recorded', async () => {
    await grant(rowan, 'physician');
    const made = await house.done('room create clinical RT 4 West 2');
    room = String(made.data.room_id);
    await grant(yarrow, 'physician');
    await grant(sorrel, 'nurse');
    await Promise.all([rowan, yarrow, sorrel].map((person) => person.room(room)));
    for (const person of [rowan, yarrow, sorrel]) {
      const notice = await person.waitFor(toldTo(person));
      expect([notice.encrypted, notice.content.msgtype]).toEqual([true, 'm.notice']);
      expect(notice.content.body).toContain('Who was in this room and when is recorded');
    }
    // Another role opens nothing new, and nobody is told again: looked at in the end.
    await grant(rowan, 'social-worker');
    await revoke(rowan, 'social-worker');
    for (const person of [umber, vetch]) expect(await isIn(room, person)).toBe(false);
    expect((await house.done(`room explain ${room}`)).code).toBe('well');
  });

  it('is changed by no member: nobody invites, removes, renames, or opens it', async () => {
    for (const [method, path, body] of [
      ['POST', 'invite', { user_id: vetch.userId }],
      ['POST', 'kick', { user_id: yarrow.userId }],
      ['POST', 'ban', { user_id: yarrow.userId }],
      ['PUT', 'state/m.room.name/', { name: 'Mrs Ashby' }],
      ['PUT', 'state/m.room.join_rules/', { join_rule: 'public' }],
      ['PUT', `state/m.room.third_party_invite/token`, { display_name: 'x', key_validity_url: 'x', public_key: 'x' }],
      ['PUT', 'state/m.room.power_levels/', { users: { [rowan.userId]: 100 } }],
    ] as const)
      await expect(rowan.api(method, `${pathOf(room)}/${path}`, body)).rejects.toMatchObject({ status: 403 });
    await expect(vetch.api('POST', `${pathOf(room)}/join`, {})).rejects.toMatchObject({ status: 403 });
  });
});

describe('what an administrator of the homeserver does to it in Wardroom’s own name is put right within five seconds', () => {
  const elsewhere = { join_rule: 'restricted', allow: [{ type: 'm.room_membership', room_id: '!elsewhere' }] };
  const admin = (path: string, body: object) =>
    server.api('POST', `/_synapse/admin/v1/rooms/${encodeURIComponent(room)}/${path}`, body);
  const alias = () => `#rt-ward-4:${ward.hospital.server_name}`;
  const faults: readonly (readonly [what: string, code: string, make: () => Promise<unknown>])[] = [
    ['a name that says who lies there', 'name', () => set('m.room.name', { name: 'Mrs Ashby, bed 4' })],
    ['a topic', 'topic', () => set('m.room.topic', { topic: 'Mrs Ashby: sepsis' })],
    ['a picture', 'avatar', () => set('m.room.avatar', { url: 'mxc://thornbury.example/face' })],
    ['a door that is open to all', 'join-rules', () => set('m.room.join_rules', { join_rule: 'public' })],
    ['a door that another room opens', 'join-rules', () => set('m.room.join_rules', elsewhere)],
    [
      'history that the world can read',
      'history-visibility',
      () => set('m.room.history_visibility', { history_visibility: 'world_readable' }),
    ],
    ['guests let in', 'guest-access', () => set('m.room.guest_access', { guest_access: 'can_join' })],
    [
      'a key for ever',
      'encryption-settings',
      () => set('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2', rotation_period_msgs: 1_000_000_000 }),
    ],
    ['all servers let in', 'server-acl', () => set('m.room.server_acl', { allow: ['*'], deny: [] })],
    [
      'an alias',
      'alias',
      async () => {
        await server.api('PUT', `/_matrix/client/v3/directory/room/${encodeURIComponent(alias())}`, { room_id: room });
        await set('m.room.canonical_alias', { alias: alias() });
      },
    ],
    [
      'a widget that sees what is decrypted',
      'widget',
      () => set('im.vector.modular.widgets', { type: 'm.custom', url: 'https://listen.example/' }, 'listener'),
    ],
    [
      'an invitation by mail',
      'third-party-invite',
      () =>
        set(
          'm.room.third_party_invite',
          { display_name: 'v...', key_validity_url: 'https://id.example/', public_key: 'x' },
          'tok',
        ),
    ],
    ['somebody else’s policy server', 'policy-server', () => set('m.room.policy', { via: 'policy.example' })],
    ['messages that go after a minute', 'retention', () => set('m.room.retention', { max_lifetime: 60_000 })],
    ['all power to a member', 'power-levels', () => admin('make_room_admin', { user_id: rowan.userId })],
    ['all power to the homeserver’s administrator, who is invited', 'power-levels', () => admin('make_room_admin', {})],
    [
      'everybody may invite',
      'power-levels',
      async () => set('m.room.power_levels', { ...(await levels(room)), invite: 0 }),
    ],
    [
      'an outsider made a member',
      'role-missing',
      () => server.asBot('POST', `/_synapse/admin/v1/join/${encodeURIComponent(room)}`, { user_id: vetch.userId }),
    ],
    [
      'an outsider invited',
      'role-missing',
      () => server.asBot('POST', `${pathOf(room)}/invite`, { user_id: vetch.userId }),
    ],
    ['a member removed', 'absent', () => server.asBot('POST', `${pathOf(room)}/kick`, { user_id: sorrel.userId })],
    ['a member banned', 'banned', () => server.asBot('POST', `${pathOf(room)}/ban`, { user_id: sorrel.userId })],
  ];

  it.each(faults)('%s', async (_what, code, make) => {
    expect(await putRight(room, code, make)).toBeLessThan(SOON_MS);
  });

  it('and each correction is in the audit log, and nothing is left to be corrected', async () => {
    const entries = (await auditOf(ward, 'room.corrected')).filter((entry) => entry.room === room);
    for (const [, code] of faults)
      expect(entries).toContainEqual(
        expect.objectContaining({ code, outcome: 'ok', detail: expect.objectContaining({ fault: code }) }),
      );
    expect(entries.length).toBeGreaterThanOrEqual(faults.length);
    expect((await house.done(`room explain ${room}`)).data).toMatchObject({ corrections: [], left_to_people: 0 });
  });
});

describe('a room that somebody made by themselves', () => {
  it('is adopted after it was said who has to leave: encrypted, closed, named as rooms are, and they are out', async () => {
    const { room_id: id } = await rowan.api<{ room_id: string }>('POST', '/_matrix/client/v3/createRoom', {
      room_version: '11',
      name: 'Mrs Ashby, bed 4',
      preset: 'public_chat',
    });
    adopted = id;
    await vetch.join(id);
    const asked = await command(gorse, control, `room adopt ${id} clinical`);
    expect(asked).toMatchObject({ outcome: 'confirm', code: 'removes-people', data: { removed: [vetch.userId] } });
    expect(asked.body).toContain(vetch.userId);
    expect(await isIn(id, vetch)).toBe(true);
    const done = await command(gorse, control, `confirm ${asked.confirm}`);
    expect(done).toMatchObject({ outcome: 'ok', code: 'adopted' });
    await within('them out', async () => !(await isIn(id, vetch)));
    expect(await whole(id)).toMatchObject({
      'm.room.encryption ': { algorithm: 'm.megolm.v1.aes-sha2' },
      'm.room.join_rules ': { join_rule: 'restricted' },
      'm.room.history_visibility ': { history_visibility: 'invited' },
      'm.room.guest_access ': { guest_access: 'forbidden' },
      'm.room.name ': { name: expect.stringMatching(/^Clinical [0-9a-f]{8}$/) },
      [`m.room.member ${yarrow.userId}`]: 'join',
    });
    await expect(vetch.api('POST', `${pathOf(id)}/join`, {})).rejects.toMatchObject({ status: 403 });
  });

  it('keeps its maker’s power, of which people are told, and is corrected all the same', async () => {
    const explained = await house.done(`room explain ${adopted}`);
    expect(explained.data.corrections).toMatchObject([
      { step: 'cannot-correct', why: 'power-above-ours', user: rowan.userId },
    ]);
    const put = (type: string, content: object) => rowan.api('PUT', `${pathOf(adopted)}/state/${type}/`, content);
    for (const [code, type, content] of [
      ['topic', 'm.room.topic', { topic: 'Mrs Ashby: sepsis' }],
      ['history-visibility', 'm.room.history_visibility', { history_visibility: 'world_readable' }],
      ['join-rules', 'm.room.join_rules', { join_rule: 'public' }],
    ] as const)
      expect(await putRight(adopted, code, () => put(type, content))).toBeLessThan(SOON_MS);
    const { users, ...rest } = await levels(adopted);
    await put('m.room.power_levels', { ...rest, users: { ...users, [rowan.userId]: 0 } });
    await within(
      'nothing left to be corrected',
      async () => (await house.done(`room explain ${adopted}`)).code === 'well',
    );
  });
});

describe('somebody whose role is taken', () => {
  it('is out within five seconds, and cannot read what a member writes next, even where they get hold of it', async () => {
    const before = [await rowan.say(room, 'before'), await yarrow.say(room, 'before, too')];
    for (const event of before) await sorrel.waitFor(({ eventId }) => eventId === event);
    // A phone that hears nothing any more, and still sends.
    (yarrow.client as unknown as { syncApi: { stop(): void } }).syncApi.stop();
    await revoke(sorrel, 'nurse');
    expect(await timed('them out', async () => !(await isIn(room, sorrel)))).toBeLessThan(SOON_MS);
    await sorrel.out(room);
    await rowan.waitFor(
      ({ roomId, stateKey, content }) =>
        roomId === room && stateKey === sorrel.userId && content.membership === 'leave' && content.reason !== undefined,
    );
    const after = await rowan.say(room, 'after');
    expect(await reads(sorrel, before[0]!)).toBe(true);
    expect(await reads(sorrel, after)).toBe(false);
    expect(await sessionOf(after, room, rowan)).not.toBe(await sessionOf(before[0]!, room, rowan));
    await expect(sorrel.api('POST', `${pathOf(room)}/join`, {})).rejects.toMatchObject({ status: 403 });

    // Whose client did not hear of it writes on for them: nobody can keep it from that, but it is told.
    const late = await yarrow.say(room, 'with the old key');
    expect(await sessionOf(late, room, rowan)).toBe(await sessionOf(before[1]!, room, rowan));
    expect(await reads(sorrel, late)).toBe(true);
    await gorse.waitFor(({ roomId, content }) => roomId === control && String(content.body).includes('old-key-used'));
    const here = async () => (await auditOf(ward, 'room.old_key_used')).filter((entry) => entry.room === room);
    await within('the entry in the audit log', async () => (await here()).length > 0);
    expect(await here()).toMatchObject([{ actor: yarrow.userId, event: late, outcome: 'failed' }]);
  });
});

describe('somebody who holds the role billing', () => {
  it('is in no clinical room: refused when they ask, out within five seconds when they are put there, and given no key', async () => {
    await grant(umber, 'billing');
    await expect(umber.api('POST', `${pathOf(room)}/join`, {})).rejects.toMatchObject({ status: 403 });
    // Wardroom speaks to somebody who comes in just then.
    const [, , took] = await Promise.all([
      server.asBot('POST', `/_synapse/admin/v1/join/${encodeURIComponent(room)}`, { user_id: umber.userId }),
      grant(tansy, 'nurse'),
      umber.room(room).then(() => timed('them out', async () => !(await isIn(room, umber)))),
    ]);
    expect(took).toBeLessThan(SOON_MS);
    await umber.out(room);
    const notice = await tansy.waitFor(toldTo(tansy));
    expect(await reads(tansy, notice.eventId)).toBe(true);
    for (const person of [umber, sorrel]) expect(await reads(person, notice.eventId)).toBe(false);
    const read = umber.events.all().filter((event) => event.roomId === room && event.encrypted && !event.failure);
    expect(read).toEqual([]);
  });
});

describe('a change of the policy', () => {
  const visibility = async () =>
    (await rowan.api<{ history_visibility: string }>('GET', `${pathOf(room)}/state/m.room.history_visibility/`))
      .history_visibility;

  it('shows what it would do to each room before anybody confirms it, and does that', async () => {
    const { version } = (await house.done('policy show')).data;
    const asked = await command(gorse, control, 'policy set classes.clinical.history_visibility joined');
    expect(asked).toMatchObject({ outcome: 'confirm', data: { second_person: false } });
    const shown = asked.data.corrections as { room_id: string; steps: Record<string, unknown>[] }[];
    expect(shown.map(({ room_id: id }) => id)).toEqual(expect.arrayContaining([room, adopted]));
    for (const { steps } of shown)
      expect(steps).toMatchObject([{ step: 'set-state', type: 'm.room.history_visibility' }]);
    expect(await visibility()).toBe('invited');
    expect(await command(gorse, control, `confirm ${asked.confirm}`)).toMatchObject({ outcome: 'ok', code: 'changed' });
    expect(await timed('the room changed', async () => (await visibility()) === 'joined')).toBeLessThan(SOON_MS);
    // Back again lets newcomers read more: it takes the other administrator.
    const back = await command(gorse, control, `policy rollback ${version}`);
    expect(back).toMatchObject({ outcome: 'confirm', data: { second_person: true } });
    const fir = await house.person('adm.fir');
    expect(await command(fir, control, `confirm ${back.confirm}`)).toMatchObject({ outcome: 'ok' });
    expect(await timed('the room as before', async () => (await visibility()) === 'invited')).toBeLessThan(SOON_MS);
  });
});

describe('a class that asks for terms and a course', () => {
  const answered = (said: string) => (event: SeenEvent) =>
    event.content['org.wardroom.answer'] !== undefined && relation(event)?.['m.in_reply_to']?.event_id === said;
  const saying = (text: string) => (event: SeenEvent) =>
    event.sender === ward.hospital.bot_user_id && String(event.content.body).includes(text);

  it('keeps out who lacks one, refuses a room for them, and lets them in when they accept, by a message of their own', async () => {
    const { version } = (await house.done('policy show')).data;
    const create = (name: string) => house.say(`room create consult ${name} --members ${rowan.userId}`);
    const made = String((await create('Consult 21')).data.room_id);
    await rowan.room(made);
    const rowanIsIn = async () => (await rowan.rooms()).includes(made);
    await house.done(
      'policy set terms.phone-use {"title": "Use of private phones", "text": "I lock my phone, always."}',
    );
    await house.done('policy set classes.consult.terms ["phone-use"]');
    expect(await timed('out', async () => !(await rowanIsIn()))).toBeLessThan(SOON_MS);
    // Who has a role for it finds the door open (MSC3083), and is shown out again.
    await rowan.api('POST', `${pathOf(made)}/join`, {});
    expect(await timed('out after joining', async () => !(await rowanIsIn()))).toBeLessThan(SOON_MS);
    expect(await create('Consult 22')).toMatchObject({ outcome: 'refused', code: 'terms-missing' });

    const told = await rowan.waitFor(saying('I lock my phone, always.'));
    expect([told.encrypted, told.content.body]).toEqual([true, expect.stringContaining('!accept phone-use')]);
    const unknown = await rowan.say(told.roomId, '!accept no-such-terms');
    expect((await rowan.waitFor(answered(unknown))).content['org.wardroom.answer']).toMatchObject({
      outcome: 'refused',
    });
    const said = await rowan.say(told.roomId, '!accept phone-use');
    const answer = await rowan.waitFor(answered(said));
    expect([answer.encrypted, answer.content['org.wardroom.answer']]).toEqual([
      true,
      expect.objectContaining({ command: 'accept', outcome: 'ok', data: expect.objectContaining({ version: 1 }) }),
    ]);
    expect(await timed('in', rowanIsIn)).toBeLessThan(SOON_MS);
    const accepted = await auditOf(ward, 'terms.accepted');
    expect(accepted).toEqual([expect.objectContaining({ actor: rowan.userId, event: said })]);

    await house.done('policy set classes.consult.training ["hipaa"]');
    expect(await timed('out again', async () => !(await rowanIsIn()))).toBeLessThan(SOON_MS);
    expect(await create('Consult 23')).toMatchObject({ outcome: 'refused', code: 'training-missing' });
    await rowan.waitFor(saying('Pass the course "hipaa"'));
    // Put there all the same, by an administrator of the homeserver.
    await server.asBot('POST', `/_synapse/admin/v1/join/${encodeURIComponent(made)}`, { user_id: rowan.userId });
    await rowan.room(made);
    expect(await timed('out at once', async () => !(await rowanIsIn()))).toBeLessThan(SOON_MS);
    const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
    await house.done(`training record ${rowan.userId} hipaa --until ${day}`);
    expect(await timed('in at last', rowanIsIn)).toBeLessThan(SOON_MS);
    await house.done(`policy rollback ${version}`);
    await house.done(`room close ${made}`);
  });
});

describe('Wardroom killed while it brings somebody into twenty rooms, and while it takes them out', () => {
  const inUnits = async () => {
    const rooms = await vetch.rooms();
    return units.filter((id) => rooms.includes(id)).length;
  };
  /** Killed when it has begun and is not done. */
  interface Midway {
    readonly begin: () => Promise<unknown>;
    readonly hasBegun: () => Promise<boolean>;
    /** Asked after the kill: whether something was left to do. */
    readonly isMidway: () => Promise<boolean>;
    readonly takeBack: () => Promise<unknown>;
  }

  /** Kills it while it works. Where the work was done before the kill came, it is given again: this is about a kill in the middle. */
  const killMidway = async ({ begin, hasBegun, isMidway, takeBack }: Midway) => {
    const program = new WardroomProcess(ward);
    for (;;) {
      await begin();
      await pollUntil('it to begin', hasBegun, { deadlineMs: 30_000, everyMs: 5 });
      await program.kill();
      if (await isMidway()) return program;
      await program.start();
      await takeBack();
    }
  };

  it('brings them into all of them after its start, and whose role ended meanwhile is out', async () => {
    const made = await Promise.all(
      Array.from({ length: UNITS }, (_, at) => house.done(`room create clinical RT Unit ${at + 1} --roles pharmacist`)),
    );
    units = made.map(({ data }) => String(data.room_id));
    const program = await killMidway({
      begin: () => grant(vetch, 'pharmacist'),
      hasBegun: async () => (await inUnits()) > 0,
      isMidway: async () => (await inUnits()) < UNITS,
      async takeBack() {
        await revoke(vetch, 'pharmacist');
        await within('nobody in them', async () => (await inUnits()) === 0);
      },
    });

    const rows = [
      [rowan, 'physician'],
      [yarrow, 'physician'],
      [umber, 'billing'],
      [vetch, 'pharmacist'],
    ] as const;
    const file = join(ward.dir, 'rt-roles.csv');
    writeFileSync(file, ['user,role,until', ...rows.map(([{ userId }, role]) => `${userId},${role},`)].join('\n'));
    const imported = await wardroom(['role', 'import', file, '--prune', '--json', '--dir', ward.dir]);
    expect(JSON.parse(imported.stdout)).toMatchObject({
      done: true,
      granted: [],
      revoked: [{ user_id: tansy.userId, role: 'nurse' }],
    });
    expect(await isIn(room, tansy)).toBe(true);

    await program.start();
    expect(await timed('them out', async () => !(await isIn(room, tansy)))).toBeLessThan(SOON_MS);
    await within('them in all rooms', async () => (await inUnits()) === UNITS);
  });

  it('takes them out of all of them after its start, and the audit log explains every removal', async () => {
    const removals = async () =>
      (await auditOf(ward, 'room.member')).filter(
        ({ room: of, code }) => units.includes(of ?? '') && (code === 'leave' || code === 'ban'),
      );
    let before = 0;
    const program = await killMidway({
      async begin() {
        before = (await removals()).length;
        await revoke(vetch, 'pharmacist');
      },
      hasBegun: async () => (await inUnits()) < UNITS,
      isMidway: async () => (await inUnits()) > 0,
      async takeBack() {
        await grant(vetch, 'pharmacist');
        await within('them in all rooms', async () => (await inUnits()) === UNITS);
      },
    });
    await program.start();
    await within('them out of all rooms', async () => (await inUnits()) === 0);
    await within('all of it in the audit log', async () => (await removals()).length - before >= UNITS);
    const removed = (await removals()).slice(before);
    expect(removed.map(({ detail }) => detail?.user)).toEqual(Array(UNITS).fill(vetch.userId));
    const stepsOf = (detail: Readonly<Record<string, unknown>> = {}) =>
      (detail.steps ?? []) as readonly { readonly step: string; readonly user?: string }[];
    const planned = (await auditOf(ward, 'room.correcting')).filter(({ detail }) =>
      stepsOf(detail).some(({ step, user }) => step === 'kick' && user === vetch.userId),
    );
    for (const { room: of } of removed) expect(planned.map((entry) => entry.room)).toContain(of);
    expect(await rowan.rooms()).toEqual(expect.arrayContaining([room, adopted]));
  });
});

describe('in the end', () => {
  it('everybody was told once, whatever became of their roles and of Wardroom', async () => {
    const notices = (await roomHistory(rowan, room)).filter(({ content }) => {
      const users = (content?.['m.mentions'] as { user_ids?: string[] } | undefined)?.user_ids;
      return users?.includes(rowan.userId);
    });
    expect(notices.map(({ sender }) => sender)).toEqual([ward.hospital.bot_user_id]);
    const told = (await auditOf(ward, 'room.members_told')).filter((entry) => entry.room === room);
    const users = told.flatMap(({ detail }) => detail?.users as string[]);
    expect([...users].sort()).toEqual([rowan, yarrow, sorrel, tansy, vetch].map(({ userId }) => userId).sort());
  });

  it('a room that is closed has nobody in it, whatever roles they hold', async () => {
    const closed = await house.done(`room close ${room}`);
    expect(closed.code).toBe('closed');
    const left = async () => Object.keys(await whole(room)).filter((key) => key.startsWith('m.room.member '));
    await within('nobody in it', async () => (await left()).length === 1);
    expect(await left()).toEqual([`m.room.member ${ward.hospital.bot_user_id}`]);
    await expect(rowan.api('POST', `${pathOf(room)}/join`, {})).rejects.toMatchObject({ status: 403 });
    // What other stories would meet.
    for (const [person, role] of [
      [rowan, 'physician'],
      [yarrow, 'physician'],
      [umber, 'billing'],
    ] as const)
      await revoke(person, role);
    await within('nobody in the other one', async () => !(await rowan.rooms()).includes(adopted));
  });
});
