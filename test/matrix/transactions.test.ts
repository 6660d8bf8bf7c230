import { bot, event, hsToken, type InboxRig, inboxRig, receipt, room, voice } from './inboxRig.ts';

let rig: InboxRig;
beforeAll(async () => {
  rig = await inboxRig();
});
afterAll(() => rig.close());

const stored = async (ids: readonly unknown[]) =>
  rig.rows<{ event_id: string; state: string; content: Record<string, unknown> | null }>(
    'SELECT event_id, state, content FROM wardroom.inbox_events WHERE event_id = ANY($1) ORDER BY seq',
    [ids],
  );

describe('the transactions endpoint', () => {
  it('has stored every event in order by the time it answers 200', async () => {
    const events = [event(), event(), event()];
    const response = await rig.put('order', { events });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({});
    expect((await stored(events.map((e) => e.event_id))).map((row) => row.event_id)).toEqual(
      events.map((e) => e.event_id),
    );
  });

  it('answers 503, and keeps nothing, while it cannot commit; then takes the same transaction', async () => {
    const events = [event(), event()];
    await rig.rows(
      `ALTER TABLE wardroom.inbox_events ADD CONSTRAINT broken CHECK (event_id <> '${events[1]!.event_id}')`,
    );
    const failed = await rig.put('broken', { events });
    expect(failed.status).toBe(503);
    expect(rig.refused).toEqual(['23514']);
    expect(await stored(events.map((e) => e.event_id))).toEqual([]);
    await rig.rows('ALTER TABLE wardroom.inbox_events DROP CONSTRAINT broken');
    expect((await rig.put('broken', { events })).status).toBe(200);
    expect(await stored(events.map((e) => e.event_id))).toHaveLength(2);
  });

  it('answers 503 while the database is away', async () => {
    const other = await inboxRig();
    await other.database.drop();
    expect((await other.put('1', { events: [event()] })).status).toBe(503);
    await other.close();
  });

  it('stores a repeated transaction once, also after a restart', async () => {
    const body = { events: [event(), event()] };
    await rig.put('repeat', body);
    await rig.restart();
    expect((await rig.put('repeat', body)).status).toBe(200);
    expect(await stored(body.events.map((e) => e.event_id))).toHaveLength(2);
  });

  it('stores an event once that comes in another transaction, and does not handle it again', async () => {
    const first = event();
    const second = event();
    await rig.put('one', { events: [first] });
    const [row] = await rig.rows<{ seq: number }>('SELECT seq::int FROM wardroom.inbox_events WHERE event_id = $1', [
      first.event_id,
    ]);
    await rig.inbox.handled(row!.seq);
    await rig.put('two', { events: [first, second] });
    expect((await stored([first.event_id, second.event_id])).map((r) => r.state)).toEqual(['handled', 'waiting']);
  });

  it('does not lose the events of a homeserver that counts its transactions from the start again', async () => {
    const [before, after] = [event(), event()];
    await rig.put('7', { events: [before] });
    await rig.put('7', { events: [after] });
    expect(await stored([before.event_id, after.event_id])).toHaveLength(2);
  });

  it('stores the same transaction once when it comes ten times at once', async () => {
    const body = { events: [event(), event(), event()], ephemeral: [receipt('$x', { user: '@ten:hospital.example' })] };
    const answers = await Promise.all(Array.from({ length: 10 }, () => rig.put('ten', body)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(10).fill(200));
    expect(await stored(body.events.map((e) => e.event_id))).toHaveLength(3);
  });

  it.each([
    ['no token', {}, 401],
    ['another scheme', { authorization: `Basic ${hsToken}` }, 401],
    ['a wrong token', { authorization: 'Bearer hs-secreT' }, 403],
    ['a longer token', { authorization: `Bearer ${hsToken}x` }, 403],
    ['an empty token', { authorization: 'Bearer ' }, 401],
  ])('refuses %s and stores nothing', async (_name, headers, status) => {
    const one = event();
    expect((await rig.put(`refused-${status}`, { events: [one] }, headers as Record<string, string>)).status).toBe(
      status,
    );
    expect(await stored([one.event_id])).toEqual([]);
  });

  it('does not read a token from the query, where logs would keep it', async () => {
    const response = await fetch(`${rig.url}/_matrix/app/v1/transactions/q?access_token=${hsToken}`, {
      method: 'PUT',
      body: '{}',
    });
    expect(response.status).toBe(401);
  });

  it('refuses what is not JSON without a stack', async () => {
    const response = await rig.put('bad', '{"events": [');
    expect(response.status).toBe(400);
    expect(await response.text()).not.toMatch(/at |node_modules/);
  });

  it('keeps no plaintext of a message, only who, where and what it belongs to', async () => {
    const canary = 'CANARY-4711';
    const plain = event({
      type: 'm.room.message',
      content: {
        msgtype: 'm.text',
        body: canary,
        formatted_body: canary,
        'm.relates_to': {
          rel_type: 'm.thread',
          event_id: '$root',
          'm.in_reply_to': { event_id: '$root' },
          note: canary,
        },
      },
      unsigned: { prev_content: { body: canary } },
    });
    const other = event({ type: 'm.room.redaction', redacts: '$gone', content: { reason: canary } });
    const state = event({ type: 'm.room.topic', state_key: '', content: { topic: canary } });
    const odd = event({ type: 'org.example.note', content: { text: canary } });
    const member = event({
      type: 'm.room.member',
      state_key: '@x:y',
      content: { membership: 'join', displayname: canary },
    });
    await rig.put('plain', { events: [plain, other, state, odd, member] });
    const [dump] = await rig.rows<{ text: string }>(
      `SELECT coalesce(string_agg(row_to_json(e)::text, ''), '') AS text FROM wardroom.inbox_events e`,
    );
    expect(dump!.text).not.toContain(canary);
    const [row] = await stored([plain.event_id]);
    expect(row!.content).toEqual({
      'm.relates_to': { rel_type: 'm.thread', event_id: '$root', 'm.in_reply_to': { event_id: '$root' } },
    });
  });

  it('takes events that PostgreSQL or the protocol would choke on, so that they block nothing', async () => {
    const deep = 'DEEP';
    const events = [
      event({ content: { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: `a\0b${'\ud800'}`, session_id: 'nul\0' } }),
      event({ content: { algorithm: deep, ciphertext: deep } }),
      event({ content: null }),
      event({ origin_server_ts: 'soon' }),
      event({ origin_server_ts: 1e300 }),
      event({ type: 'm.reaction', content: { 'm.relates_to': 'odd' } }),
    ];
    const nameless = [
      event({ event_id: undefined }),
      event({ event_id: 17 }),
      event({ sender: null }),
      null,
      'text',
      [],
    ];
    const ephemeral = [
      null,
      { type: 'm.receipt' },
      receipt('$nul\0'),
      receipt('$x', { thread: 'x'.repeat(300) }),
      { type: 'm.typing' },
    ];
    const text = JSON.stringify({ events: [...events, ...nameless], ephemeral });
    const response = await rig.put('odd', text.replaceAll('"DEEP"', `${'['.repeat(5_000)}${']'.repeat(5_000)}`));
    expect(response.status).toBe(200);
    expect(await stored(events.map((e) => e.event_id))).toHaveLength(events.length);
    expect((await rig.put('odder', [])).status).toBe(200);
    expect((await rig.put('oddest', { events: 'none', ephemeral: 7 })).status).toBe(200);
  });

  it('takes a transaction as large as the homeserver may send', async () => {
    const events = Array.from({ length: 100 }, () =>
      event({ content: { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'A'.repeat(60_000), session_id: 's' } }),
    );
    expect((await rig.put('large', { events })).status).toBe(200);
  });

  it('keeps what voices and the bot sent for its place only', async () => {
    const ours = [event({ sender: voice }), event({ sender: bot })];
    await rig.put('ours', { events: ours });
    expect(await stored(ours.map((e) => e.event_id))).toEqual(
      ours.map((e) => ({ event_id: e.event_id, state: 'handled', content: null })),
    );
  });

  it('hands on state in the name of the bot, which an administrator of the homeserver can set as well', async () => {
    const state = event({ sender: bot, type: 'm.room.power_levels', state_key: '', content: { users: {} } });
    await rig.put('puppet', { events: [state] });
    expect(await stored([state.event_id])).toEqual([{ event_id: state.event_id, state: 'waiting', content: {} }]);
  });

  it('drops the content of an event once it is handled', async () => {
    const one = event();
    await rig.put('drop', { events: [one] });
    const [row] = await rig.rows<{ seq: number }>('SELECT seq::int FROM wardroom.inbox_events WHERE event_id = $1', [
      one.event_id,
    ]);
    await rig.inbox.handled(row!.seq);
    expect(await stored([one.event_id])).toEqual([{ event_id: one.event_id, state: 'handled', content: null }]);
  });
});

describe('the other endpoints', () => {
  const get = (path: string, method = 'GET') =>
    fetch(`${rig.url}${path}`, { method, headers: { authorization: `Bearer ${hsToken}` } });

  it('knows its own users and no others, and no aliases', async () => {
    expect((await get(`/_matrix/app/v1/users/${encodeURIComponent(voice)}`)).status).toBe(200);
    expect((await get(`/_matrix/app/v1/users/${encodeURIComponent('@wardroom_other:hospital.example')}`)).status).toBe(
      404,
    );
    expect((await get(`/_matrix/app/v1/rooms/${encodeURIComponent('#wardroom_x:hospital.example')}`)).status).toBe(404);
    expect((await fetch(`${rig.url}/_matrix/app/v1/users/x`)).status).toBe(401);
  });

  it('answers the homeserver’s ping', async () => {
    expect((await get('/_matrix/app/v1/ping', 'POST')).status).toBe(200);
  });

  it('knows no paths of older specifications', async () => {
    expect((await get('/transactions/1', 'PUT')).status).toBe(404);
  });
});

it('forgets old transaction ids and no events', async () => {
  const one = event();
  await rig.put('tidy', { events: [one], ephemeral: [receipt(String(one.event_id), { room })] });
  await rig.inbox.tidy(rig.clock + 1);
  expect(await rig.rows('SELECT 1 FROM wardroom.inbox_transactions')).toEqual([]);
  expect(await stored([one.event_id])).toHaveLength(1);
});
