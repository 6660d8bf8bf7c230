import { BreakGlass } from '../../src/flows/breakGlass/breakGlass.ts';
import { BreakGlassWatch } from '../../src/flows/breakGlass/breakGlassWatch.ts';
import type { BreakGlassNotice, EmergencyRooms, PastMessage } from '../../src/flows/breakGlassPort.ts';
import type { Decided } from '../../src/flows/commandsPort.ts';
import type { CrashPoint, Tx } from '../../src/flows/ports.ts';
import { eventId, type RoomId, roomId, type UserId, userId } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import { err, ok } from '../../src/kernel/result.ts';
import type { Facts, Past } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { builtInPolicy, factsOf, holds, local, NOW } from '../policy/support.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { storeOn } from './controlRig.ts';
import { keepingOf, Rooms, record, subject } from './keeperRig.ts';

let bench: AuditBench;
let store: PostgresStore;
/** What a process logs of itself that no test wanted. */
let failures: unknown[];

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
beforeEach(async () => {
  failures = [];
  await bench.admin.query(
    'TRUNCATE wardroom.kept_rooms, wardroom.kept_rooms_told, wardroom.break_glass_events, wardroom.audit_entries CASCADE',
  );
});
afterEach(() => expect(failures).toEqual([]));
afterAll(() => bench?.close());

const MIN = 60_000;
const DAY = 86_400_000;
const [ash, birch, rowan, clerk, officer] = ['ash', 'birch', 'rowan', 'clerk', 'officer'].map(local) as [
  UserId,
  UserId,
  UserId,
  UserId,
  UserId,
];
const REASON = 'CNRY-REASON code blue, nobody of the team answers';
const PAST: readonly PastMessage[] = [
  { sender: ash, sentAt: NOW - 1000, text: new Phi('CNRY-PAST potassium 6.9') },
  { sender: birch, sentAt: NOW - 500, text: null },
];

/** What a homeserver keeps of transcripts, whatever process speaks. */
interface Homeserver {
  readonly keeper: Rooms;
  readonly said: Map<string, string>;
  readonly closed: string[];
  /** What was asked for of a room's past. */
  readonly reached: Past[];
  answers: boolean;
  /** Where the process that speaks is killed, once. */
  killedAt: CrashPoint | null;
}

class Killed extends Error {}

const grants = [
  ...[ash, birch].map((user) => holds(user, 'physician')),
  holds(rowan, 'nurse'),
  holds(clerk, 'nurse'),
  holds(clerk, 'billing'),
  holds(officer, 'privacy-officer'),
];
/** Nurses are not in rooms of this hospital's clinical class. */
const policy = structuredClone(builtInPolicy);
policy.classes.clinical!.roles = ['physician'];

