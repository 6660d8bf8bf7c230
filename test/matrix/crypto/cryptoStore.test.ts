import { spawn } from 'node:child_process';
import pg from 'pg';
import type { CryptoLease, CryptoStore, StoreChange, StoredDatabase } from '../../../src/flows/cryptoPort.ts';
import { deviceId, userId } from '../../../src/kernel/ids.ts';
import { createCryptoStore } from '../../../src/postgres/cryptoStore.ts';
import { type TestDatabase, testDatabase } from '../../support/database.ts';

let database: TestDatabase;
let store: CryptoStore;
const held: CryptoLease[] = [];

beforeAll(async () => {
  database = await testDatabase();
  store = createCryptoStore(database.serviceUrl);
});
afterAll(() => database?.drop());
afterEach(() => Promise.all(held.splice(0).map((lease) => lease.release())));

async function take(voice: string, options: { wait?: boolean } = {}): Promise<CryptoLease> {
  const lease = await store.acquire(userId(voice), options);
  if (!lease.ok) throw new Error(lease.error);
  held.push(lease.value);
  return lease.value;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const put = (key: string, value: string): StoreChange => ({
  kind: 'put',
  database: 'db',
  store: 's',
  key,
  value: bytes(value),
});
const empty: StoredDatabase = {
  name: 'db',
  version: 4,
  stores: [
    { name: 's', keyPath: null, indexes: [{ name: 'i', keyPath: ['a', 'b'], unique: true, multiEntry: false }] },
  ],
  records: [],
};
const contents = async (lease: CryptoLease): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await lease.load()).databases.flatMap((db) => db.records.map((r) => [r.key, Buffer.from(r.value).toString()])),
  );

it('gives back what was written: schema, records, token, in the order of the changes', async () => {
  const lease = await take('@one:test');
  expect(await lease.load()).toEqual({
    deviceId: null,
    ready: false,
    syncToken: null,
    sealedIdentity: null,
    epoch: 0,
    digest: null,
    databases: [],
  });
  await lease.startDevice(deviceId('DEV'), 0);
  await lease.apply([
    { kind: 'replace', database: { ...empty, records: [{ store: 's', key: '"old"', value: bytes('x') }] } },
  ]);
  await lease.apply(
    [put('"a"', '1'), put('"a"', '2'), put('"b"', '3'), { kind: 'delete', database: 'db', store: 's', key: '"old"' }],
    {
      syncToken: 's1',
    },
  );
  await lease.apply([put('"c"', '4'), { kind: 'delete', database: 'db', store: 's', key: '"c"' }, put('"d"', '')]);
  await lease.saveSealedIdentity(bytes('sealed'));
  await lease.markReady();
  await lease.release();
  const again = await take('@one:test');
  const stored = await again.load();
  expect(stored).toMatchObject({ deviceId: 'DEV', ready: true, syncToken: 's1' });
  expect(Buffer.from(stored.sealedIdentity!).toString()).toBe('sealed');
  expect(stored.databases[0]).toMatchObject({ name: 'db', version: 4, stores: empty.stores });
  expect(await contents(again)).toEqual({ '"a"': '2', '"b"': '3', '"d"': '' });
  await again.apply([put('"e"', 'gone'), { kind: 'replace', database: empty }, put('"f"', 'kept')]);
  expect(await contents(again)).toEqual({ '"f"': 'kept' });
  await again.startDevice(deviceId('NEXT'), 0);
  expect(await again.load()).toMatchObject({ deviceId: 'NEXT', ready: false, syncToken: null, databases: [] });
  expect((await again.load()).sealedIdentity).not.toBeNull();
});

it('a second process cannot take the lease while the first holds it, and gets it when that one lets go', async () => {
  const first = await take('@two:test');
  expect(await store.acquire(userId('@two:test'))).toEqual({ ok: false, error: 'held' });
  expect((await take('@other:test')).lost).toBeInstanceOf(Promise);
  let second: CryptoLease | null = null;
  const waiting = take('@two:test', { wait: true }).then((lease) => {
    second = lease;
  });
  await first.apply([{ kind: 'replace', database: empty }, put('"a"', 'by the first')]);
  expect(second).toBeNull();
  await first.release();
  await waiting;
  expect(await contents(second!)).toEqual({ '"a"': 'by the first' });
});

it('waiting for a lease ends when it is given up', async () => {
  const first = await take('@three:test');
  const stop = new AbortController();
  const waiting = store.acquire(userId('@three:test'), { wait: true, signal: stop.signal });
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  const blocked = async (): Promise<number> =>
    (await client.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)).rows.length;
  while ((await blocked()) === 0);
  stop.abort();
  expect(await waiting).toEqual({ ok: false, error: 'unavailable' });
  // Nobody is left behind in the queue who would get the lock and keep it.
  await first.release();
  while ((await blocked()) > 0);
  await client.end();
  await take('@three:test', { wait: true });
});

