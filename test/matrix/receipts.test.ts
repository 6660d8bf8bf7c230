import { event, type InboxRig, inboxRig, receipt, voice } from './inboxRig.ts';

let rig: InboxRig;
beforeAll(async () => {
  rig = await inboxRig();
});
afterAll(() => rig.close());

let rooms = 0;
/** A room where `names` happened: R… = a root of ours, T… = ours in a thread, P… = a person's message. */
async function history(
  names: string,
): Promise<{ room: string; id: (name: string) => string; put: (body: object) => Promise<void> }> {
  const here = `!r${++rooms}:hospital.example`;
  const id = (name: string): string => `$${name}-${rooms}`;
  const put = async (body: object): Promise<void> => {
    expect((await rig.put(`t${Math.random()}`, body)).status).toBe(200);
  };
  await put({ events: names.split(' ').map((name) => happened(here, id, name)) });
  return { room: here, id, put };
}

function happened(here: string, id: (name: string) => string, name: string): object {
  const ours = name.startsWith('R') || name.startsWith('T');
  const relation = name.startsWith('T') ? { 'm.relates_to': { rel_type: 'm.thread', event_id: id('R1') } } : {};
  return event({
    event_id: id(name),
    room_id: here,
    sender: ours ? voice : '@ash:hospital.example',
    content: { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'A', session_id: 's', ...relation },
  });
}

/** What was read since the last call, by thread. */
async function reads(here: string): Promise<Record<string, string[]>> {
  const found = (await rig.inbox.nextReads(1_000)).filter((read) => read.roomId === here);
  for (const read of found) await rig.inbox.readHandled(read);
  return Object.fromEntries(found.map((read) => [read.thread, read.roots.map((root) => root.slice(1).split('-')[0]!)]));
}

