import { request } from '../../src/dev/admin.ts';
import { command } from '../../src/dev/controlDesk.ts';
import { House } from '../../src/dev/house.ts';
import type { Person } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { ask } from './support/database.ts';
import { about, Ward } from './support/ward.ts';

const ACCOUNT = 'LEAVES';

let ward: Ward;
let house: House;
let room: string;
let zinnia: string;

/** One after the other: each test begins where the one before it ended. */
beforeAll(async () => {
  ward = await Ward.open();
  room = ward.room(ACCOUNT);
  zinnia = ward.userId('dr.zinnia');
  house = new House(ward.hospital, (key) => ward.person(key));
  await house.open('adm.fir', 'adm.gorse');
});
afterAll(() => ward?.close());

interface ShownDevice {
  readonly device_id: string;
  readonly trust: string;
  readonly last_seen: string | null;
}

/** What the homeserver says to this client now. */
async function whoAmI({ accessToken }: Person): Promise<string> {
  const response = await fetch(`${ward.hospital.homeserver_url}/_matrix/client/v3/account/whoami`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return response.status === 200 ? 'ok' : String(((await response.json()) as { errcode?: unknown }).errcode);
}

/** The Megolm sessions that a client holds the key of. */
const sessionsOf = async (person: Person): Promise<readonly string[]> =>
  (JSON.parse((await person.client.getCrypto()?.exportRoomKeysAsJson()) ?? '[]') as { session_id: string }[]).map(
    ({ session_id: session }) => session,
  );

/** The session that a ticket's message is encrypted with, as somebody else's client sees it, and whose devices were given its key. */
async function message(id: string, reader: Person) {
  // A client may have it a moment before Wardroom has its id on record.
  const { event_id: event } = await ward.until(id, (ticket) => ticket.event_id !== null);
  const stored = (await reader.stored(room, String(event))).content as { session_id?: unknown };
  const [row] = await ask<{ readers: Record<string, string[]> }>(
    ward.hospital,
    `SELECT readers FROM wardroom.messages WHERE ticket_id = $1 AND kind = 'ticket'`,
    [id],
  );
  return { session: String(stored.session_id), readers: row?.readers[zinnia] ?? [] };
}

let tablet: Person;

it('a phone that is just sending is wiped: it is logged out, and reads nothing that Wardroom says from then on', async () => {
  const phone = await ward.person('dr.zinnia');
  tablet = await ward.person('dr.zinnia');
  await Promise.all([phone.room(room), tablet.room(room)]);
  const listed = await house.done(`device list ${zinnia}`);
  const devices = listed.data.devices as readonly ShownDevice[];
  expect(devices).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ device_id: phone.deviceId, trust: 'verified' }),
      expect.objectContaining({ device_id: tablet.deviceId, trust: 'verified' }),
    ]),
  );
  const before = await ward.post(ACCOUNT);
  await Promise.all([phone, tablet].map((one) => one.waitFor(about(before, 'ticket'))));
  const old = await message(before, tablet);
  expect(old.readers).toContain(phone.deviceId);
  expect(await sessionsOf(phone)).toContain(old.session);

  let sent = 0;
  const first = Promise.withResolvers<void>();
  const sending = (async () => {
    for (;;) {
      await phone.say(room, 'still here');
      sent += 1;
      first.resolve();
    }
  })().catch((error: unknown) => error);
  await first.promise;
  const wiped = await house.done(`device wipe ${zinnia} ${phone.deviceId}`);
  expect(wiped.code).toBe('wiped');
  expect(wiped.data.rooms).toContain(room);
  expect(wiped.body).toContain('key backup');
  const ended = await sending;
  expect(sent).toBeGreaterThan(0);
  expect((ended as { errcode?: unknown }).errcode).toBe('M_UNKNOWN_TOKEN');
  expect(await whoAmI(phone)).toBe('M_UNKNOWN_TOKEN');
  expect(await whoAmI(tablet)).toBe('ok');

  const after = await ward.post(ACCOUNT);
  await tablet.waitFor(about(after, 'ticket'));
  const now = await message(after, tablet);
  expect(now.session).not.toBe(old.session);
  expect(now.readers).toEqual([tablet.deviceId]);
  expect(await sessionsOf(phone)).not.toContain(now.session);
  expect(await sessionsOf(tablet)).toContain(now.session);
});

