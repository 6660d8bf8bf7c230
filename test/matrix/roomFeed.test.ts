import type { InboxEvent, SessionUsed } from '../../src/flows/inboxPort.ts';
import type { RoomEvent } from '../../src/flows/ports.ts';
import type { StateChanged } from '../../src/flows/roomKeeperPort.ts';
import { roomId } from '../../src/kernel/ids.ts';
import type { VoiceCrypto } from '../../src/matrix/crypto/index.ts';
import { Decryptor } from '../../src/matrix/decryptor.ts';
import { EventHandler } from '../../src/matrix/eventHandler.ts';
import { RoomFeed } from '../../src/matrix/roomFeed.ts';
import { RoomMembers } from '../../src/matrix/roomMembers.ts';
import { FakeCrypto } from './fakeCrypto.ts';
import { bot, event, type InboxRig, inboxRig, receipt, voice } from './inboxRig.ts';

let rig: InboxRig;
let feed: RoomFeed;
let handler: EventHandler;
let seen: RoomEvent[];
let alarms: string[];
let changes: StateChanged[];
let onEvent: (event: RoomEvent) => Promise<void>;
let onChange: (change: StateChanged) => Promise<void>;
let onSession: (used: SessionUsed) => Promise<void>;
let cryptos: { voice: FakeCrypto; bot: FakeCrypto };
let members: RoomMembers;
let changed = Promise.withResolvers<void>();
const ROOM = '!feed:hospital.example';
const DAY = 86_400_000;

beforeEach(async () => {
  rig = await inboxRig();
  seen = [];
  alarms = [];
  changes = [];
  onEvent = async () => undefined;
  onChange = async () => undefined;
  onSession = async () => undefined;
  cryptos = { voice: new FakeCrypto(voice), bot: new FakeCrypto(bot) };
  start();
});
afterEach(async () => {
  await stop();
  await rig.close();
});

function start(keyWaitMs = 60_000): void {
  const both = [cryptos.voice, cryptos.bot] as unknown as VoiceCrypto[]; // the fake has what the feed uses
  // A homeserver that cannot say who is in the room: every voice is tried.
  members = new RoomMembers({ askers: [] });
  const decryptor = new Decryptor(new Map(both.map((c) => [c.user, c])), members, (room, sessions) => {
    void rig.inbox.keysArrived(room, sessions, rig.clock).then(() => feed.wake());
  });
  handler = new EventHandler({
    inbox: rig.inbox,
    decryptor,
    members,
    cryptos: both,
    clock: { now: () => rig.clock },
    alarms: { raise: (code) => void alarms.push(code) },
    crash: { reach: () => undefined },
    decryptFailed: () => undefined,
    keyWaitMs,
    async onStateChanged(change) {
      await onChange(change);
      changes.push(change);
      notify();
    },
    async onSessionUsed(used) {
      await onSession(used);
    },
    async onRoomEvent(event) {
      await onEvent(event);
      seen.push(event);
      notify();
    },
  });
  feed = new RoomFeed({
    inbox: rig.inbox,
    handle: (event: InboxEvent) => handler.handle(event).finally(notify),
    handleRead: (read) => handler.handleRead(read),
    setAside: (event) => handler.setAside(event).finally(notify),
    now: () => rig.clock,
    onError: () => undefined,
    pollMs: 1_000_000,
    pauseMs: 1,
  });
  feed.start();
}

async function stop(): Promise<void> {
  handler.stop();
  await feed.stop();
}

function notify(): void {
  changed.resolve();
  changed = Promise.withResolvers();
}

/** Waits, event by event, until it holds. */
async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (;;) {
    // Taken before it is looked: what changes during the look must not be waited for in vain.
    const next = changed.promise;
    if (await what()) return;
    await next;
  }
}

async function arrive(body: object): Promise<void> {
  expect((await rig.put(`t${Math.random()}`, body)).status).toBe(200);
  feed.wake();
}

const said = (text: string, over: { session?: string; room?: string; relates?: object; type?: string } = {}) =>
  event({
    room_id: over.room ?? ROOM,
    content: {
      algorithm: 'm.megolm.v1.aes-sha2',
      session_id: over.session ?? 'known',
      ciphertext: JSON.stringify({ content: { msgtype: over.type ?? 'm.text', body: text } }),
      ...(over.relates === undefined ? {} : { 'm.relates_to': over.relates }),
    },
  });

