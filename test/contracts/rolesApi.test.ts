/** docs/roles-api.md: what an identity system relies on. The real edge, flow and PostgreSQL; business time is turned by hand. */
import { changedPerson, importedRoles, personRoles, roleList } from '../../src/channels/http/roleSchemas.ts';
import { problem } from '../../src/channels/http/schemas.ts';
import { rolesByApi } from '../../src/flows/rolesByApi.ts';
import { userId } from '../../src/kernel/ids.ts';
import { Secret } from '../../src/kernel/phi.ts';
import type { Policy } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { type Answer, type Rig, startRig, TOKENS } from '../channels/http/rig.ts';
import { policyOf, storeOn } from '../flows/controlRig.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';

const TOKEN = 'roles-token-0123456789';
const [amsel, brandt, guest] = ['@amsel:example', '@brandt:example', '@guest:partner.example'];
const clock = { at: 0, now: () => clock.at };
const partner = {
  domain: 'partner.example',
  contract: 'BAA-1',
  from: '2026-01-01',
  until: '2026-12-31',
  contact: 'privacy@partner.example',
  classes: ['consult'],
};

let bench: AuditBench;
let store: PostgresStore;
let rig: Rig;
let policy: Policy | null;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
  const api = rolesByApi({
    store,
    clock,
    policy: () => policy,
    agreements: async (_read, current) => current.agreements,
    ownServer: 'example',
    bot: userId('@wardroom:example'),
    voices: [userId('@wardroom_kestrel:example')],
  });
  rig = await startRig({ roles: { api, token: new Secret(TOKEN), perMinute: 1000 } });
});
beforeEach(async () => {
  await bench.admin.query('TRUNCATE wardroom.role_events, wardroom.audit_entries CASCADE');
  clock.at = Date.parse('2026-11-28T10:00:00Z');
  policy = policyOf({ agreements: [partner] });
});
afterAll(async () => {
  await rig?.stop();
  await bench?.close();
});