function processOn(server: Homeserver, world: { facts: Partial<Facts>; now: number }) {
  const { keeper, said, closed, reached } = server;
  const kept = keepingOf(store, keeper, world);
  const { keeping } = kept;
  const told = new Map<string, BreakGlassNotice>();
  const clock = { now: () => world.now };
  const down = err({ kind: 'retry', code: 'homeserver-unreachable' } as const);
  const rooms: EmergencyRooms = {
    async ensure(name) {
      if (!server.answers) return down;
      const id = roomId(`!own-${name}`);
      if (!keeper.rooms.has(id)) keeper.add(id, '12');
      return ok(id);
    },
    async bringIn(room, user) {
      keeper.at(room).put('m.room.member', { membership: 'join' }, user);
      return ok(undefined);
    },
    isIn: async (room, user) => (server.answers ? ok(keeper.at(room).membership(user) === 'join') : down),
    async past(_room, _user, reach) {
      if (!server.answers) return down;
      reached.push(reach);
      return ok(PAST);
    },
    async say(room, id, content) {
      if (!server.answers) return down;
      said.set(`${room} ${id}`, String(content.reveal().body));
      return ok(eventId(`$${id}`));
    },
    async close(room, user) {
      keeper.at(room).put('m.room.member', { membership: 'leave' }, user);
      for (const key of [...said.keys()]) if (key.startsWith(`${room} `) && !key.endsWith('.closed')) said.delete(key);
      closed.push(room);
      return ok(undefined);
    },
  };
  let isDead = false;
  const crash = {
    reach(point: CrashPoint) {
      if (server.killedAt === point) isDead = true;
      if (!isDead) return;
      server.killedAt = null;
      throw new Killed(point);
    },
  };
  const watch = new BreakGlassWatch({
    store,
    clock,
    crash,
    rooms,
    officers: {
      async tell(id, notice) {
        if (!server.answers) return down;
        told.set(id, notice);
        return ok(null);
      },
    },
    wording: {
      transcript: (messages) => messages.map(({ text }) => new Phi({ body: text?.reveal() ?? 'unreadable' })),
      closing: () => new Phi({ body: 'closed' }),
    },
    roomName: () => '4 West 2',
    admits: (room, user) => keeping.admits(room, user),
    recheck: (room) => keeping.recheck(room),
    onFailure: (error) => void (error instanceof Killed || failures.push(error)),
  });
  const desk = new BreakGlass({
    clock,
    machineClock: clock,
    crash,
    facts: async () => factsOf({ ...world.facts, now: world.now }),
    roomOf: (room) => keeping.of(room),
    admits: (room, user) => keeping.admits(room, user),
    onChanged: () => undefined,
  });
  const does = async (work: (tx: Tx) => Promise<Decided>): Promise<Decided> => {
    let decided: Decided | null = null;
    await store.change(async (tx) => {
      decided = await work(tx);
      return { value: null, audit: [{ action: 'command.given', outcome: 'ok', actor: 'test' }, ...decided.audit] };
    });
    return decided!;
  };
  const settle = async () => {
    await keeping.look();
    await keeping.idle();
    await watch.look();
    await keeping.idle();
    await watch.look();
  };
  return { ...kept, watch, desk, does, told, settle };
}

async function ward(roomClass = 'clinical') {
  const world = { now: NOW, facts: { grants, policy } as Partial<Facts> };
  const server: Homeserver = {
    keeper: new Rooms(),
    said: new Map(),
    closed: [],
    reached: [],
    answers: true,
    killedAt: null,
  };
  const first = processOn(server, world);
  await record(store, 'ward', subject({ class: roomClass, name: '4 West 2' }));
  await first.keeping.load();
  await first.keeping.start();
  const made = await first.keeping.make('ward');
  if (!made.ok) throw new Error(made.error.code);
  await first.keeping.idle();
  const room: RoomId = made.value;
  const ask = (user: UserId, over: { reason?: string | null; forMs?: number | null } = {}) => {
    const { reason = REASON, forMs = null } = over;
    return first.does((tx) =>
      first.desk.take(tx, { user, room, reason: reason === null ? null : new Phi(reason), forMs }),
    );
  };
  return { ...first, world, server, room, at: server.keeper.at(room), ask };
}

const audited = async (): Promise<readonly string[]> => {
  const { rows } = await bench.pool.query<{ action: string; code: string | null }>(
    `SELECT body->>'action' AS action, body->>'code' AS code FROM wardroom.audit_entries
      WHERE body->>'action' LIKE 'breakglass.%' ORDER BY entry_id`,
  );
  return rows.map(({ action, code }) => (code === null ? action : `${action} ${code}`));
};

describe('emergency access is refused, which is on record, and nobody comes in', () => {
  it.each<[string, string, UserId, Parameters<Awaited<ReturnType<typeof ward>>['ask']>[1], string]>([
    ['without a reason', 'reason-missing', rowan, { reason: null }, 'clinical'],
    ['with a reason that says nothing', 'reason-missing', rowan, { reason: ' .  ' }, 'clinical'],
    ['for longer than the class allows', 'too-long', rowan, { forMs: 31 * MIN }, 'clinical'],
    ['to who holds a role that is kept out', 'role-excluded', clerk, {}, 'clinical'],
    ['to who holds no role', 'no-emergency-role', local('nobody'), {}, 'clinical'],
    ['to people of other organisations', 'other-organisation', userId('@guest:fenwickvale.example'), {}, 'clinical'],
    ['to who may be in the room anyway', 'may-be-in', ash, {}, 'clinical'],
    ['to rooms of substance use treatment', 'no-emergency-access', rowan, {}, 'restricted-42cfr2'],
    ['to the control room', 'no-emergency-access', rowan, {}, 'control'],
  ])('%s', async (_what, code, user, over, roomClass) => {
    const { ask, settle, at } = await ward(roomClass);
    const before = at.membership(user);
    expect(await ask(user, over)).toMatchObject({ outcome: 'refused', code });
    await settle();
    expect(at.membership(user)).toBe(before);
    expect(await audited()).toEqual([`breakglass.refused ${code}`]);
  });
});

