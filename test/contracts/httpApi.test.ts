/** contract.md, "HTTP API": what answering services rely on, at the edge. Behind it stands a fake; e2e has everything real. */
import { problem, ticketDetail, ticketPage, ticketView } from '../../src/channels/http/schemas.ts';
import { type Answer, aTicket, type Rig, rawRequest, startRig, TOKENS } from '../channels/http/rig.ts';

describe('POST /api/v1/tickets', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.stop());

  it('answers 202 to a new ticket and 200 to the same again', async () => {
    const first = await rig.post(aTicket());
    expect(first.status).toBe(202);
    expect(ticketView.parse(first.body)).toMatchObject({
      external_id: 'NJ-1',
      urgency: 'urgent',
      state: 'accepted',
      duplicate: false,
    });
    expect(first.headers.get('location')).toBe(`/api/v1/tickets/${first.body.ticket_id}`);
    const again = await rig.post(aTicket());
    expect(again.status).toBe(200);
    expect(ticketView.parse(again.body)).toEqual({ ...first.body, duplicate: true });
  });

  it('answers 202 and id_reused to the same id with another text', async () => {
    const first = await rig.post(aTicket());
    const other = await rig.post(aTicket({ reason: 'Something else.' }));
    expect(other.status).toBe(202);
    expect(other.body.flags).toContain('id_reused');
    expect(other.body.ticket_id).not.toBe(first.body.ticket_id);
  });

  it('says nothing before the ticket is safe', async () => {
    let release = () => {};
    rig.tickets.hold = new Promise((resolve) => {
      release = resolve;
    });
    let answered = false;
    const posting = rig.post(aTicket()).then((answer) => {
      answered = true;
      return answer;
    });
    // Another request has its answer while the first is held: had there been one, it would have come.
    await rig.call('/health');
    expect(answered).toBe(false);
    release();
    expect((await posting).status).toBe(202);
  });

  it.each([
    ['no token', undefined, 'not-authenticated', 'Bearer realm="wardroom"'],
    ['another scheme', `Basic ${TOKENS.nightjar}`, 'not-authenticated', 'Bearer realm="wardroom"'],
    ['an empty token', 'Bearer ', 'not-authenticated', 'Bearer realm="wardroom"'],
    ['an unknown token', 'Bearer who-knows-this', 'token-unknown', 'Bearer realm="wardroom", error="invalid_token"'],
    [
      'the beginning of a token',
      `Bearer ${TOKENS.nightjar.slice(0, -1)}`,
      'token-unknown',
      'Bearer realm="wardroom", error="invalid_token"',
    ],
    [
      'a token and more',
      `Bearer ${TOKENS.nightjar}x`,
      'token-unknown',
      'Bearer realm="wardroom", error="invalid_token"',
    ],
  ])('answers 401 to %s', async (_what, authorization, code, challenge) => {
    const answer = await rig.call('/api/v1/tickets', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      body: JSON.stringify(aTicket()),
    });
    expectProblem(answer, 401, code);
    expect(answer.headers.get('www-authenticate')).toBe(challenge);
    expect(rig.tickets.calls).toBe(0);
  });

  it('takes the name of the scheme in any case', async () => {
    const answer = await rig.call('/api/v1/tickets', { headers: { authorization: `bEARER ${TOKENS.nightjar}` } });
    expect(answer.status).toBe(200);
  });

  it('answers 403 to an account that is unknown or belongs to another service, without telling them apart', async () => {
    const unknown = await rig.post(aTicket({ account: 'NOBODY' }));
    const foreign = await rig.post(aTicket({ account: 'ORRIN-HOME' }));
    expectProblem(unknown, 403, 'account-refused');
    expect(foreign.body).toEqual(unknown.body);
  });

  it('takes 256 KiB and answers 413 to a byte more', async () => {
    const sized = (bytes: number) => {
      const empty = JSON.stringify(aTicket({ note: '' })).length;
      return JSON.stringify(aTicket({ note: 'x'.repeat(bytes - empty) }));
    };
    expect((await rig.post(null, { raw: sized(256 * 1024) })).status).toBe(202);
    expectProblem(await rig.post(null, { raw: sized(256 * 1024 + 1) }), 413, 'body-too-large');
    expect(rig.tickets.tickets.size).toBe(1);
  });

  it('answers 413 to an endless body that does not say its length', async () => {
    const endless = new ReadableStream(
      { pull: (controller) => controller.enqueue(new Uint8Array(65536).fill(32)) },
      { highWaterMark: 0 },
    );
    const limited = endless.pipeThrough(limit(4 * 1024 * 1024));
    const answer = await rig.call('/api/v1/tickets', {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKENS.nightjar}`, 'content-type': 'application/json' },
      body: limited,
      duplex: 'half',
    } as RequestInit);
    expectProblem(answer, 413, 'body-too-large');
  });

  it.each([
    ['text', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['no type', ''],
    ['another charset', 'application/json; charset=iso-8859-1'],
    ['two charsets', 'application/json; charset=utf-8; charset=utf-7'],
    ['something that begins alike', 'application/json-seq'],
  ])('answers 415 to %s', async (_what, type) => {
    const { status, text } = await rawRequest(`${rig.listener.url}/api/v1/tickets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKENS.nightjar}`, ...(type && { 'content-type': type }) },
      body: JSON.stringify(aTicket()),
    });
    expect(status).toBe(415);
    expect(JSON.parse(text).code).toBe('media-type');
    expect(rig.tickets.calls).toBe(0);
  });

  it('answers 415 to a compressed body', async () => {
    const { status } = await rawRequest(`${rig.listener.url}/api/v1/tickets`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${TOKENS.nightjar}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: Buffer.from([0x1f, 0x8b, 8, 0]),
    });
    expect(status).toBe(415);
  });

  it.each([
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON',
    'application/json; profile=x',
  ])('takes a body of type %s', async (type) => {
    expect((await rig.post(aTicket(), { type })).status).toBe(202);
  });

  it.each([
    ['nothing', '', 'not-json'],
    ['half a document', '{"id": "NJ-1", "acc', 'not-json'],
    ['two documents', '{} {}', 'not-json'],
    ['XML', '<ticket/>', 'not-json'],
    ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22), 'not-utf8'],
    ['UTF-16', new Uint8Array(Buffer.from('\ufeff{}', 'utf16le')), 'not-utf8'],
    ['half a character', Uint8Array.of(0x22, 0xc3, 0x22), 'not-utf8'],
  ])('answers 422 to %s', async (_what, raw, code) => {
    expectProblem(await rig.post(null, { raw }), 422, code);
    expect(rig.tickets.calls).toBe(0);
  });

  it.each([
    ['a list', []],
    ['a string', 'x'],
    ['a number', 7],
    ['null', null],
    ['true', true],
  ])('answers 422 to %s', async (_what, document) => {
    const answer = await rig.post(document);
    expectProblem(answer, 422, 'invalid');
    expect(answer.body.errors).toEqual([{ path: '', code: 'not-an-object' }]);
  });

  it('names every required field that is missing, empty or no string, and no value', async () => {
    const answer = await rig.post({ id: '', account: 7 });
    expectProblem(answer, 422, 'invalid');
    expect(answer.body.errors).toEqual([
      { path: '/id', code: 'empty' },
      { path: '/account', code: 'not-a-string' },
      { path: '/reason', code: 'missing' },
    ]);
  });

  it('admits a ticket whatever else in it is missing, null or odd', async () => {
    const answer = await rig.post({
      id: 'odd',
      account: 'LARK-CARD',
      reason: 'r',
      caller: 7,
      patient: [null],
      urgency: {},
      taken_at: false,
    });
    expect(answer.status).toBe(202);
    expect(answer.body.urgency).toBe('urgent');
    expect(answer.body.flags).toEqual(expect.arrayContaining(['urgency', 'taken_at', 'callback', 'dob']));
  });

  it('begins with a byte order mark if it likes', async () => {
    expect((await rig.post(null, { raw: `\ufeff${JSON.stringify(aTicket())}` })).status).toBe(202);
  });

  it('is not hurt by duplicate keys, __proto__ or a hundred thousand brackets', async () => {
    const ticket = JSON.stringify(aTicket()).slice(1);
    expect((await rig.post(null, { raw: `{"id":"first",${ticket}` })).body.external_id).toBe('NJ-1');
    expect(
      (
        await rig.post(null, {
          raw: `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${ticket}`,
        })
      ).status,
    ).toBe(202);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((await rig.post(null, { raw: `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},${ticket}` })).status).toBe(
      202,
    );
    expect((await rig.post(null, { raw: '['.repeat(200_000) })).status).toBe(422);
  });

  it('answers 503 with Retry-After when nothing can be kept now', async () => {
    rig.tickets.failure = 'busy';
    const busy = await rig.post(aTicket());
    expectProblem(busy, 503, 'unavailable');
    expect(busy.headers.get('retry-after')).toBe('7');
    rig.tickets.failure = new Error('connection refused at CNRY-secret');
    const broken = await rig.post(aTicket());
    expectProblem(broken, 503, 'unavailable');
    expect(Number(broken.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(broken.text).not.toContain('CNRY');
    expect(rig.failures).toEqual([rig.tickets.failure]);
  });
});

describe('the limits', () => {
  it('answers 429 with Retry-After to a service beyond its limit, and lets the other service through', async () => {
    const rig = await startRig({ limits: { servicePerMinute: 2, badTokensPerMinute: 100 } });
    try {
      expect((await rig.post(aTicket())).status).toBe(202);
      expect((await rig.post(aTicket())).status).toBe(200);
      const third = await rig.post(aTicket());
      expectProblem(third, 429, 'too-many-requests');
      expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await rig.get('/api/v1/tickets', TOKENS.wren)).status).toBe(200);
    } finally {
      await rig.stop();
    }
  });

  it('answers 429 to a guesser of tokens, and still takes good tokens from the same address', async () => {
    const rig = await startRig({ limits: { servicePerMinute: 100, badTokensPerMinute: 3 } });
    try {
      for (let guess = 0; guess < 3; guess++)
        expect((await rig.post(aTicket(), { token: `guess-${guess}` })).status).toBe(401);
      const fourth = await rig.post(aTicket(), { token: 'guess-4' });
      expectProblem(fourth, 429, 'too-many-requests');
      expect(fourth.headers.get('retry-after')).not.toBeNull();
      expect((await rig.post(aTicket())).status).toBe(202);
    } finally {
      await rig.stop();
    }
  });

  it('does not believe X-Forwarded-For from nobody in particular', async () => {
    const rig = await startRig({ limits: { servicePerMinute: 100, badTokensPerMinute: 1 } });
    try {
      const guess = (address: string) =>
        rig.call('/api/v1/tickets', { headers: { authorization: 'Bearer guess', 'x-forwarded-for': address } });
      expect((await guess('192.0.2.1')).status).toBe(401);
      expect((await guess('192.0.2.2')).status).toBe(429);
    } finally {
      await rig.stop();
    }
  });
});

describe('GET /api/v1/tickets', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await startRig();
  });
  afterEach(() => rig.stop());

  it('shows a ticket with its timeline and without its text', async () => {
    const { ticket_id } = (await rig.post(aTicket())).body;
    const answer = await rig.get(`/api/v1/tickets/${ticket_id}`);
    expect(answer.status).toBe(200);
    expect(ticketDetail.parse(answer.body).timeline).toHaveLength(1);
    expect(answer.text).not.toContain('Wrenfield');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it.each(['tkt_00000000000000000000000009', 'nothing', '%00', '..%2f..%2fetc', 'tkt_x%27%20or%201=1'])(
    'answers 404 for %s',
    async (id) => {
      expectProblem(await rig.get(`/api/v1/tickets/${id}`), 404, 'not-found');
    },
  );

  it("answers 404 for another service's ticket", async () => {
    const { ticket_id } = (await rig.post(aTicket())).body;
    expectProblem(await rig.get(`/api/v1/tickets/${ticket_id}`, TOKENS.wren), 404, 'not-found');
  });

  it('lists a page at a time, only the own tickets', async () => {
    for (const id of ['a', 'b', 'c']) await rig.post(aTicket({ id }));
    const first = ticketPage.parse((await rig.get('/api/v1/tickets?state=open')).body);
    const second = ticketPage.parse((await rig.get(`/api/v1/tickets?state=open&cursor=${first.next}`)).body);
    expect([...first.tickets, ...second.tickets].map((ticket) => ticket.external_id)).toEqual(['a', 'b', 'c']);
    expect(second.next).toBeNull();
    expect((await rig.get('/api/v1/tickets', TOKENS.wren)).body.tickets).toEqual([]);
  });

  it('takes the cursor empty, as a template would send it', async () => {
    expect((await rig.get('/api/v1/tickets?state=open&cursor=')).status).toBe(200);
  });

  it.each(['state=asleep', 'state=open&state=sent', 'cursor=%00'])('answers 422 to %s', async (query) => {
    expectProblem(await rig.get(`/api/v1/tickets?${query}`), 422, 'invalid');
  });

  it('does not make objects of parameters', async () => {
    expect((await rig.get('/api/v1/tickets?cursor[$ne]=1&state[]=x')).status).toBe(200);
  });
});

describe('every answer', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig({
      readiness: async () => [
        { part: 'database', ok: true },
        { part: 'homeserver', ok: false },
        { part: 'voices', ok: false },
      ],
    });
  });
  afterAll(() => rig.stop());

  it.each([
    ['PUT', '/api/v1/tickets', 'GET, HEAD, POST'],
    ['OPTIONS', '/api/v1/tickets', 'GET, HEAD, POST'],
    ['POST', '/api/v1/tickets/tkt_1', 'GET, HEAD'],
    ['DELETE', '/api/v1/openapi.json', 'GET, HEAD'],
    ['POST', '/health', 'GET, HEAD'],
    ['POST', '/ready', 'GET, HEAD'],
  ])('to %s %s is 405 and says what is allowed', async (method, path, allow) => {
    const answer = await rig.call(path, { method });
    expectProblem(answer, 405, 'method-not-allowed');
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it.each(['/', '/api', '/api/v1', '/api/v2/tickets', '/API/v1/tickets', '/api/v1/tickets/a/b', '/metrics', '/.env'])(
    'to %s is 404, as a problem',
    async (path) => {
      const answer = await rig.get(path);
      expectProblem(answer, 404, 'not-found');
    },
  );

  it('to a path that cannot be decoded is a problem, too', async () => {
    const answer = await rawRequest(`${rig.listener.url}/api/v1/tickets/%zz`, {
      method: 'GET',
      headers: { authorization: `Bearer ${TOKENS.nightjar}` },
    });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).code).toBe('bad-request');
  });

  it('tells nothing of the software, and forbids sniffing', async () => {
    for (const path of ['/health', '/api/v1/tickets', '/nowhere']) {
      const { headers } = await rig.call(path);
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('server')).toBeNull();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).not.toBeNull();
    }
  });

  it('of /ready comes although a part hangs or fails to tell', async () => {
    for (const readiness of [() => new Promise<never>(() => {}), () => Promise.reject(new Error('CNRY'))]) {
      const other = await startRig({ readiness });
      const ready = await other.call('/ready');
      expectProblem(ready, 503, 'not-ready');
      expect(ready.body.not_ready).toEqual(['unknown']);
      await other.stop();
    }
  });

  it('of /health says that the process lives; of /ready names what is not', async () => {
    expect(await rig.call('/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const ready = await rig.call('/ready');
    expectProblem(ready, 503, 'not-ready');
    expect(ready.body.not_ready).toEqual(['homeserver', 'voices']);
  });
});

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body?.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(problem.parse(answer.body).status).toBe(status);
}

function limit(bytes: number): TransformStream<Uint8Array, Uint8Array> {
  let left = bytes;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      left -= chunk.byteLength;
      if (left <= 0) controller.terminate();
    },
  });
}