const call = (method: string, path: string, body?: unknown, type = 'application/json', token = TOKEN) =>
  rig.call(`/api/v1/roles${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
const pathOf = (user: string, query = '') => `/${encodeURIComponent(user)}${query}`;
const put = (user: string, roles: readonly unknown[], query = '') => call('PUT', pathOf(user, query), { roles });
const rolesOf = async (user: string): Promise<readonly string[]> =>
  personRoles.parse((await call('GET', pathOf(user))).body).roles.map(({ role }) => role);
const events = async () =>
  (
    await bench.admin.query<{ event: { type: string; user: string; role: string; by: string } }>(
      'SELECT event FROM wardroom.role_events ORDER BY number',
    )
  ).rows.map(({ event }) => event);
const audited = async () =>
  (
    await bench.pool.query<{ line: string }>(
      `SELECT concat_ws(' ', body->>'action', body->>'outcome', body->>'code') AS line FROM wardroom.audit_entries ORDER BY entry_id`,
    )
  ).rows.map(({ line }) => line);

function expectRefused(answer: Answer, errors: readonly { path: string; code: string }[]): void {
  expect([answer.status, answer.headers.get('content-type')]).toEqual([422, 'application/problem+json; charset=utf-8']);
  expect(problem.parse(answer.body)).toMatchObject({ code: 'invalid', errors });
}

/** As two administrators gave it at the bot. */
const privileged = (user: string, role: string) =>
  store.change(async (tx) => {
    await tx.roles.append({
      type: 'granted',
      at: clock.at,
      user: userId(user),
      role,
      from: clock.at,
      until: null,
      reviewBy: clock.at + 90 * 86_400_000,
      by: '@ash:example',
    });
    return { value: null, audit: [{ action: 'test.done', outcome: 'ok', actor: 'wardroom' }] };
  });

describe('PUT /api/v1/roles/{user_id}', () => {
  it('grants what is new, revokes what is not named, and changes nothing when it comes again', async () => {
    const first = await put(amsel, [{ role: 'physician' }, { role: 'nurse', until: '2027-06-30' }]);
    expect(first.status).toBe(200);
    expect(changedPerson.parse(first.body)).toMatchObject({
      granted: [
        { role: 'physician', until: null },
        { role: 'nurse', until: '2027-06-30' },
      ],
      revoked: [],
      done: true,
      roles: [
        { role: 'nurse', until: '2027-06-30', by: 'api:roles', privileged: false },
        { role: 'physician', until: null },
      ],
    });
    const again = await put(amsel, [
      { role: 'nurse', until: '2027-06-30' },
      { role: 'physician', until: null },
    ]);
    expect(again.body).toMatchObject({ granted: [], revoked: [], unchanged: 2, done: true });
    expect(await events()).toHaveLength(2);
    const less = await put(amsel, [{ role: 'nurse', until: '2027-06-30' }]);
    expect(less.body).toMatchObject({ granted: [], revoked: [{ role: 'physician' }], unchanged: 1 });
    expect(await rolesOf(amsel)).toEqual(['nurse']);
    expect((await put(amsel, [])).body).toMatchObject({ revoked: [{ role: 'nurse' }], roles: [] });
    expect(await audited()).toEqual([
      ...['roles.set ok', 'role.granted ok api', 'role.granted ok api', 'roles.set ok', 'roles.set ok'],
      ...['role.revoked ok api', 'roles.shown ok', 'roles.set ok', 'role.revoked ok api'],
    ]);
  });

  it('is about one person: nobody else loses anything', async () => {
    await put(amsel, [{ role: 'physician' }]);
    await put(brandt, [{ role: 'nurse' }]);
    await put(amsel, []);
    expect(await rolesOf(brandt)).toEqual(['nurse']);
  });

  it('shows with dry_run what it would do, and does nothing', async () => {
    await put(amsel, [{ role: 'physician' }]);
    const shown = await put(amsel, [{ role: 'nurse' }], '?dry_run=true');
    expect(changedPerson.parse(shown.body)).toMatchObject({
      granted: [{ role: 'nurse' }],
      revoked: [{ role: 'physician' }],
      done: false,
      roles: [{ role: 'nurse' }],
    });
    expect(await rolesOf(amsel)).toEqual(['physician']);
    expectRefused(await put(amsel, [], '?dry_run=perhaps'), [{ path: 'dry_run', code: 'not-allowed' }]);
  });

  it('ends a role when its last day is over, in the time zone of the policy', async () => {
    policy = policyOf({ time_zone: 'America/New_York' });
    await put(amsel, [{ role: 'nurse', until: '2026-11-29' }]);
    clock.at = Date.parse('2026-11-30T04:59:59Z');
    expect(personRoles.parse((await call('GET', pathOf(amsel))).body).roles).toMatchObject([{ until: '2026-11-29' }]);
    clock.at += 1_000;
    expect(await rolesOf(amsel)).toEqual([]);
  });

  it.each(['admin', 'privacy-officer', 'security-officer'])('neither gives nor takes %s', async (role) => {
    expectRefused(await put(amsel, [{ role: 'nurse' }, { role }]), [{ path: '/roles/1', code: 'needs-second-person' }]);
    expect(await events()).toEqual([]);
    await privileged(amsel, role);
    expect((await put(amsel, [])).body).toMatchObject({ revoked: [], roles: [{ role, privileged: true }] });
    const list = await call('POST', '/import?prune=true', 'user,role\n@brandt:example,nurse\n', 'text/csv');
    expect(list.body).toMatchObject({ revoked: [], done: true });
    expect(await rolesOf(amsel)).toEqual([role]);
  });

  it.each([
    ['a role that there is not', amsel, [{ role: 'wizard' }], '/roles/0', 'role-unknown'],
    ['a name that every object has', amsel, [{ role: 'constructor' }], '/roles/0', 'role-unknown'],
    ['a day that there is not', amsel, [{ role: 'nurse', until: '2026-02-30' }], '/roles/0', 'until'],
    ['a time', amsel, [{ role: 'nurse', until: '2027-06-30T00:00:00Z' }], '/roles/0', 'until'],
    ['a day that is over', amsel, [{ role: 'nurse', until: '2026-11-27' }], '/roles/0', 'empty-period'],
    ['more time than the policy gives', amsel, [{ role: 'nurse', until: '2099-01-01' }], '/roles/0', 'too-long'],
    ['the same role twice', amsel, [{ role: 'nurse' }, { role: 'nurse' }], '/roles/1', 'twice'],
    ['what is no Matrix id', 'amsel', [{ role: 'nurse' }], 'user_id', 'user'],
    ['an id with a character that none has', '@am\u0000sel:example', [{ role: 'nurse' }], '/roles/0', 'no-user-id'],
    ['a stranger', '@amsel:elsewhere.example', [{ role: 'nurse' }], '/roles/0', 'not-on-file'],
    ['Wardroom itself', '@wardroom:example', [{ role: 'nurse' }], '/roles/0', 'is-wardroom'],
    ['a voice', '@wardroom_kestrel:example', [{ role: 'nurse' }], '/roles/0', 'is-wardroom'],
    ['an entry that is none', amsel, ['nurse'], '/roles/0', 'not-an-object'],
    ['an entry without a role', amsel, [{ until: null }], '/roles/0/role', 'missing'],
    ['a misspelt end', amsel, [{ role: 'nurse', untill: '2026-12-01' }], '/roles/0', 'unknown-field'],
    ['an end that is a number', amsel, [{ role: 'nurse', until: 20261201 }], '/roles/0/until', 'not-a-string'],
  ])('refuses %s, keeps nothing and says so in the audit log', async (_what, user, roles, path, code) => {
    await put(brandt, [{ role: 'physician' }]);
    const before = await events();
    const answer = await put(user, roles);
    expectRefused(answer, [{ path, code }]);
    expect(await events()).toEqual(before);
    expect((await audited()).at(-1)).toBe(`roles.set refused ${code}`);
  });

  it.each([
    [[], '', 'not-an-object'],
    [{}, '/roles', 'missing'],
    [{ roles: 'nurse' }, '/roles', 'not-a-list'],
    [{ roles: Array.from({ length: 101 }, () => ({ role: 'nurse' })) }, '/roles', 'too-many'],
    [{ roles: [], user: amsel }, '', 'unknown-field'],
  ])('refuses a document that is none: %j', async (document, path, code) => {
    await put(amsel, [{ role: 'nurse' }]);
    expectRefused(await call('PUT', pathOf(amsel), document), [{ path, code }]);
    expect(await rolesOf(amsel)).toEqual(['nurse']);
  });

  it('gives people of a partner roles only while the agreement is in force, and takes them back at any time', async () => {
    expect((await put(guest, [{ role: 'physician' }])).status).toBe(200);
    clock.at = Date.parse('2027-01-01T00:00:00Z');
    expectRefused(await put(guest, [{ role: 'physician' }, { role: 'nurse' }]), [
      { path: '/roles/0', code: 'not-on-file' },
      { path: '/roles/1', code: 'not-on-file' },
    ]);
    expect((await put(guest, [])).body).toMatchObject({ revoked: [{ role: 'physician' }] });
  });

  it('of two at once leaves what one of them said, not a mixture', async () => {
    const sets = [['nurse', 'physician'], ['pharmacist'], ['billing', 'front-desk']];
    await Promise.all(
      sets.map((set) =>
        put(
          amsel,
          set.map((role) => ({ role })),
        ),
      ),
    );
    expect(sets).toContainEqual(await rolesOf(amsel));
  });

  it('answers 503 while no policy can be read, and shows nothing then, either', async () => {
    policy = null;
    for (const answer of [await put(amsel, []), await call('GET', ''), await call('GET', pathOf(amsel))]) {
      expect([answer.status, problem.parse(answer.body).code]).toEqual([503, 'policy-unreadable']);
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    expect((await audited())[0]).toBe('roles.set refused policy-unreadable');
  });
});

describe('GET /api/v1/roles', () => {
  it('shows who holds what now, of everybody or of one role', async () => {
    await put(amsel, [{ role: 'nurse', until: '2026-11-28' }, { role: 'physician' }]);
    await put(brandt, [{ role: 'nurse' }]);
    const all = roleList.parse((await call('GET', '')).body);
    expect(all.people.map(({ user_id, roles }) => [user_id, roles.map(({ role }) => role)])).toEqual([
      [amsel, ['nurse', 'physician']],
      [brandt, ['nurse']],
    ]);
    clock.at += 86_400_000;
    const nurses = roleList.parse((await call('GET', '?role=nurse')).body);
    expect(nurses.people.map(({ user_id }) => user_id)).toEqual([brandt]);
    expectRefused(await call('GET', '?role=wizard'), [{ path: 'role', code: 'role-unknown' }]);
    expectRefused(await call('GET', pathOf('amsel')), [{ path: 'user_id', code: 'user' }]);
    expect(await rolesOf('@nobody:example')).toEqual([]);
    expect((await audited()).filter((line) => line.startsWith('roles.listed'))).toHaveLength(3);
  });
});

describe('POST /api/v1/roles/import', () => {
  const csv = `user,role,until\n${amsel},physician,\n${brandt},nurse,2027-01-31\n`;
  const importing = (list: string, query = '') => call('POST', `/import${query}`, list, 'text/csv; charset=utf-8');

  it('does what the command does: all of it or nothing, with a dry run', async () => {
    expect(importedRoles.parse((await importing(csv, '?dry_run=true')).body)).toMatchObject({ done: false });
    expect(await events()).toEqual([]);
    expect((await importing(csv)).body).toEqual({
      granted: [
        { user_id: amsel, role: 'physician', until: null },
        { user_id: brandt, role: 'nurse', until: '2027-01-31' },
      ],
      revoked: [],
      unchanged: 0,
      done: true,
    });
    expect((await events()).every(({ by }) => by === 'api:roles')).toBe(true);
    const one = `user,role\n${amsel},physician\n`;
    expect((await importing(one)).body).toMatchObject({ granted: [], revoked: [], unchanged: 1 });
    expect((await importing(one, '?prune=true')).body).toMatchObject({ revoked: [{ user_id: brandt, role: 'nurse' }] });
  });

  it('names every line that cannot be, and keeps nothing', async () => {
    expectRefused(await importing(`${csv}${amsel},admin,\n${amsel},wizard,\n`), [
      { path: 'line 4', code: 'needs-second-person' },
      { path: 'line 5', code: 'role-unknown' },
    ]);
    expect(await events()).toEqual([]);
    expect(await audited()).toEqual(['roles.imported refused needs-second-person']);
  });

  it.each([
    ['', 'columns'],
    ['user,role\n', 'columns'],
    ['name,job\na,b\n', 'columns'],
    ['user,role\n"unclosed\n', 'csv'],
  ])('refuses what is no list: %j', async (list, code) => {
    await put(amsel, [{ role: 'nurse' }]);
    expectRefused(await importing(list, '?prune=true'), [{ path: '', code }]);
    expect(await rolesOf(amsel)).toEqual(['nurse']);
  });

  it('takes the roles of a hospital in one list', async () => {
    const list = Array.from({ length: 5_000 }, (_, n) => `@u${n}:example,nurse`).join('\n');
    const answer = await importing(`user,role\n${list}\n`);
    expect(answer.body.granted).toHaveLength(5_000);
    expect((await importing(`user,role\n${list}\n`, '?prune=true')).body).toMatchObject({
      granted: [],
      unchanged: 5_000,
    });
  });

  it('answers 413 above 8 MiB and 415 to another type', async () => {
    expect((await importing(`user,role\n${' '.repeat(8 * 1024 * 1024)}`)).body.code).toBe('body-too-large');
    expect((await call('POST', '/import', csv, 'application/json')).body.code).toBe('media-type');
    expect((await call('PUT', pathOf(amsel), csv, 'text/csv')).body.code).toBe('media-type');
  });
});

describe('the token', () => {
  const paths = ['/api/v1/roles', `/api/v1/roles/${encodeURIComponent(amsel)}`, '/api/v1/roles/import'];

  it.each([TOKENS.nightjar, 'who-knows-this-token', TOKEN.slice(0, -1), ''])(
    'of roles is needed for roles: %s opens none, and none is told from the other',
    async (token) => {
      const unknown = await call('GET', '', undefined, undefined, 'another-token-0123456789');
      for (const path of paths) {
        const method = path.endsWith('import') ? 'POST' : 'GET';
        const answer = await rig.call(path, { method, headers: { authorization: `Bearer ${token}` } });
        expect(answer.status).toBe(401);
        if (token !== '') expect(answer.body).toEqual(unknown.body);
      }
      expect((await call('PUT', pathOf(amsel), { roles: [{ role: 'nurse' }] }, undefined, token)).status).toBe(401);
      expect([await events(), await audited()]).toEqual([[], []]);
    },
  );

  it('of roles opens no tickets', async () => {
    const calls = rig.tickets.calls;
    for (const path of ['/api/v1/tickets', '/api/v1/tickets/tkt_1'])
      expect(problem.parse((await rig.get(path, TOKEN)).body).code).toBe('token-unknown');
    expect((await rig.post({}, { token: TOKEN })).status).toBe(401);
    expect(rig.tickets.calls).toBe(calls);
  });

  it('is of no use where roles are off: there is nothing', async () => {
    const without = await startRig();
    for (const path of paths)
      for (const method of ['GET', 'PUT', 'POST'])
        expect((await without.call(path, { method, headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(404);
    await without.stop();
  });

  it('is counted: beyond the limit the answer is 429', async () => {
    const api = { list: async () => ({ kind: 'done' as const, value: { people: [] } }) };
    const limited = await startRig({ roles: { api: api as never, token: new Secret(TOKEN), perMinute: 2 } });
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await limited.get('/api/v1/roles', TOKEN)).status);
    await limited.stop();
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe('other methods', () => {
  it.each([
    ['DELETE', pathOf(amsel), 'GET, HEAD, PUT'],
    ['POST', '', 'GET, HEAD'],
    ['GET', '/import', 'POST'],
  ])('%s %s is answered 405 with what is allowed', async (method, path, allow) => {
    const answer = await call(method, path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  });
});
