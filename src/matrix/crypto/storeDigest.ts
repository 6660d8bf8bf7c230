import { createHmac } from 'node:crypto';
import type { StoreChange, StoredDatabase, StoredRecord } from '../../flows/cryptoPort.ts';
import { SetDigest } from '../../kernel/setDigest.ts';

/**
 * Keyed digest of all of a voice's records, kept up with every commit and stored in the same one. A record that was changed, lost,
 * added or set back by anybody but the engine shows at the next start, before the engine trips over it in the middle of its work.
 */
export class StoreDigest {
  readonly #key: Uint8Array;
  readonly #sum = new SetDigest();
  /** By record. */
  readonly #hashes = new Map<string, Uint8Array>();

  constructor(key: Uint8Array, databases: readonly StoredDatabase[]) {
    this.#key = key;
    for (const database of databases) this.#putAll(database);
  }

  /** The digest once these changes are made. */
  apply(changes: readonly StoreChange[]): Uint8Array {
    for (const change of changes) {
      if (change.kind === 'replace') {
        for (const id of this.#hashes.keys()) if (databaseOf(id) === change.database.name) this.#drop(id);
        this.#putAll(change.database);
      } else if (change.kind === 'put') this.#put(change.database, change);
      else this.#drop(idOf(change.database, change));
    }
    return this.value();
  }

  value(): Uint8Array {
    return this.#sum.bytes();
  }

  #putAll({ name, records }: StoredDatabase): void {
    for (const record of records) this.#put(name, record);
  }

  #put(database: string, record: StoredRecord): void {
    const id = idOf(database, record);
    this.#drop(id);
    const hash = createHmac('sha256', this.#key).update(id).update('\0').update(record.value).digest();
    this.#hashes.set(id, hash);
    this.#sum.add(hash);
  }

  #drop(id: string): void {
    const hash = this.#hashes.get(id);
    if (hash === undefined) return;
    this.#hashes.delete(id);
    this.#sum.remove(hash);
  }
}

/** JSON, so that it holds no NUL. */
const idOf = (database: string, { store, key }: { readonly store: string; readonly key: string }): string =>
  JSON.stringify([database, store, key]);
const databaseOf = (id: string): unknown => (JSON.parse(id) as unknown[])[0];
