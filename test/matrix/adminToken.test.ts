import { type RoomId, userId } from '../../src/kernel/ids.ts';
import { err } from '../../src/kernel/result.ts';
import { MatrixAccounts } from '../../src/matrix/accounts.ts';
import { MatrixEraser } from '../../src/matrix/eraser.ts';
import type { MatrixRoomKeeper } from '../../src/matrix/roomKeeper.ts';
import { newRoom, type RoomFacts } from '../../src/policy/index.ts';
import { factsOf } from '../policy/support.ts';
import { given, type KeeperRig, keeperRig } from './keeperRig.ts';

let rig: KeeperRig;
let keeper: MatrixRoomKeeper;
const done = { ok: true, value: undefined };

beforeAll(async () => {
  rig = await keeperRig({ withToken: true });
  keeper = rig.keeper();
}, 240_000);
afterAll(() => rig.close(), 60_000);

async function makeRoom(): Promise<RoomId> {
  const { serverName } = rig.synapse;
  const facts: RoomFacts = {
    ...factsOf({ ownServer: serverName, bot: rig.bot, voices: [], grants: [] }),
    room: { class: 'clinical', roles: [], name: 'Ward 4', named: [], voices: [], replacedBy: null },
    roleSpaces: [],
  };
  const recipe = newRoom(facts);
  if (recipe === null) throw new Error('no such class');
  return given(keeper.ensure('ward', 'room', recipe));
}

const statusOf = async (path: string) => (await rig.ask('GET', path)).status;
const membership = async (room: RoomId, user: string) => {
  const { state } = await given(keeper.observe(room));
  const found = state.find(({ type, state_key: key }) => type === 'm.room.member' && key === user);
  return (found?.content as { membership?: unknown } | undefined)?.membership;
};

describe('with the access token of a server administrator, and a bot that is none', () => {
  it('joins a person of this hospital to a room of its own, which the administrator is not in, and no device of theirs comes of it', async () => {
    const room = await makeRoom();
    const person = { kind: 'join', user: rig.ash } as const;
    expect(await keeper.take(room, person)).toEqual(done);
    expect(await membership(room, rig.ash)).toBe('join');
    expect(await keeper.take(room, person)).toEqual(done);
    expect(await membership(room, userId(`@root:${rig.synapse.serverName}`))).toBeUndefined();
    const { body } = await rig.as(rig.ash, 'GET', '/_matrix/client/v3/devices');
    expect((body as { devices: unknown[] }).devices).toHaveLength(1);
  });

  it('sees a room that it is not in, and enters it with all power', async () => {
    const room = await rig.roomOf(rig.ash);
    expect((await given(keeper.observe(room))).state.length).toBeGreaterThan(0);
    expect(await keeper.enter(room)).toEqual(done);
    expect(await membership(room, rig.bot)).toBe('join');
  });

  it('takes away an alias that somebody gave a room, and makes no administrator for it', async () => {
    const alias = `#open:${rig.synapse.serverName}`;
    const room = await rig.roomOf(rig.ash, { room_alias_name: 'open' });
    expect(await keeper.take(room, { kind: 'delete-alias', alias })).toEqual(done);
    const gone = await rig.as(rig.ash, 'GET', `/_matrix/client/v3/directory/room/${encodeURIComponent(alias)}`);
    expect(gone.status).toBe(404);
    const helper = encodeURIComponent(`@wardroom_=aliases:${rig.synapse.serverName}`);
    expect(await statusOf(`/_synapse/admin/v2/users/${helper}`)).toBe(404);
  });

  it('lists devices, locks and unlocks, and purges', async () => {
    const accounts = new MatrixAccounts({ botRequest: rig.ask, requests: [rig.ask], cryptos: [] });
    expect(await given(accounts.devices(rig.fenn))).toHaveLength(1);
    await given(accounts.setLocked(rig.fenn, true));
    expect((await rig.as(rig.fenn, 'GET', '/_matrix/client/v3/account/whoami')).status).toBe(401);
    await given(accounts.setLocked(rig.fenn, false));
    expect((await rig.as(rig.fenn, 'GET', '/_matrix/client/v3/account/whoami')).status).toBe(200);

    const room = await rig.roomOf(rig.ash);
    const say = async () => {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message`;
      return (await rig.as(rig.ash, 'POST', path, { msgtype: 'm.text', body: 'x' })).body as { event_id: never };
    };
    const [first, second] = [(await say()).event_id, (await say()).event_id];
    const eraser = new MatrixEraser({ botRequest: rig.ask, serverName: rig.synapse.serverName });
    expect(await eraser.purge(room, second)).toEqual(done);
    expect((await given(eraser.history(room, 'end'))).events.map(({ event }) => event)).not.toContain(first);
  });

  it('is still the bot in everything else', async () => {
    const { body } = await rig.ask('GET', '/_matrix/client/v3/account/whoami');
    expect((body as { user_id: string }).user_id).toBe(rig.bot);
    await rig.synapse.sql(`UPDATE access_tokens SET token = 'ended' WHERE user_id = '@root:${rig.synapse.serverName}'`);
    await rig.synapse.stop();
    await rig.synapse.start();
    const accounts = new MatrixAccounts({ botRequest: rig.ask, requests: [rig.ask], cryptos: [] });
    // Kept for when the operator has mended it, and said so until then.
    expect(await accounts.devices(rig.fenn)).toEqual(err({ kind: 'retry', code: 'token-refused' }));
    const room = await makeRoom();
    expect(await keeper.take(room, { kind: 'join', user: rig.fenn })).toEqual(done);
    expect(await membership(room, rig.fenn)).toBe('invite');
  });
});
