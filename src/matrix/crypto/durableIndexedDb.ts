/**
 * An IndexedDB whose transactions complete only once their changes are durable (design.md 6.2): fake-indexeddb keeps the data
 * in memory, and the `complete` event of every writing transaction is held back until `commit` resolves. If `commit` rejects,
 * the transaction aborts, and so does every later one: what is in memory can no longer be trusted to be what is stored.
 *
 * Stores named as momentary are the exception: their records live as long as the thread, and no longer.
 *
 * It hooks the package's classes, so there is one per thread.
 */
import { deserialize, serialize } from 'node:v8';
import type { StoreChange, StoredDatabase, StoredObjectStore } from '../../flows/cryptoPort.ts';
import type { DatabaseHandle, RawObjectStore, RawTransaction } from './fakeIndexedDbInternals.ts';
import { databasePrototype, factory, objectStorePrototype, transactionPrototype } from './fakeIndexedDbInternals.ts';
import { decodeKey, encodeKey } from './recordKey.ts';

/** Makes changes durable, all or none. */
export type Commit = (changes: readonly StoreChange[], also?: { readonly syncToken?: string }) => Promise<void>;

export interface DurableIndexedDb {
  /**
   * Runs `work` so that all its transactions become durable in one commit at its end, together with the sync token that brought
   * them. Nothing else may use the database meanwhile, and nothing may leave the process before this resolves.
   */
  together<T>(syncToken: string, work: () => Promise<T>): Promise<T>;
  /**
   * Deletes from this object store the records that `lookUp` asks for by their keys: whoever made the keys need not say how. Durable when it
   * resolves. Nothing else may use the database meanwhile.
   */
  erase(store: string, lookUp: () => Promise<unknown>): Promise<Erased>;
}

export interface Erased {
  /** How many keys were asked for ... */
  readonly asked: number;
  /** ... and how many of them had a record. */
  readonly erased: number;
}

interface LookUp {
  readonly database: DatabaseHandle;
  readonly store: string;
  readonly key: unknown;
}

type Touched = Map<string, { readonly store: RawObjectStore; readonly key: unknown }>;

const touchedBy = new WeakMap<object, Touched>();
const held = new WeakSet<RawTransaction>();
let commit: Commit | null = null;
let batch: StoreChange[] | null = null;
let momentary: ReadonlySet<string> = new Set();
let broken = false;
/** What is asked for by key, while somebody wants to know. */
let lookUps: LookUp[] | null = null;
let installed = false;

/** Fills this thread's IndexedDB with what was stored, then makes every further transaction durable through `through`. */
export async function openDurableIndexedDb(
  stored: readonly StoredDatabase[],
  through: Commit,
  momentaryStores: readonly string[] = [],
): Promise<DurableIndexedDb> {
  install();
  commit = null;
  momentary = new Set(momentaryStores);
  for (const database of stored) await restore(database);
  commit = through;
  batch = null;
  broken = false;
  return { together, erase };
}

async function together<T>(syncToken: string, work: () => Promise<T>): Promise<T> {
  batch = [];
  let token: string | undefined;
  try {
    const value = await work();
    token = syncToken;
    return value;
  } finally {
    const changes = batch ?? [];
    batch = null;
    // A failed `work` may have completed transactions in memory: they are stored, the token is not.
    await write(changes, token);
  }
}

async function erase(store: string, lookUp: () => Promise<unknown>): Promise<Erased> {
  const all: LookUp[] = [];
  lookUps = all;
  try {
    await lookUp();
  } finally {
    lookUps = null;
  }
  const asked = all.filter((one) => one.store === store);
  let erased = 0;
  for (const { database, key } of asked) if (await deleteOne(database, store, key)) erased += 1;
  return { asked: asked.length, erased };
}

/** Whether there was one. */
function deleteOne(database: DatabaseHandle, name: string, key: unknown): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(name, 'readwrite');
    const store = transaction.objectStore(name);
    const there = store.count(key);
    store.delete(key);
    transaction.oncomplete = () => resolve(Number(there.result) > 0);
    transaction.onabort = () => reject(new Error('crypto store broken'));
  });
}

async function write(changes: readonly StoreChange[], syncToken?: string): Promise<void> {
  if (broken || commit === null) throw new Error('crypto store broken');
  try {
    await commit(changes, syncToken === undefined ? undefined : { syncToken });
  } catch (error) {
    broken = true;
    throw error;
  }
}

function install(): void {
  if (installed) return;
  installed = true;

  const createObjectStore = databasePrototype.createObjectStore;
  databasePrototype.createObjectStore = function (name, options = {}) {
    // A key generator's counter would have to be stored too; the crypto store has none.
    if (options.autoIncrement === true) throw new Error('autoIncrement is not supported');
    const handle = createObjectStore.call(this, name, options);
    watch(handle._rawObjectStore);
    return handle;
  };
  const get = objectStorePrototype.get;
  objectStorePrototype.get = function (key) {
    lookUps?.push({ database: this.transaction.db, store: this.name, key });
    return get.call(this, key);
  };
  factory.deleteDatabase = () => {
    throw new Error('deleteDatabase is not supported');
  };

  const start = transactionPrototype._start;
  transactionPrototype._start = function () {
    const writes = this.mode !== 'readonly' && commit !== null;
    const idle = this._requests.every(({ request }) => request.readyState === 'done');
    if (!writes || !idle || this._state === 'finished') {
      start.call(this);
    } else if (!held.has(this)) {
      held.add(this);
      hold(this, () => start.call(this));
    }
  };
}