const bodies = (): string[] => seen.flatMap((e) => (e.type === 'message' ? [e.body.reveal()] : [e.type]));
const state = async (eventId: unknown): Promise<string | undefined> =>
  (await rig.rows<{ state: string }>('SELECT state FROM wardroom.inbox_events WHERE event_id = $1', [eventId]))[0]
    ?.state;

describe('the feed', () => {
  it('passes on events in order within a room while another room is held up', async () => {
    cryptos.voice.has.add('known');
    const gate = Promise.withResolvers<void>();
    onEvent = async (e) => {
      if (e.room === ROOM) await gate.promise;
    };
    const here = Array.from({ length: 30 }, (_, i) => said(`a${i}`));
    const there = Array.from({ length: 30 }, (_, i) => said(`b${i}`, { room: '!other:hospital.example' }));
    await arrive({ events: here.flatMap((e, i) => [e, there[i]!]) });
    await until(() => seen.length === 30);
    expect(bodies()).toEqual(there.map((_, i) => `b${i}`));
    gate.resolve();
    await until(() => seen.length === 60);
    expect(bodies().slice(30)).toEqual(here.map((_, i) => `a${i}`));
  });

  it('passes on more events than it takes at once, each once and in order', async () => {
    cryptos.voice.has.add('known');
    const all = Array.from({ length: 450 }, (_, i) => said(`${i}`));
    for (let at = 0; at < all.length; at += 90) await arrive({ events: all.slice(at, at + 90) });
    await until(() => seen.length >= 450);
    expect(bodies()).toEqual(all.map((_, i) => `${i}`));
    expect(await rig.inbox.backlog()).toEqual({ waiting: expect.any(Number), parked: 0 });
  });

  it('tries an event again when handling it failed, and keeps later ones of its room behind it', async () => {
    cryptos.voice.has.add('known');
    let failures = 3;
    onEvent = async () => {
      if (failures-- > 0) throw new Error('not now');
    };
    await arrive({ events: [said('first'), said('second')] });
    await until(() => seen.length === 2);
    expect(bodies()).toEqual(['first', 'second']);
  });

  it('sets an event aside that keeps failing, goes on with its room, and comes back to it', async () => {
    cryptos.voice.has.add('known');
    let broken = true;
    onEvent = async (e) => {
      if (broken && e.type === 'message' && e.body.reveal() === 'poison') throw new Error('always');
    };
    await arrive({ events: [said('poison'), said('after')] });
    await until(() => seen.length === 1);
    expect(bodies()).toEqual(['after']);
    expect(alarms).toEqual(['event-set-aside']);
    broken = false;
    rig.clock += DAY;
    feed.wake();
    await until(() => seen.length === 2);
    expect(bodies()).toEqual(['after', 'poison']);
  });

  it('passes on again, after a crash, what was not recorded as handled', async () => {
    cryptos.voice.has.add('known');
    const handling = Promise.withResolvers<void>();
    const never = Promise.withResolvers<void>();
    onEvent = () => {
      handling.resolve();
      return never.promise;
    };
    await arrive({ events: [said('acknowledged')] });
    await handling.promise;
    onEvent = async () => undefined;
    const crashed = { feed, handler };
    start();
    await until(() => seen.length === 1);
    expect(bodies()).toEqual(['acknowledged']);
    never.reject(new Error('the process is gone'));
    crashed.handler.stop();
    await crashed.feed.stop();
  });

  it('passes receipts on, and what voices say not', async () => {
    const root = event({ room_id: ROOM, sender: voice });
    await arrive({ events: [root], ephemeral: [receipt(String(root.event_id), { room: ROOM })] });
    await until(() => seen.length === 1);
    expect(seen).toEqual([{ type: 'read', room: ROOM, user: '@fenn:hospital.example', roots: [root.event_id] }]);
  });
});