describe('a receipt is an up-to marker', () => {
  it.each([
    ['unthreaded, at a root: it and all before', 'R1 R2 R3', { at: 'R2' }, { '': ['R1', 'R2'] }],
    ['unthreaded, at somebody else’s message', 'R1 P1 R2', { at: 'P1' }, { '': ['R1'] }],
    ['main, at somebody else’s message', 'R1 R2 P1 R3', { at: 'P1', thread: 'main' }, { main: ['R1', 'R2'] }],
    ['unthreaded, at a message in a thread', 'R1 R2 T1 R3', { at: 'T1' }, { '': ['R1', 'R2'] }],
    ['before every root: nothing', 'P1 R1', { at: 'P1' }, { '': [] }],
    ['in a thread: that root only', 'R0 R1 R2 T1', { at: 'T1', thread: 'R1' }, { R1: ['R1'] }],
    ['in a thread, at somebody else’s message there', 'R0 R1 P1', { at: 'P1', thread: 'R1' }, { R1: ['R1'] }],
    ['in a thread that is not ours: nothing', 'R1 P1 P2', { at: 'P2', thread: 'P1' }, { P1: [] }],
    ['what a voice says in a thread is no root', 'R1 T1 T2', { at: 'T2' }, { '': ['R1'] }],
  ])('%s', async (_name, names, { at, thread }: { at: string; thread?: string }, expected) => {
    const h = await history(names);
    const threadId = thread === undefined || thread === 'main' ? thread : h.id(thread);
    await h.put({
      ephemeral: [receipt(h.id(at), { room: h.room, ...(threadId === undefined ? {} : { thread: threadId }) })],
    });
    const found = Object.fromEntries(
      Object.entries(await reads(h.room)).map(([key, roots]) => [
        key.startsWith('$') ? key.slice(1).split('-')[0] : key,
        roots,
      ]),
    );
    expect(found).toEqual(expected);
  });

  it.each(['ephemeral', 'de.sorunome.msc2409.ephemeral'])('is read under the key %s', async (key) => {
    const h = await history('R1');
    await h.put({ [key]: [receipt(h.id('R1'), { room: h.room })] });
    expect(await reads(h.room)).toEqual({ '': ['R1'] });
  });

  it('under both keys at once is one receipt', async () => {
    const h = await history('R1');
    const same = [receipt(h.id('R1'), { room: h.room })];
    await h.put({ ephemeral: same, 'de.sorunome.msc2409.ephemeral': same });
    expect(await reads(h.room)).toEqual({ '': ['R1'] });
  });

  it('counts when its event arrives in the same transaction, and when it arrives later', async () => {
    const h = await history('R1');
    await h.put({ events: [happened(h.room, h.id, 'R2')], ephemeral: [receipt(h.id('R2'), { room: h.room })] });
    expect(await reads(h.room)).toEqual({ '': ['R1', 'R2'] });
    await h.put({ ephemeral: [receipt(h.id('R3'), { room: h.room })] });
    expect(await reads(h.room)).toEqual({});
    await h.put({ events: [happened(h.room, h.id, 'R3')] });
    expect(await reads(h.room)).toEqual({ '': ['R3'] });
  });

  it('never moves back, and passes on only what is new', async () => {
    const h = await history('R1 R2 R3');
    await h.put({ ephemeral: [receipt(h.id('R2'), { room: h.room })] });
    expect(await reads(h.room)).toEqual({ '': ['R1', 'R2'] });
    await h.put({ ephemeral: [receipt(h.id('R1'), { room: h.room })] });
    expect(await reads(h.room)).toEqual({});
    await h.put({ ephemeral: [receipt(h.id('R3'), { room: h.room })] });
    expect(await reads(h.room)).toEqual({ '': ['R3'] });
  });

  it('that waits for its event is not pushed out by a repeated older one', async () => {
    const h = await history('R1 R2');
    await h.put({ ephemeral: [receipt(h.id('R1'), { room: h.room })] });
    await reads(h.room);
    await h.put({ ephemeral: [receipt(h.id('R3'), { room: h.room })] });
    await h.put({ ephemeral: [receipt(h.id('R1'), { room: h.room })] });
    await h.put({ events: [happened(h.room, h.id, 'R3')] });
    expect(await reads(h.room)).toEqual({ '': ['R2', 'R3'] });
  });

  it('is passed on again until it was handled', async () => {
    const h = await history('R1');
    await h.put({ ephemeral: [receipt(h.id('R1'), { room: h.room })] });
    const again = async () => (await rig.inbox.nextReads(1_000)).filter((read) => read.roomId === h.room);
    expect(await again()).toHaveLength(1);
    await rig.restart();
    expect(await again()).toHaveLength(1);
    await rig.inbox.readHandled((await again())[0]!);
    expect(await again()).toHaveLength(0);
  });

  it('about an event of another room counts nowhere', async () => {
    const h = await history('R1');
    const other = await history('R1');
    await h.put({ ephemeral: [receipt(other.id('R1'), { room: h.room })] });
    expect(await reads(h.room)).toEqual({});
    expect(await reads(other.room)).toEqual({});
  });

  it('of a voice is none, nor is a private one', async () => {
    const h = await history('R1');
    await h.put({
      ephemeral: [
        receipt(h.id('R1'), { room: h.room, user: voice }),
        {
          type: 'm.receipt',
          room_id: h.room,
          content: { [h.id('R1')]: { 'm.read.private': { '@ash:hospital.example': { ts: 1 } } } },
        },
      ],
    });
    expect(await reads(h.room)).toEqual({});
  });

  it('keeps people apart', async () => {
    const h = await history('R1 R2');
    await h.put({
      ephemeral: [
        receipt(h.id('R1'), { room: h.room, user: '@a:x' }),
        receipt(h.id('R2'), { room: h.room, user: '@b:x' }),
      ],
    });
    const found = (await rig.inbox.nextReads(1_000)).filter((read) => read.roomId === h.room);
    expect(found.map((read) => [read.userId, read.roots.length]).sort()).toEqual([
      ['@a:x', 1],
      ['@b:x', 2],
    ]);
  });
});
