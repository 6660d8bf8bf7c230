import 'fake-indexeddb/auto';
import type { StoreChange, StoredDatabase } from '../../../src/flows/cryptoPort.ts';
import { type Commit, openDurableIndexedDb } from '../../../src/matrix/crypto/durableIndexedDb.ts';
import { factory } from '../../../src/matrix/crypto/fakeIndexedDbInternals.ts';

/** The parts of IndexedDB used here (this project does not load the DOM's types). */
interface Request<T = unknown> {
  result: T;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
  onupgradeneeded: (() => void) | null;
}
interface Store {
  put(value: unknown, key?: unknown): Request;
  delete(key: unknown): Request;
  clear(): Request;
  get(key: unknown): Request;
  getAll(): Request<unknown[]>;
  getAllKeys(): Request<unknown[]>;
  index(name: string): Store;
  createIndex(name: string, path: string, options?: object): void;
  openCursor(): Request<{ update(value: unknown): void; continue(): void } | null>;
}
interface Transaction {
  objectStore(name: string): Store;
  abort(): void;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
}
interface Db {
  createObjectStore(name: string, options?: object): Store;
  transaction(stores: readonly string[], mode: 'readonly' | 'readwrite'): Transaction;
  close(): void;
}
declare const IDBKeyRange: { bound(low: unknown, high: unknown): unknown };