describe('a late key', () => {
  it('is waited for a moment, so that order holds', async () => {
    cryptos.voice.has.add('known');
    const trying = cryptos.bot.tried();
    await arrive({ events: [said('late', { session: 'new' }), said('next')] });
    await trying;
    cryptos.voice.give(ROOM, 'new');
    await until(() => seen.length === 2);
    expect(bodies()).toEqual(['late', 'next']);
  });

  it('that does not come in time parks the event; the room goes on; the key brings it back', async () => {
    await stop();
    start(1);
    cryptos.voice.has.add('known');
    const late = said('late', { session: 'new' });
    await arrive({ events: [late, said('next')] });
    await until(() => seen.length === 1);
    expect(bodies()).toEqual(['next']);
    expect(await state(late.event_id)).toBe('parked');
    cryptos.bot.give(ROOM, 'new');
    await until(() => seen.length === 2);
    expect(bodies()).toEqual(['next', 'late']);
    await until(async () => (await state(late.event_id)) === 'handled');
  });

  it('brings the event back after a restart too', async () => {
    await stop();
    start(1);
    const late = said('late', { session: 'new' });
    await arrive({ events: [late] });
    await until(async () => (await state(late.event_id)) === 'parked');
    await stop();
    start();
    cryptos.voice.give(ROOM, 'new');
    await until(() => seen.length === 1);
  });

  it('that came without notice is found by the back-off', async () => {
    await stop();
    start(1);
    const late = said('late', { session: 'new' });
    await arrive({ events: [late] });
    await until(async () => (await state(late.event_id)) === 'parked');
    cryptos.voice.has.add('new');
    feed.wake();
    rig.clock += 10_000;
    feed.wake();
    await until(() => seen.length === 1);
  });

  it('holds up the room for the first event of a session only', async () => {
    await stop();
    start(20);
    const events = Array.from({ length: 40 }, (_, i) => said(`${i}`, { session: 'lost' }));
    const started = performance.now();
    await arrive({
      events: [...events, event({ room_id: ROOM, type: 'm.room.redaction', redacts: '$x', content: {} })],
    });
    await until(() => seen.length === 1);
    expect(performance.now() - started).toBeLessThan(40 * 20);
    expect((await rig.inbox.backlog()).parked).toBe(40);
  });

  it('that never comes is given up after a week, with an alarm, and the content dropped', async () => {
    await stop();
    start(1);
    const lost = said('lost', { session: 'lost' });
    await arrive({ events: [lost] });
    await until(async () => (await state(lost.event_id)) === 'parked');
    rig.clock += 6 * DAY;
    feed.wake();
    await until(async () => {
      const [row] = await rig.rows<{ n: number }>(
        'SELECT parked_times AS n FROM wardroom.inbox_events WHERE event_id = $1',
        [lost.event_id],
      );
      return row?.n === 2;
    });
    expect(alarms).toEqual([]);
    rig.clock += 2 * DAY;
    feed.wake();
    await until(async () => (await state(lost.event_id)) === 'given_up');
    expect(alarms).toEqual(['event-unreadable']);
    expect(await rig.rows('SELECT 1 FROM wardroom.inbox_events WHERE content IS NOT NULL')).toEqual([]);
  });

  it('does not bring back an acknowledgement that was withdrawn meanwhile', async () => {
    await stop();
    start(1);
    const late = said('ok', { session: 'new' });
    await arrive({ events: [late] });
    await until(async () => (await state(late.event_id)) === 'parked');
    await arrive({
      events: [event({ room_id: ROOM, type: 'm.room.redaction', redacts: late.event_id, content: {} })],
    });
    await until(() => seen.length === 1);
    cryptos.voice.give(ROOM, 'new');
    rig.clock += DAY;
    const marker = said('later', { session: 'new' });
    await arrive({ events: [marker] });
    await until(() => seen.length === 2);
    expect(bodies()).toEqual(['redaction', 'later']);
  });
});

describe('what cannot be opened', () => {
  it.each(['refused', 'replayed'] as const)('because it was %s is given up at once, with an alarm', async (failure) => {
    cryptos.voice.failure = failure;
    cryptos.bot.failure = 'refused';
    const bad = said('bad', { session: 'x' });
    await arrive({ events: [bad] });
    await until(async () => (await state(bad.event_id)) === 'given_up');
    expect(alarms).toEqual(['event-unreadable']);
    expect(seen).toEqual([]);
  });

  it('because the engine is down waits for the engine', async () => {
    cryptos.voice.failure = 'unavailable';
    const one = said('one', { session: 'new' });
    const trying = cryptos.voice.tried();
    await arrive({ events: [one] });
    await trying;
    cryptos.voice.has.add('new');
    await until(() => seen.length === 1);
  });

  it('by the first voice is opened by the next', async () => {
    cryptos.bot.has.add('botonly');
    await arrive({ events: [said('hello', { session: 'botonly' })] });
    await until(() => seen.length === 1);
  });
});

