import { roomId } from '../../src/kernel/ids.ts';
import { type MatrixRequest, type MatrixResponse, RequestFailed } from '../../src/matrix/matrixRequest.ts';
import { RoomMembers } from '../../src/matrix/roomMembers.ts';

const room = roomId('!r:hospital.example');
const forbidden: MatrixResponse = { status: 403, body: { errcode: 'M_FORBIDDEN' } };

/** A homeserver whose answers the test changes; `asked` counts how often the members were fetched. */
function homeserver(answer: { members: () => MatrixResponse | Promise<MatrixResponse>; encryption?: MatrixResponse }) {
  const state = { asked: 0 };
  const request: MatrixRequest = async (_method, path) => {
    if (!path.endsWith('/members'))
      return answer.encryption ?? { status: 200, body: { algorithm: 'm.megolm.v1.aes-sha2' } };
    state.asked += 1;
    return answer.members();
  };
  return { request, state };
}

const list = (...people: [string, string][]): MatrixResponse => ({
  status: 200,
  body: {
    chunk: people.map(([user, membership]) => ({ type: 'm.room.member', state_key: user, content: { membership } })),
  },
});

it('fetches a room once while nobody comes or goes', async () => {
  const server = homeserver({ members: () => list(['@a:x', 'join'], ['@b:x', 'invite'], ['@c:x', 'ban']) });
  const members = new RoomMembers({ askers: [server.request] });
  await Promise.all([members.of(room), members.of(room)]);
  expect(await members.of(room)).toEqual({
    ok: true,
    value: { joined: ['@a:x'], invited: ['@b:x'], banned: ['@c:x'], encrypted: true },
  });
  expect(server.state.asked).toBe(1);
});

it('fetches again after somebody came or went', async () => {
  let answer = list(['@a:x', 'join'], ['@b:x', 'join']);
  const server = homeserver({ members: () => answer });
  const members = new RoomMembers({ askers: [server.request] });
  await members.of(room);
  answer = list(['@a:x', 'join']);
  members.changed(room);
  expect(await members.of(room)).toMatchObject({ value: { joined: ['@a:x'] } });
  members.forget();
  await members.of(room);
  expect(server.state.asked).toBe(3);
});

it('does not give out a list that was fetched while somebody left', async () => {
  const answers = [list(['@a:x', 'join'], ['@gone:x', 'join']), list(['@a:x', 'join'])];
  const fetching = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const server = homeserver({
    async members() {
      fetching.resolve();
      await gate.promise;
      return answers.shift() ?? forbidden;
    },
  });
  const members = new RoomMembers({ askers: [server.request] });
  const asked = members.of(room);
  await fetching.promise;
  members.changed(room);
  gate.resolve();
  expect(await asked).toMatchObject({ ok: true, value: { joined: ['@a:x'] } });
});

it('asks the next of ours when one is not in the room', async () => {
  const outside = homeserver({ members: () => forbidden });
  const inside = homeserver({ members: () => list(['@a:x', 'join']) });
  const members = new RoomMembers({ askers: [outside.request, inside.request] });
  expect(await members.of(room)).toMatchObject({ ok: true });
});

it.each([
  ['the homeserver refuses', () => forbidden, 'permanent'],
  ['the homeserver is broken', () => ({ status: 500, body: null }), 'retry'],
  ['the answer is no list', () => ({ status: 200, body: { chunk: 'none' } }), 'retry'],
  [
    'there is no answer',
    () => {
      throw new RequestFailed('timeout', true);
    },
    'retry',
  ],
])(
  'fails, and does not guess, when %s; and asks again next time',
  async (_name, broken: () => MatrixResponse, kind) => {
    let works = false;
    const server = homeserver({ members: () => (works ? list(['@a:x', 'join']) : broken()) });
    const members = new RoomMembers({ askers: [server.request] });
    expect(await members.of(room)).toMatchObject({ ok: false, error: { kind } });
    works = true;
    expect(await members.of(room)).toMatchObject({ ok: true });
  },
);

it.each([
  ['no encryption', { status: 404, body: { errcode: 'M_NOT_FOUND' } }, { ok: true, value: { encrypted: false } }],
  ['another algorithm', { status: 200, body: { algorithm: 'org.example' } }, { ok: true, value: { encrypted: false } }],
  ['an unclear answer', { status: 500, body: null }, { ok: false }],
])('never takes a room for encrypted that has %s', async (_name, encryption, expected) => {
  const server = homeserver({ members: () => list(['@a:x', 'join']), encryption });
  expect(await new RoomMembers({ askers: [server.request] }).of(room)).toMatchObject(expected);
});
