import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { request } from '../src/dev/admin.ts';
import type { HospitalInfo } from '../src/dev/hospitalInfo.ts';
import { House } from '../src/dev/house.ts';
import { withHospital } from '../src/dev/temporaryHospital.ts';
import { pollUntil } from '../src/dev/wait.ts';
import { AccessLog } from './accessLog.ts';
import { createRooms } from './keptRooms.ts';
import { atOnce } from './load.ts';
import { quantile, type Ratio, round } from './ratios.ts';
import { asToken } from './ward.ts';

const ROOMS = 50;
const ROUNDS = 7;
/** As many as Wardroom works on at once. */
const AT_ONCE = 8;
/** Nothing is asked of any room so long: the round before it is over. */
const REST_MS = 3_000;

/**
 * From the command that revokes a role until the person is out of 50 rooms and every session there is ended, all of it audited / 50 bare kick
 * requests by the same bot in 50 other rooms with the same state and members, as many at once; in alternating rounds.
 */
export async function revoke(say: (line: string) => void): Promise<Ratio> {
  const data = fileURLToPath(new URL('./dispatch.yaml', import.meta.url));
  return withHospital({ name: 'bench', data, say }, (hospital) => measure(hospital, say));
}

async function measure(hospital: HospitalInfo, say: (line: string) => void): Promise<Ratio> {
  const house = new House(hospital);
  const database = new pg.Client({ connectionString: hospital.processes.postgres.url });
  // One that is interrupted loses its hospital first.
  database.on('error', ({ message }) => say(`  ${message}`));
  await database.connect();
  try {
    await house.open('dr.hawthorn', 'dr.juniper');
    // A phone that has the keys, and is switched off: only requests and Wardroom use the machine.
    const person = await house.person('np.larch');
    person.stop();
    const one: Scene = { hospital, token: asToken(hospital), house, database, user: person.userId };
    await house.done(`role grant ${one.user} physician`);
    const kept = await createRooms(house, { from: 0, to: ROOMS, classOf: () => 'clinical' }, say);
    const bare = await bareRooms(one, kept[0] ?? '');
    const rest = () => new AccessLog(hospital).roomsAtRest(REST_MS);
    const rounds: { readonly kicks: number; readonly revoked: number; readonly answered: number }[] = [];
    // The first one does not count.
    for (let index = 0; index <= ROUNDS; index += 1) {
      if (index > 0) await house.done(`role grant ${one.user} physician`);
      await inEach(bare, (room) => bringIn(one, room));
      await pollUntil('everybody in', async () => holdsAll(await joined(one), [...kept, ...bare]), {
        deadlineMs: 60_000,
      });
      await rest();
      const kicks = await timed(() => inEach(bare, (room) => kick(one, room)));
      await rest();
      const { revoked, answered } = await revokeRole(one);
      const left = (await joined(one)).filter((room) => kept.includes(room) || bare.includes(room));
      if (left.length > 0) throw new Error(`still in ${left.length} rooms`);
      await rest();
      say(
        `  round ${index}: kicks ${round(kicks, 0)} ms, revoked ${round(revoked, 0)} ms (answered after ${round(answered, 0)}), ratio ${round(revoked / kicks)}`,
      );
      if (index > 0) rounds.push({ kicks, revoked, answered });
    }
    const ms = (of: (one: (typeof rounds)[number]) => number) => round(quantile(rounds.map(of), 0.5), 0);
    const parts = {
      kicks_ms: ms(({ kicks }) => kicks),
      revoked_ms: ms(({ revoked }) => revoked),
      answered_ms: ms(({ answered }) => answered),
      rooms: ROOMS,
    };
    const ratios = rounds.map(({ kicks, revoked }) => revoked / kicks);
    return { value: round(quantile(ratios, 0.5)), parts };
  } finally {
    await database.end();
    await house.close();
  }
}

interface Scene {
  readonly hospital: HospitalInfo;
  /** The application service's. */
  readonly token: string;
  readonly house: House;
  readonly database: pg.Client;
  /** Who loses the role. */
  readonly user: string;
}

/** A request by the bot, with the application service's token. */
const asBot = <T>({ hospital, token }: Scene, method: string, path: string, body?: unknown): Promise<T> =>
  request<T>(method, `${hospital.homeserver_url}${path}?user_id=${encodeURIComponent(hospital.bot_user_id)}`, {
    token,
    ...(body === undefined ? {} : { body }),
  });

const kick = (one: Scene, room: string): Promise<unknown> =>
  asBot(one, 'POST', `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/kick`, {
    user_id: one.user,
    reason: 'Holds none of the roles of this room.',
  });

const bringIn = (one: Scene, room: string): Promise<unknown> =>
  asBot(one, 'POST', `/_synapse/admin/v1/join/${encodeURIComponent(room)}`, { user_id: one.user });

/** Rooms that nobody keeps, with the state of one that is kept. */
async function bareRooms(one: Scene, like: string): Promise<readonly string[]> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(like)}/state`;
  const state = await asBot<readonly { type: string; state_key: string; content: unknown }[]>(one, 'GET', path);
  const ours = ['m.room.create', 'm.room.member', 'm.room.name'];
  const copied = state.filter(({ type }) => type.startsWith('m.') && !ours.includes(type));
  const initial = copied.map(({ type, state_key, content }) => ({ type, state_key, content }));
  const rooms: string[] = [];
  await atOnce(ROOMS, AT_ONCE, async () => {
    const made = await asBot<{ room_id: string }>(one, 'POST', '/_matrix/client/v3/createRoom', {
      preset: 'private_chat',
      room_version: '12',
      creation_content: { 'm.federate': false },
      name: `Bare ${rooms.length}`,
      initial_state: initial,
    });
    rooms.push(made.room_id);
  });
  return rooms;
}

/** The rooms that the person is in, by the homeserver's administrators' API. */
async function joined(one: Scene): Promise<readonly string[]> {
  const path = `/_synapse/admin/v1/users/${encodeURIComponent(one.user)}/joined_rooms`;
  return (await asBot<{ joined_rooms: readonly string[] }>(one, 'GET', path)).joined_rooms;
}

/** Milliseconds from the command to the record that both steps were taken in every room, and to its answer. */
async function revokeRole({ house, database, user }: Scene): Promise<{ revoked: number; answered: number }> {
  const { rows } = await database.query<{ last: string }>('SELECT max(entry_id) AS last FROM wardroom.audit_entries');
  const from = performance.now();
  const answering = house.done(`role revoke ${user} physician`).then(() => performance.now() - from);
  const isOver = async () => {
    const done = await database.query<{ rooms: string }>({
      name: 'bench_revoked',
      text: `SELECT count(*) AS rooms FROM (
               SELECT FROM wardroom.audit_entries
                WHERE entry_id > $1 AND body->>'action' = 'room.corrected' AND body->>'outcome' = 'ok'
                GROUP BY body->>'roomRef' HAVING count(*) = 2) AS cleared`,
      values: [rows[0]?.last],
    });
    return Number(done.rows[0]?.rooms) >= ROOMS;
  };
  const over = pollUntil('out of every room', isOver, { deadlineMs: 60_000, everyMs: 10 });
  const revoked = over.then(() => performance.now() - from);
  return { revoked: await revoked, answered: await answering };
}

/** As many at once as Wardroom does. */
async function inEach(rooms: readonly string[], one: (room: string) => Promise<unknown>): Promise<void> {
  const left = rooms.values();
  await atOnce(rooms.length, AT_ONCE, async () => {
    const { value } = left.next();
    if (value !== undefined) await one(value);
  });
}

const holdsAll = (all: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every((room) => all.includes(room));

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