describe('who comes and goes', () => {
  it('is told to every voice', async () => {
    const member = (user: string, membership: string) =>
      event({ room_id: ROOM, type: 'm.room.member', state_key: user, content: { membership } });
    await arrive({
      events: [member('@a:x', 'invite'), member('@a:x', 'join'), member('@b:x', 'leave'), member('@c:x', 'ban')],
    });
    await until(() => cryptos.bot.left.length === 2);
    for (const crypto of [cryptos.voice, cryptos.bot]) {
      expect(crypto.joined).toEqual(['@a:x', '@a:x']);
      expect(crypto.left).toEqual(['@b:x', '@c:x']);
    }
    expect(seen).toEqual([]);
  });
});

describe('what changes in a room', () => {
  const topic = (over: object = {}) =>
    event({ room_id: ROOM, type: 'm.room.topic', state_key: '', content: { topic: 'x' }, ...over });
  const member = (user: string, membership: string, over: object = {}) =>
    event({ room_id: ROOM, type: 'm.room.member', state_key: user, content: { membership }, ...over });

  it('is told in order, whoever did it: an administrator of the homeserver can act in the bot’s name', async () => {
    const events = [
      member('@a:x', 'invite', { sender: bot }),
      topic({ sender: bot }),
      topic(),
      event({ room_id: ROOM, type: 'm.widget', state_key: 'evil', content: { url: 'x' } }),
      member(bot, 'leave', { sender: '@fenn:hospital.example' }),
    ];
    await arrive({ events });
    await until(() => changes.length === 5);
    expect(changes.map((one) => [one.type, one.stateKey, one.sender, one.membership])).toEqual([
      ['m.room.member', '@a:x', bot, 'invite'],
      ['m.room.topic', '', bot, undefined],
      ['m.room.topic', '', '@fenn:hospital.example', undefined],
      ['m.widget', 'evil', '@fenn:hospital.example', undefined],
      ['m.room.member', bot, '@fenn:hospital.example', 'leave'],
    ]);
    expect(changes.map(({ event: id, room }) => [id, room])).toEqual(events.map((one) => [one.event_id, ROOM]));
    const places = changes.map(({ seq }) => seq);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('comes again when it could not be taken, and later changes of the room wait behind it', async () => {
    let failures = 2;
    onChange = async () => {
      if (failures-- > 0) throw new Error('not now');
    };
    const events = [topic(), member('@a:x', 'join')];
    await arrive({ events });
    await until(() => changes.length === 2);
    expect(changes.map((one) => one.event)).toEqual(events.map((one) => one.event_id));
  });

  it('keeps no word of what was set', async () => {
    await arrive({ events: [topic({ content: { topic: 'CANARY' } })] });
    await until(() => changes.length === 1);
    expect(JSON.stringify(changes)).not.toContain('CANARY');
    expect(await rig.rows(`SELECT 1 FROM wardroom.inbox_events e WHERE e::text LIKE '%CANARY%'`)).toEqual([]);
  });
});

describe('the session of an encrypted event', () => {
  it('is told before the event, whether it can be opened or not, of people only', async () => {
    await stop();
    start(1);
    cryptos.voice.has.add('known');
    const told: string[] = [];
    onSession = async (used) => void told.push(`${used.sessionId} ${used.sender} ${seen.length}`);
    const lost = said('lost', { session: 'lost' });
    await arrive({ events: [lost, event({ room_id: ROOM, sender: voice }), said('hello')] });
    await until(() => seen.length === 1);
    expect(told).toEqual(['lost @fenn:hospital.example 0', 'known @fenn:hospital.example 0']);
  });

  it('holds the event back when it could not be taken', async () => {
    cryptos.voice.has.add('known');
    let failures = 2;
    onSession = async () => {
      if (failures-- > 0) throw new Error('not now');
    };
    await arrive({ events: [said('first'), said('second')] });
    await until(() => seen.length === 2);
    expect(bodies()).toEqual(['first', 'second']);
  });

  it('was used before by an event that came before it in its room, and by no other', async () => {
    cryptos.voice.has.add('known');
    const places: number[] = [];
    onSession = async (used) => void places.push(used.seq);
    await arrive({ events: [said('one'), said('two'), said('three')] });
    await until(() => seen.length === 3);
    const [first = 0, second = 0] = places;
    const usedBefore = (seq: number, session = 'known', room = ROOM) =>
      rig.inbox.sessionSeenBefore(roomId(room), session, seq);
    expect([await usedBefore(first), await usedBefore(second)]).toEqual([false, true]);
    expect([await usedBefore(second, 'other'), await usedBefore(second, 'known', '!other:x')]).toEqual([false, false]);
  });
});
