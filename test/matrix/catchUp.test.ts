import { type RoomId, roomId, userId } from '../../src/kernel/ids.ts';
import { CatchUp } from '../../src/matrix/catchUp.ts';
import type { MatrixRequest } from '../../src/matrix/matrixRequest.ts';
import { RoomMembers } from '../../src/matrix/roomMembers.ts';
import { type InboxRig, inboxRig, isOurs, room } from './inboxRig.ts';

const NOW = 1_700_000_000_000;
const MINUTE = 60_000;
const DAY = 86_400_000;

let rig: InboxRig;
beforeEach(async () => {
  rig = await inboxRig();
});
afterEach(() => rig?.close());

interface Said {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly content: object;
  readonly unsigned?: object;
}

const said = (id: number, at = NOW - id, over: Partial<Said> = {}): Said => ({
  event_id: `$e${id}`,
  type: 'm.reaction',
  sender: '@ash:hospital.example',
  origin_server_ts: at,
  content: { 'm.relates_to': { rel_type: 'm.annotation', event_id: '$root', key: '✅' } },
  ...over,
});

/** A homeserver that answers `/messages` as the specification says, from the newest event back, a hundred at a time. */
function homeserver(history: readonly Said[]) {
  const asked: string[] = [];
  const state = { away: false };
  const request: MatrixRequest = async (_method, path, options = {}) => {
    asked.push(path);
    if (state.away) return { status: 502, body: null };
    if (path.endsWith('/joined_rooms')) return { status: 200, body: { joined_rooms: [room] } };
    const at = Number(options.query?.from ?? 0);
    const chunk = history.slice(at, at + Number(options.query?.limit));
    const end = at + chunk.length;
    return { status: 200, body: { chunk, ...(end < history.length ? { end: String(end) } : {}) } };
  };
  return { request, asked, state };
}

/** Runs until it has looked once at everything, and resolves to how many it found. */
async function look(
  request: MatrixRequest,
  over: { now?: number; onFailure?: (code: string) => void } = {},
): Promise<number> {
  let found = 0;
  const now = over.now ?? NOW;
  const done = Promise.withResolvers<void>();
  const catchUp = new CatchUp({
    inbox: { ...rig.inbox, compared: async (...args) => rig.inbox.compared(...args).then(done.resolve) },
    request,
    members: new RoomMembers({ askers: [] }),
    isOurs: (user) => isOurs(userId(user)),
    clock: { now: () => now },
    machineClock: { now: () => now },
    roomsInUse: async () => [],
    onFound: (_room: RoomId, events) => {
      found += events;
    },
    onFailure: over.onFailure ?? (() => undefined),
  });
  catchUp.start(Promise.resolve());
  await done.promise;
  await catchUp.stop();
  return found;
}

const waiting = async () =>
  (await rig.rows<{ event_id: string }>('SELECT event_id FROM wardroom.inbox_events ORDER BY seq')).map(
    (row) => row.event_id,
  );

describe('what the homeserver did not push', () => {
  it('is found over many pages and put into the inbox in the order of the room, once', async () => {
    const history = Array.from({ length: 250 }, (_, index) => said(index));
    await rig.put('t1', { events: [{ ...said(100), room_id: room }] });
    expect(await look(homeserver(history).request)).toBe(249);
    const ids = await waiting();
    expect(ids).toHaveLength(250);
    expect(ids.slice(0, 3)).toEqual(['$e100', '$e249', '$e248']);
    expect(await look(homeserver(history).request)).toBe(0);
    // The homeserver pushes one after all.
    await rig.put('t2', { events: [{ ...said(3), room_id: room }] });
    expect(await waiting()).toHaveLength(250);
  });

  it('is looked for no further back than the last look, and ten minutes', async () => {
    const history = Array.from({ length: 400 }, (_, index) => said(index, NOW - index * MINUTE));
    const first = homeserver(history);
    await look(first.request);
    const second = homeserver(history);
    await look(second.request);
    expect(first.asked.filter((path) => path.endsWith('/messages'))).toHaveLength(4);
    expect(second.asked.filter((path) => path.endsWith('/messages'))).toHaveLength(1 + 1);
  });

  it('is not looked for beyond a week in a room that was never looked at', async () => {
    const history = Array.from({ length: 1000 }, (_, index) => said(index, NOW - index * DAY));
    expect(await look(homeserver(history).request)).toBe(100 + 100);
  });

  it('is left alone when it was redacted', async () => {
    const history = [said(1), said(2, NOW, { content: {}, unsigned: { redacted_because: {} } }), said(3)];
    expect(await look(homeserver(history).request)).toBe(2);
    expect(await waiting()).toEqual(['$e3', '$e1']);
  });

  it('is looked for again when the homeserver did not answer', async () => {
    const away = homeserver([said(1)]);
    away.state.away = true;
    const found = await look(away.request, {
      onFailure() {
        away.state.away = false;
      },
    });
    expect(found).toBe(1);
  });

  it('is looked for again when something before the homeserver said that there is nothing', async () => {
    const { request } = homeserver([said(1)]);
    let hidden = true;
    const found = await look(
      async (method, path, options) =>
        hidden && path.endsWith('/messages') ? { status: 404, body: null } : request(method, path, options),
      {
        onFailure() {
          hidden = false;
        },
      },
    );
    expect(found).toBe(1);
  });

  it('is not sought in a room that the bot was put out of, which holds up no other', async () => {
    const other = '!other:hospital.example';
    const { request, asked } = homeserver([said(1)]);
    const failures: string[] = [];
    const found = await look(
      async (method, path, options) => {
        if (path.endsWith('/joined_rooms')) return { status: 200, body: { joined_rooms: [room, other] } };
        if (path.includes(encodeURIComponent(other))) return { status: 403, body: { errcode: 'M_FORBIDDEN' } };
        return request(method, path, options);
      },
      { onFailure: (code) => failures.push(code) },
    );
    expect(found).toBe(1);
    expect(asked).toHaveLength(1);
    expect(failures).toEqual(['history-of-another']);
    expect(await rig.inbox.comparedTo(roomId(other))).toBeNull();
  });

  it('is given up at once when Wardroom stops, however long the homeserver takes', async () => {
    const asked = Promise.withResolvers<void>();
    const never: MatrixRequest = (_method, _path, options) =>
      new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
        asked.resolve();
      });
    const catchUp = new CatchUp({
      inbox: rig.inbox,
      request: never,
      members: new RoomMembers({ askers: [] }),
      isOurs: (user) => isOurs(userId(user)),
      clock: { now: () => NOW },
      machineClock: { now: () => NOW },
      roomsInUse: async () => [],
      onFound: () => undefined,
      onFailure: () => undefined,
    });
    catchUp.start(Promise.resolve());
    await asked.promise;
    await catchUp.stop();
    expect(await rig.inbox.comparedTo(roomId(room))).toBeNull();
  });

  it('is looked for since the last look that was complete', async () => {
    await look(homeserver([]).request, { now: NOW });
    expect(await rig.inbox.comparedTo(roomId(room))).toBe(NOW);
    // A clock that was set back must not make the next look shorter than it has to be.
    await look(homeserver([]).request, { now: NOW - DAY });
    expect(await rig.inbox.comparedTo(roomId(room))).toBe(NOW);
  });
});