it('once it is given the person is in the room and has its key, reads the past in a room of their own, and officers are told; nobody else is let in', async () => {
  const { ask, settle, at, keeping, room, server, told } = await ward();
  expect(keeping.readersOf(room, [ash, rowan])).toEqual([ash]);
  const given = await ask(rowan, { forMs: 20 * MIN });
  const until = new Date(NOW + 20 * MIN).toISOString();
  expect(given).toMatchObject({ code: 'granted', data: { breakglass: 'BG-1', room_id: room, user_id: rowan } });
  expect(Date.parse(String(given.data.until))).toBe(Date.parse(until));
  await settle();
  expect([at.membership(rowan), at.membership(clerk)]).toEqual(['join', undefined]);
  expect(keeping.readersOf(room, [ash, rowan, clerk])).toEqual([ash, rowan]);
  expect([...server.said]).toEqual([
    ['!own-BG-1 wr.breakglass.BG-1.transcript.0', 'CNRY-PAST potassium 6.9'],
    ['!own-BG-1 wr.breakglass.BG-1.transcript.1', 'unreadable'],
  ]);
  expect([...told.values()]).toEqual([
    { kind: 'granted', use: 'BG-1', user: rowan, room, roomName: '4 West 2', until: NOW + 20 * MIN },
  ]);
  expect(await ask(rowan)).toMatchObject({ outcome: 'refused', code: 'already-given' });
  await settle();
  expect(await audited()).toEqual([
    'breakglass.granted',
    'breakglass.told',
    'breakglass.opened',
    'breakglass.transcript',
    'breakglass.refused already-given',
  ]);
  const stored = await bench.admin.query('SELECT event::text, text_ciphertext FROM wardroom.break_glass_events');
  expect(JSON.stringify(stored.rows)).not.toContain('CNRY');
  expect(stored.rows[0]?.text_ciphertext?.includes('CNRY')).toBe(false);
});

it('at the end, to the millisecond, nobody has the key any more, the person is out, the key has changed and the transcript is gone', async () => {
  const { ask, settle, at, keeping, room, server, world } = await ward();
  await ask(rowan);
  await settle();
  world.now = NOW + 30 * MIN - 1;
  await settle();
  expect([at.membership(rowan), keeping.admits(room, rowan)]).toEqual(['join', true]);
  const rotated = at.rotated;
  world.now += 1;
  expect(keeping.admits(room, rowan)).toBe(false);
  await settle();
  await settle();
  expect([at.membership(rowan), at.membership(ash), at.rotated > rotated]).toEqual(['leave', 'join', true]);
  expect([...server.said.values(), ...server.closed]).toEqual(['closed', '!own-BG-1']);
  expect((await audited()).slice(-2)).toEqual(['breakglass.ended', 'breakglass.closed']);
});

it('what is over while Wardroom is dead is ended by the process that comes after it, as it starts', async () => {
  const { ask, settle, at, server, world } = await ward();
  await ask(rowan);
  await settle();
  world.now = NOW + 31 * MIN;
  const next = processOn(server, world);
  await next.keeping.load();
  await next.keeping.start();
  await next.keeping.idle();
  expect(at.membership(rowan)).toBe('leave');
  await next.watch.look();
  expect(server.closed).toEqual(['!own-BG-1']);
});

it('a homeserver that does not answer loses nothing: officers, transcript and end are made up for, each once', async () => {
  const { ask, settle, server, told, world } = await ward();
  server.answers = false;
  await ask(rowan);
  await settle();
  expect([told.size, server.said.size]).toEqual([0, 0]);
  server.answers = true;
  await settle();
  expect([told.size, server.said.size]).toEqual([1, 2]);
  server.answers = false;
  world.now = NOW + 30 * MIN;
  await settle();
  expect(server.closed).toEqual([]);
  server.answers = true;
  await settle();
  await settle();
  expect(server.closed).toEqual(['!own-BG-1']);
});