it('an account is locked and unlocked', async () => {
  await house.done(`user lock ${zinnia}`);
  expect(await whoAmI(tablet)).toBe('M_USER_LOCKED');
  await house.done(`user unlock ${zinnia}`);
  expect(await whoAmI(tablet)).toBe('ok');
});

it('a clinician on duty with tickets leaves, through a kill: everything of hers ends, her tickets call others, nobody pages her', async () => {
  await house.done(`role grant ${zinnia} physician`);
  const [taken, open] = [await ward.post(ACCOUNT), await ward.post(ACCOUNT)];
  for (const id of [taken, open]) await tablet.waitFor(about(id, 'ticket'));
  await tablet.react(room, String((await ward.look(taken)).event_id), '✅');
  await ward.untilState(taken, 'acknowledged');
  const fir = await house.person('adm.fir');
  const control = String(ward.hospital.control_room_id);
  const asked = await command(fir, control, `user offboard ${zinnia} --to ${ward.userId('dr.alder')}`);
  expect(asked.outcome).toBe('confirm');
  const answering = command(fir, control, `confirm ${asked.confirm}`, 90_000);
  // Killed as soon as it is decided, whatever of it is done by then.
  const decided = async () =>
    (await ask(ward.hospital, 'SELECT 1 FROM wardroom.departures WHERE user_id = $1', [zinnia])).length > 0;
  await pollUntil('that it is decided', decided, { deadlineMs: 30_000, everyMs: 5 });
  await ward.dev('kill', 'wardroom');
  await ward.dev('start', 'wardroom');
  const answer = await answering;
  expect([answer.code, answer.data.parts]).toEqual([
    'offboarded',
    ['roles', 'duties', 'tickets', 'devices', 'account'].map((part) => expect.objectContaining({ part, done: true })),
  ]);
  const beech = ward.userId('dr.beech');
  const alder = ward.userId('dr.alder');
  for (const id of [taken, open])
    expect(
      await ward.until(id, ({ timeline }) => timeline.some(({ event, who }) => event === 'step_due' && who === alder)),
    ).toMatchObject({
      acknowledged: null,
    });
  expect(await whoAmI(tablet)).not.toBe('ok');
  const login = await fetch(`${ward.hospital.homeserver_url}/_matrix/client/v3/login`, {
    method: 'POST',
    body: JSON.stringify({
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: zinnia },
      password: ward.password('dr.zinnia'),
    }),
  });
  expect(login.ok).toBe(false);
  const members = `${ward.hospital.homeserver_url}/_synapse/admin/v1/rooms/${encodeURIComponent(room)}/members`;
  await pollUntil(
    'that she is out of the room',
    async () => {
      const { members: left } = await request<{ members: string[] }>('GET', members, {
        token: ward.hospital.admin.access_token,
      });
      return !left.includes(zinnia);
    },
    { deadlineMs: 20_000 },
  );
  expect((await house.done(`role list ${zinnia}`)).data.roles).toEqual([]);
  await pollUntil(
    'a page that calls her successor',
    async () => {
      const id = await ward.post(ACCOUNT);
      const { timeline } = await ward.until(id, (ticket) => ticket.timeline.some(({ event }) => event === 'step_due'));
      const called = timeline.flatMap(({ event, who }) => (event === 'step_due' ? [who] : []));
      return called.includes(alder) && !called.includes(zinnia) && !called.includes(beech);
    },
    { deadlineMs: 20_000 },
  );
  const back = await house.done(`user unlock ${zinnia}`);
  expect(back.data.back_on_schedules).toBe(true);
});