/** The transaction has no request left: from here on it accepts none, and completes when its changes are durable. */
function hold(transaction: RawTransaction, complete: () => void): void {
  transaction._started = true;
  const changes = changesOf(transaction);
  if (batch !== null && !broken) {
    batch.push(...changes);
    complete();
    return;
  }
  if (changes.length === 0 && !broken) {
    complete();
    return;
  }
  transaction._state = 'committing';
  write(changes).then(
    // A macrotask, as after every request: handlers of the last one run first.
    () => setImmediate(complete),
    () => transaction._abort('UnknownError'),
  );
}

function changesOf(transaction: RawTransaction): StoreChange[] {
  const raw = transaction.db._rawDatabase;
  if (transaction.mode === 'versionchange') {
    return [
      {
        kind: 'replace',
        database: { name: raw.name, version: raw.version, ...dump([...raw.rawObjectStores.values()]) },
      },
    ];
  }
  const touched = touchedBy.get(transaction._rollbackLog) ?? new Map();
  const durable = [...touched.entries()].filter(([, { store }]) => !momentary.has(store.name));
  return durable.map(([id, { store, key }]): StoreChange => {
    const place = { database: raw.name, store: store.name, key: id.slice(store.name.length + 1) };
    const record = store.records.get(key);
    return record === undefined
      ? { kind: 'delete', ...place }
      : { kind: 'put', ...place, value: serialize(record.value) };
  });
}

/** Remembers which records each transaction touched. */
function watch(store: RawObjectStore): void {
  const touch = (rollbackLog: object | undefined, key: unknown): void => {
    if (rollbackLog === undefined) return;
    const touched: Touched = touchedBy.get(rollbackLog) ?? new Map();
    touchedBy.set(rollbackLog, touched);
    touched.set(`${store.name}\n${encodeKey(key)}`, { store, key });
  };
  const { storeRecord, deleteRecord, clear } = store;
  store.storeRecord = (record, noOverwrite, rollbackLog) => {
    const key = storeRecord.call(store, record, noOverwrite, rollbackLog);
    touch(rollbackLog, key);
    return key;
  };
  store.deleteRecord = (keyOrRange, rollbackLog) => {
    const before = rollbackLog === undefined ? [] : keysIn(store, keyOrRange);
    deleteRecord.call(store, keyOrRange, rollbackLog);
    for (const key of before) touch(rollbackLog, key);
  };
  store.clear = (rollbackLog) => {
    const before = [...store.records.values()];
    clear.call(store, rollbackLog);
    for (const record of before) touch(rollbackLog, record.key);
  };
}

function keysIn(store: RawObjectStore, keyOrRange: unknown): unknown[] {
  const isRange =
    typeof keyOrRange === 'object' && keyOrRange !== null && 'includes' in keyOrRange && !Array.isArray(keyOrRange);
  if (!isRange) return [keyOrRange];
  const range = keyOrRange as { includes(key: unknown): boolean };
  return [...store.records.values()].map((record) => record.key).filter((key) => range.includes(key));
}

function dump(stores: readonly RawObjectStore[]): Pick<StoredDatabase, 'stores' | 'records'> {
  return {
    stores: stores.map(
      (store): StoredObjectStore => ({
        name: store.name,
        keyPath: store.keyPath,
        indexes: [...store.rawIndexes.values()].map(({ name, keyPath, unique, multiEntry }) => ({
          name,
          keyPath,
          unique,
          multiEntry,
        })),
      }),
    ),
    records: stores
      .filter(({ name }) => !momentary.has(name))
      .flatMap((store) =>
        [...store.records.values()].map((record) => ({
          store: store.name,
          key: encodeKey(record.key),
          value: serialize(record.value),
        })),
      ),
  };
}

function restore(database: StoredDatabase): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = factory.open(database.name, database.version);
    request.onupgradeneeded = () => {
      const inLine = new Set<string>();
      const handles = new Map(
        database.stores.map((store) => {
          const handle = request.result.createObjectStore(store.name, { keyPath: store.keyPath });
          for (const { name, keyPath, unique, multiEntry } of store.indexes) {
            handle.createIndex(name, keyPath, { unique, multiEntry });
          }
          if (store.keyPath !== null) inLine.add(store.name);
          return [store.name, handle] as const;
        }),
      );
      for (const { store, key, value } of database.records) {
        if (momentary.has(store)) continue;
        const decoded: unknown = deserialize(value);
        if (inLine.has(store)) handles.get(store)?.put(decoded);
        else handles.get(store)?.put(decoded, decodeKey(key));
      }
    };
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
    request.onerror = () => reject(new Error('crypto store unreadable'));
  });
}