/** A commit whose outcome the test decides. */
class Gate {
  readonly commits: { changes: readonly StoreChange[]; token: string | undefined }[] = [];
  #open: boolean;
  #waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  constructor(open: boolean) {
    this.#open = open;
  }
  readonly commit: Commit = (changes, also) => {
    this.commits.push({ changes, token: also?.syncToken });
    if (this.#open) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  };
  open(): void {
    this.#open = true;
    for (const one of this.#waiting.splice(0)) one.resolve();
  }
  shut(): void {
    this.#open = false;
  }
  break(): void {
    for (const one of this.#waiting.splice(0)) one.reject(new Error('disk full'));
  }
  get keys(): string[] {
    return this.commits.flatMap(({ changes }) =>
      changes.map((change) => (change.kind === 'replace' ? 'replace' : `${change.kind} ${change.key}`)),
    );
  }
}

let names = 0;
const freshName = (): string => `db${++names}`;

function openDb(name: string, version: number, upgrade: (db: Db) => void): Promise<Db> {
  return new Promise((resolve, reject) => {
    const request = factory.open(name, version) as unknown as Request<Db>;
    request.onupgradeneeded = () => upgrade(request.result);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error('not opened'));
  });
}

/** Runs `work` in a transaction; tells how it ended and when. */
function transact(db: Db, work: (store: Store, transaction: Transaction) => void) {
  const transaction = db.transaction(['things'], 'readwrite');
  const state = { outcome: null as string | null };
  const ended = new Promise<string>((resolve) => {
    const end = (outcome: string) => () => {
      state.outcome = outcome;
      resolve(outcome);
    };
    transaction.oncomplete = end('complete');
    transaction.onabort = end('abort');
  });
  work(transaction.objectStore('things'), transaction);
  return { state, ended };
}

const read = <T>(db: Db, work: (store: Store) => Request<T>): Promise<T> =>
  new Promise((resolve) => {
    const request = work(db.transaction(['things'], 'readonly').objectStore('things'));
    request.onsuccess = () => resolve(request.result);
  });

/** Every macrotask that is due has run, several times over. */
async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function things(gate: Gate, name = freshName()): Promise<{ db: Db; name: string }> {
  await openDurableIndexedDb([], gate.commit);
  return { db: await openDb(name, 1, (db) => db.createObjectStore('things').createIndex('by_size', 'size')), name };
}

/** What a store that applied these commits holds. */
function stored(gate: Gate): StoredDatabase {
  let database: StoredDatabase | null = null;
  const records = new Map<string, { store: string; key: string; value: Uint8Array }>();
  for (const { changes } of gate.commits) {
    for (const change of changes) {
      if (change.kind === 'replace') {
        database = change.database;
        records.clear();
        for (const record of database.records) records.set(`${record.store} ${record.key}`, record);
      } else if (change.kind === 'put') records.set(`${change.store} ${change.key}`, change);
      else records.delete(`${change.store} ${change.key}`);
    }
  }
  return { ...database!, records: [...records.values()] };
}

it('a transaction completes only once its changes are durable', async () => {
  const gate = new Gate(true);
  const { db } = await things(gate);
  gate.shut();
  const { state, ended } = transact(db, (store) => store.put({ size: 1 }, 'a'));
  await settle();
  expect(gate.keys.at(-1)).toBe('put "a"');
  expect(state.outcome).toBeNull();
  gate.open();
  expect(await ended).toBe('complete');
});

it('a transaction on the same store does not run before the one before it is durable', async () => {
  const gate = new Gate(true);
  const { db } = await things(gate);
  gate.shut();
  transact(db, (store) => store.put({ size: 1 }, 'a'));
  let seen: unknown = 'nothing';
  void read(db, (store) => store.get('a')).then((value) => {
    seen = value;
  });
  await settle();
  expect(seen).toBe('nothing');
  gate.open();
  await settle();
  expect(seen).toEqual({ size: 1 });
});

it('opening a database waits until its schema is durable', async () => {
  const gate = new Gate(false);
  await openDurableIndexedDb([], gate.commit);
  let opened = false;
  void openDb(freshName(), 3, (db) => db.createObjectStore('things')).then(() => {
    opened = true;
  });
  await settle();
  expect(gate.commits[0]?.changes[0]).toMatchObject({
    kind: 'replace',
    database: { version: 3, stores: [{ name: 'things' }] },
  });
  expect(opened).toBe(false);
  gate.open();
  await settle();
  expect(opened).toBe(true);
});

it('a failed write aborts the transaction, undoes it, and no later one completes', async () => {
  const gate = new Gate(true);
  const { db } = await things(gate);
  await transact(db, (store) => store.put({ size: 1 }, 'a')).ended;
  gate.shut();
  const failing = transact(db, (store) => store.put({ size: 2 }, 'a'));
  await settle();
  gate.break();
  expect(await failing.ended).toBe('abort');
  expect(await read(db, (store) => store.get('a'))).toEqual({ size: 1 });
  gate.open();
  expect(await transact(db, (store) => store.put({ size: 3 }, 'b')).ended).toBe('abort');
});

it('an aborted transaction and a reading one write nothing', async () => {
  const gate = new Gate(true);
  const { db } = await things(gate);
  const before = gate.commits.length;
  const aborted = transact(db, (store, transaction) => {
    store.put({ size: 1 }, 'a');
    transaction.abort();
  });
  expect(await aborted.ended).toBe('abort');
  await read(db, (store) => store.getAll());
  expect(gate.commits.length).toBe(before);
});

it('a key written several times in one transaction is written as it is at the end', async () => {
  const gate = new Gate(true);
  const { db } = await things(gate);
  await transact(db, (store) => {
    store.put({ size: 1 }, 'a');
    store.put({ size: 2 }, 'b');
    store.delete('a');
    store.put({ size: 3 }, ['c', 4]);
  }).ended;
  expect(gate.keys.slice(1)).toEqual(['delete "a"', 'put "b"', 'put ["c",4]']);
});

it('clearing, deleting a range and updating through a cursor are written', async () => {
  const gate = new Gate(true);
  const { db } = await things(gate);
  await transact(db, (store) => {
    for (const [size, key] of ['a', 'b', 'c', 'd'].entries()) store.put({ size }, key);
  }).ended;
  await transact(db, (store) => store.delete(IDBKeyRange.bound('b', 'c'))).ended;
  expect(gate.keys.slice(-2)).toEqual(['delete "b"', 'delete "c"']);
  await transact(db, (store) => {
    const request = store.openCursor();
    request.onsuccess = () => {
      request.result?.update({ size: 9 });
      request.result?.continue();
    };
  }).ended;
  expect(gate.keys.slice(-2)).toEqual(['put "a"', 'put "d"']);
  await transact(db, (store) => store.clear()).ended;
  expect(gate.keys.slice(-2)).toEqual(['delete "a"', 'delete "d"']);
  expect(stored(gate).records).toEqual([]);
});

it('together: one commit with the token at the end, and nothing is held back before', async () => {
  const gate = new Gate(true);
  const name = freshName();
  const durable = await openDurableIndexedDb([], gate.commit);
  const db = await openDb(name, 1, (opened) => opened.createObjectStore('things'));
  gate.shut();
  const before = gate.commits.length;
  let done = false;
  const work = durable
    .together('s1', async () => {
      expect(await transact(db, (store) => store.put(1, 'a')).ended).toBe('complete');
      expect(await transact(db, (store) => store.put(2, 'b')).ended).toBe('complete');
    })
    .then(() => {
      done = true;
    });
  await settle();
  expect(gate.commits.length).toBe(before + 1);
  expect(gate.commits.at(-1)).toMatchObject({ token: 's1', changes: [{ key: '"a"' }, { key: '"b"' }] });
  expect(done).toBe(false);
  gate.open();
  await work;
});

it('together: when the work fails, what it completed is written without the token', async () => {
  const gate = new Gate(true);
  const name = freshName();
  const durable = await openDurableIndexedDb([], gate.commit);
  const db = await openDb(name, 1, (opened) => opened.createObjectStore('things'));
  const work = durable.together('s2', async () => {
    await transact(db, (store) => store.put(1, 'a')).ended;
    throw new Error('bad to-device message');
  });
  await expect(work).rejects.toThrow('bad to-device message');
  expect(gate.commits.at(-1)).toMatchObject({ token: undefined, changes: [{ key: '"a"' }] });
});

it('what was written restores the same database, with its indexes, through any sequence of changes', async () => {
  const gate = new Gate(true);
  const { db } = await things(gate);
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
  for (let round = 0; round < 60; round++) {
    await transact(db, (store, transaction) => {
      for (let i = 0; i < 1 + random(5); i++) {
        const key = random(3) === 0 ? ['pair', random(6)] : `k${random(12)}`;
        if (random(4) === 0) store.delete(key);
        else store.put({ size: random(5), bytes: new Uint8Array([round, i]) }, key);
      }
      if (random(12) === 0) store.clear();
      if (random(6) === 0) transaction.abort();
    }).ended;
  }
  const saved = stored(gate);
  const name = freshName();
  await openDurableIndexedDb([{ ...saved, name }], new Gate(true).commit);
  const again = await openDb(name, 1, () => {
    throw new Error('restored with an old version');
  });
  for (const look of [
    (store: Store) => store.getAllKeys(),
    (store: Store) => store.getAll(),
    (store: Store) => store.index('by_size').getAll(),
  ]) {
    expect(await read(again, look)).toEqual(await read(db, look));
  }
  expect((await read(db, (store) => store.getAllKeys())).length).toBeGreaterThan(3);
});

it('a momentary store is neither written nor waited for, and what an older database holds of it is not taken up', async () => {
  const gate = new Gate(true);
  await openDurableIndexedDb([], gate.commit, ['fleeting']);
  const name = freshName();
  const db = await openDb(name, 1, (upgraded) => {
    for (const store of ['things', 'fleeting']) upgraded.createObjectStore(store);
  });
  gate.shut();
  const commits = gate.commits.length;
  const get = (from: Db, store: string): Promise<unknown> =>
    new Promise((resolve) => {
      const request = from.transaction([store], 'readonly').objectStore(store).get('a');
      request.onsuccess = () => resolve(request.result);
    });
  const put = (stores: readonly string[]): Promise<void> =>
    new Promise((resolve) => {
      const transaction = db.transaction(['things', 'fleeting'], 'readwrite');
      transaction.oncomplete = resolve;
      for (const store of stores) transaction.objectStore(store).put('kept?', 'a');
    });
  await put(['fleeting']);
  expect(gate.commits).toHaveLength(commits);
  expect(await get(db, 'fleeting')).toBe('kept?');
  gate.open();
  await put(['things', 'fleeting']);
  expect(gate.commits.at(-1)?.changes).toMatchObject([{ kind: 'put', store: 'things', key: '"a"' }]);

  const saved = stored(gate);
  const old = { ...saved.records[0]!, store: 'fleeting' };
  const copy = freshName();
  await openDurableIndexedDb([{ ...saved, name: copy, records: [...saved.records, old] }], gate.commit, ['fleeting']);
  const again = await openDb(copy, 1, () => undefined);
  expect(await get(again, 'things')).toBe('kept?');
  expect(await get(again, 'fleeting')).toBeUndefined();
});

it('what it could not restore is refused: key generators, deleted databases, odd keys', async () => {
  const gate = new Gate(true);
  await openDurableIndexedDb([], gate.commit);
  await expect(openDb(freshName(), 1, (db) => db.createObjectStore('x', { autoIncrement: true }))).rejects.toThrow();
  expect(() => factory.deleteDatabase('x')).toThrow('not supported');
  const { db } = await things(gate);
  expect(await transact(db, (store) => store.put(1, new Date(0))).ended).toBe('abort');
});