describe('killed while it hands the past out, or takes it back, the next process does the rest, and nothing twice', () => {
  it.each<[CrashPoint, number]>([
    ['breakglass.reading', 0],
    ['breakglass.ended', 30],
    ['breakglass.closing', 30],
  ])('%s', async (point, minutes) => {
    const { ask, settle, at, server, told, world } = await ward();
    await ask(rowan);
    if (minutes > 0) await settle();
    world.now += minutes * MIN;
    server.killedAt = point;
    // As a process ends: nothing of it goes on.
    for (let looks = 0; looks < 5 && server.killedAt !== null; looks += 1) {
      await settle().catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
    }
    expect(server.killedAt).toBeNull();
    if (point === 'breakglass.closing') expect(server.closed).toEqual([]);
    const next = processOn(server, world);
    await next.keeping.load();
    await next.keeping.start();
    await next.settle();
    await next.settle();
    expect([told.size + next.told.size, at.membership(rowan)]).toEqual([1, minutes > 0 ? 'leave' : 'join']);
    expect([...server.said.values()]).toEqual(minutes > 0 ? ['closed'] : ['CNRY-PAST potassium 6.9', 'unreadable']);
    expect(server.closed).toEqual(minutes > 0 ? ['!own-BG-1'] : []);
    const entries = await audited();
    expect(entries).toEqual([...new Set(entries)]);
  });
});

it('a transcript that is tried again reaches as far back as the first time', async () => {
  const { ask, settle, server, world } = await ward();
  await ask(rowan);
  server.killedAt = 'breakglass.reading';
  await settle();
  world.now += 10 * MIN;
  const next = processOn(server, world);
  await next.keeping.load();
  await next.keeping.start();
  await next.settle();
  expect(server.reached.length).toBeGreaterThan(1);
  for (const reach of server.reached) expect(reach).toEqual({ since: NOW - DAY, messages: 200 });
});

it('an officer ends it early; the person is out, and may ask again', async () => {
  const { ask, settle, at, desk, does, room } = await ward();
  await ask(rowan);
  await settle();
  expect(await does((tx) => desk.end(tx, officer, room, ash))).toMatchObject({ code: 'not-running' });
  expect(await does((tx) => desk.end(tx, officer, room, rowan))).toMatchObject({ code: 'ended' });
  await settle();
  expect(at.membership(rowan)).toBe('leave');
  expect(await does((tx) => desk.end(tx, officer, room, rowan))).toMatchObject({ code: 'not-running' });
  expect(await ask(rowan)).toMatchObject({ code: 'granted', data: { breakglass: 'BG-2' } });
  await settle();
  expect(at.membership(rowan)).toBe('join');
});

it('is reviewed by somebody else once it is over; until then officers are asked each day, once', async () => {
  const { ask, settle, desk, does, told, world } = await ward();
  await ask(rowan);
  await settle();
  const review = (by: UserId) => does((tx) => desk.review(tx, by, 1, new Phi('CNRY-NOTE it was so')));
  expect(await review(officer)).toMatchObject({ outcome: 'refused', code: 'still-running' });
  world.now = NOW + 30 * MIN;
  await settle();
  const asked = () => [...told.values()].flatMap((one) => (one.kind === 'unreviewed' ? [one.days] : []));
  world.now += DAY - 1;
  await settle();
  expect(asked()).toEqual([]);
  world.now += 1;
  await settle();
  await settle();
  expect(asked()).toEqual([1]);
  world.now += 2 * DAY;
  await settle();
  expect(asked()).toEqual([1, 3]);
  const listed = await does((tx) => desk.list(tx, false));
  expect(listed.data.uses).toMatchObject([{ breakglass: 'BG-1', user_id: rowan, reviewed_by: null }]);
  expect(listed.words?.reveal()).toEqual({ 'BG-1': REASON });
  expect(await review(rowan)).toMatchObject({ outcome: 'refused', code: 'own-use' });
  expect(await review(officer)).toMatchObject({ outcome: 'ok', code: 'reviewed', data: { reviewed_by: officer } });
  expect(await review(ash)).toMatchObject({ code: 'already-reviewed' });
  world.now += DAY;
  await settle();
  expect(asked()).toEqual([1, 3]);
  expect((await does((tx) => desk.list(tx, false))).data.uses).toEqual([]);
  expect((await audited()).at(-1)).toBe('breakglass.reviewed');
});
