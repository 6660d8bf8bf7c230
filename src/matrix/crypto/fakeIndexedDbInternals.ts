/**
 * The parts of fake-indexeddb 6.2.8 that `durableIndexedDb.ts` hooks, as they are there. A test runs the hooks against the
 * real package, so that an upgrade that moves them is noticed.
 */
import * as fake from 'fake-indexeddb';

export interface RawRecord {
  readonly key: unknown;
  readonly value: unknown;
}

export interface RawIndex {
  readonly name: string;
  readonly keyPath: string | readonly string[];
  readonly unique: boolean;
  readonly multiEntry: boolean;
}

/** An object store's data. Calls of a transaction carry its rollback log; calls that undo something carry none. */
export interface RawObjectStore {
  readonly name: string;
  readonly keyPath: string | readonly string[] | null;
  readonly autoIncrement: boolean;
  readonly rawIndexes: ReadonlyMap<string, RawIndex>;
  readonly records: { values(): Iterable<RawRecord>; get(key: unknown): RawRecord | undefined };
  storeRecord(record: RawRecord, noOverwrite: boolean, rollbackLog?: object): unknown;
  deleteRecord(key: unknown, rollbackLog?: object): void;
  clear(rollbackLog?: object): void;
}

export interface RawTransaction {
  readonly mode: 'readonly' | 'readwrite' | 'versionchange';
  readonly db: { readonly _rawDatabase: RawDatabase };
  readonly _rollbackLog: object;
  readonly _requests: readonly { readonly request: { readonly readyState: string } }[];
  _started: boolean;
  _state: 'active' | 'inactive' | 'committing' | 'finished';
  /** Runs the next request; with none left, completes the transaction. */
  _start(): void;
  /** Undoes everything and fires `abort`. */
  _abort(errorName: string): void;
}

export interface RawDatabase {
  readonly name: string;
  readonly version: number;
  readonly rawObjectStores: ReadonlyMap<string, RawObjectStore>;
}

interface Request {
  readonly result: unknown;
}

export interface ObjectStoreHandle {
  readonly name: string;
  readonly transaction: { readonly db: DatabaseHandle };
  readonly _rawObjectStore: RawObjectStore;
  get(key: unknown): Request;
  count(key: unknown): Request;
  delete(key: unknown): Request;
  createIndex(name: string, keyPath: unknown, options: { unique: boolean; multiEntry: boolean }): unknown;
  put(value: unknown, key?: unknown): unknown;
}

export interface TransactionHandle {
  objectStore(name: string): ObjectStoreHandle;
  oncomplete: (() => void) | null;
  onabort: (() => void) | null;
}

export interface DatabaseHandle {
  transaction(store: string, mode: 'readonly' | 'readwrite'): TransactionHandle;
  createObjectStore(name: string, options?: { keyPath?: unknown; autoIncrement?: boolean }): ObjectStoreHandle;
  close(): void;
}

interface OpenRequest {
  readonly result: DatabaseHandle;
  onupgradeneeded: (() => void) | null;
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}

export interface Factory {
  open(name: string, version: number): OpenRequest;
  deleteDatabase(name: string): unknown;
}

// The package declares its classes by DOM types, which this project does not load: these are the shapes relied upon.
export const transactionPrototype = fake.IDBTransaction.prototype as RawTransaction;
export const databasePrototype = fake.IDBDatabase.prototype as DatabaseHandle;
export const objectStorePrototype = fake.IDBObjectStore.prototype as ObjectStoreHandle;
export const factory = fake.indexedDB as Factory;