it('a lease whose connection was lost cannot write, also not after somebody else took it', async () => {
  const fenced = await take('@four:test');
  await fenced.apply([{ kind: 'replace', database: empty }, put('"a"', 'before')]);
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  await client.end();
  const next = await take('@four:test', { wait: true });
  await expect(fenced.apply([put('"a"', 'by the fenced one')])).rejects.toThrow('crypto store failed');
  await expect(fenced.load()).rejects.toThrow('crypto store failed');
  await fenced.lost;
  expect(await contents(next)).toEqual({ '"a"': 'before' });
});

it('kill -9 of the holder frees the lease at once', async () => {
  const script = `
    import { createCryptoStore } from ${JSON.stringify(new URL('../../../src/postgres/cryptoStore.ts', import.meta.url).href)};
    const lease = await createCryptoStore(process.env.URL).acquire('@five:test');
    process.stdout.write(lease.ok ? 'held' : 'failed');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { URL: database.serviceUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data: Buffer) => resolve(data.toString())),
  );
  expect(said).toBe('held');
  expect(await store.acquire(userId('@five:test'))).toEqual({ ok: false, error: 'held' });
  const waiting = take('@five:test', { wait: true });
  const killed = performance.now();
  child.kill('SIGKILL');
  await waiting;
  expect(performance.now() - killed).toBeLessThan(2_000);
});

it('a holder that is frozen loses the lease within seconds, and writes nothing any more when it wakes up', async () => {
  const script = `
    import { createCryptoStore } from ${JSON.stringify(new URL('../../../src/postgres/cryptoStore.ts', import.meta.url).href)};
    const lease = (await createCryptoStore(process.env.URL).acquire('@ten:test')).value;
    const write = (value) => lease.apply([{ kind: 'replace', database: { name: 'db', version: 1, stores: [],
      records: [{ store: 's', key: '"a"', value: new TextEncoder().encode(value) }] } }]);
    await write('before');
    process.stdout.write('held');
    process.stdin.once('data', () => write('by the frozen one').then(
      () => process.stdout.write('written'), () => process.stdout.write('refused')));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { URL: database.serviceUrl },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const says = () =>
    new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString())));
  expect(await says()).toBe('held');
  child.kill('SIGSTOP');
  // Asked before it can know: the first thing it finds when it wakes up.
  child.stdin.write('write');
  const frozen = performance.now();
  const next = await take('@ten:test', { wait: true });
  const took = performance.now() - frozen;
  expect([took > 5_000, took < 15_000]).toEqual([true, true]);
  const answer = says();
  child.kill('SIGCONT');
  expect(await answer).toBe('refused');
  child.kill('SIGKILL');
  expect(await contents(next)).toEqual({ '"a"': 'before' });
});

it('a failed write ends the lease, and leaves nothing half written', async () => {
  const lease = await take('@six:test');
  await lease.apply([{ kind: 'replace', database: empty }, put('"a"', '1')], { syncToken: 's1' });
  const bad = { kind: 'put', database: 'db', store: null, key: '"c"', value: bytes('') } as unknown as StoreChange;
  await expect(lease.apply([put('"a"', '2'), bad], { syncToken: 's2' })).rejects.toThrow('crypto store failed: 23502');
  await lease.lost;
  const next = await take('@six:test', { wait: true });
  expect(await contents(next)).toEqual({ '"a"': '1' });
  expect((await next.load()).syncToken).toBe('s1');
});

it('the first event at a place of a session owns it, whichever voice asks', async () => {
  const [one, other] = [await take('@seven:test'), await take('@eight:test')];
  const place = { session: '!room session', index: 3 };
  expect(await one.isReplay({ ...place, event: '$first' })).toBe(false);
  expect(await one.isReplay({ ...place, event: '$first' })).toBe(false);
  expect(await one.isReplay({ ...place, event: '$again' })).toBe(true);
  expect(await other.isReplay({ ...place, event: '$again' })).toBe(true);
  expect(await other.isReplay({ ...place, index: 4, event: '$again' })).toBe(false);
});

it('an unreachable database is told apart from a held lease', async () => {
  const nowhere = createCryptoStore('postgres://nobody:x@127.0.0.1:1/none');
  expect(await nowhere.acquire(userId('@nine:test'))).toEqual({ ok: false, error: 'unavailable' });
});
