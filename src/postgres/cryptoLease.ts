import type pg from 'pg';
import type { CryptoLease, StoreChange, StoredDatabase, StoredVoice } from '../flows/cryptoPort.ts';
import type { DeviceId } from '../kernel/ids.ts';
import { loadVoice } from './cryptoRecords.ts';
import type { SessionLock } from './sessionLock.ts';

type Put = Extract<StoreChange, { kind: 'put' }>;
type Delete = Extract<StoreChange, { kind: 'delete' }>;

/** One voice's lease (see CryptoLease): the connection that holds its lock and does its writing. */
export class VoiceLease implements CryptoLease {
  readonly lost: Promise<void>;
  readonly #voice: string;
  readonly #lock: SessionLock;
  readonly #client: pg.Client;
  #turn: Promise<unknown> = Promise.resolve();
  #epoch = 0;

  constructor(voice: string, lock: SessionLock) {
    this.#voice = voice;
    this.#lock = lock;
    this.#client = lock.client;
    this.lost = lock.lost;
  }

  load(): Promise<StoredVoice> {
    return this.#inTurn(async () => {
      const voice = await loadVoice(this.#client, this.#voice);
      this.#epoch = voice.epoch;
      return voice;
    });
  }

  apply(changes: readonly StoreChange[], also: Also = {}): Promise<number> {
    return this.#inTurn(() => this.#apply(changes, also));
  }

  startDevice(device: DeviceId, epoch: number): Promise<void> {
    return this.#inTurn(() =>
      this.#transaction(async () => {
        await this.#client.query('DELETE FROM wardroom.crypto_record WHERE voice = $1', [this.#voice]);
        await this.#client.query('DELETE FROM wardroom.crypto_database WHERE voice = $1', [this.#voice]);
        await this.#client.query(
          `UPDATE wardroom.crypto_voice
              SET device_id = $2, ready = false, sync_token = NULL, epoch = $3, digest = NULL WHERE voice = $1`,
          [this.#voice, device, epoch],
        );
      }),
    );
  }

  async markReady(): Promise<void> {
    await this.#inTurn(() =>
      this.#client.query('UPDATE wardroom.crypto_voice SET ready = true WHERE voice = $1', [this.#voice]),
    );
  }

  async saveSealedIdentity(sealed: Uint8Array): Promise<void> {
    await this.#inTurn(() =>
      this.#client.query('UPDATE wardroom.crypto_voice SET sealed_identity = $2 WHERE voice = $1', [
        this.#voice,
        asBuffer(sealed),
      ]),
    );
  }

  isReplay(place: { readonly session: string; readonly index: number; readonly event: string }): Promise<boolean> {
    return this.#inTurn(async () => {
      const { rows } = await this.#client.query<{ event: string }>({
        name: 'crypto_place',
        text: `WITH first AS (
                 INSERT INTO wardroom.crypto_place (session, index, event) VALUES ($1, $2, $3)
                 ON CONFLICT DO NOTHING RETURNING event)
               SELECT event FROM first
               UNION ALL SELECT event FROM wardroom.crypto_place WHERE session = $1 AND index = $2`,
        values: [place.session, place.index, place.event],
      });
      return rows[0]?.event !== place.event;
    });
  }

  async release(): Promise<void> {
    await this.#turn.catch(() => undefined);
    await this.#lock.release();
  }

  async #apply(changes: readonly StoreChange[], also: Also): Promise<number> {
    const last = new Map<string, Put | Delete>();
    const replaced: StoredDatabase[] = [];
    for (const change of changes) {
      if (change.kind === 'replace') {
        replaced.push(change.database);
        for (const id of last.keys()) if (JSON.parse(id)[0] === change.database.name) last.delete(id);
      } else {
        last.set(JSON.stringify([change.database, change.store, change.key]), change);
      }
    }
    if (replaced.length === 0) {
      if (changes.length > 0 || also.syncToken !== undefined) await this.#write([...last.values()], also);
      return this.#epoch;
    }
    await this.#transaction(async () => {
      for (const database of replaced) await this.#replace(database);
      await this.#write([...last.values()], also);
    });
    return this.#epoch;
  }

  /** One statement, so one round trip and one commit. */
  async #write(changes: readonly (Put | Delete)[], { syncToken, digest }: Also): Promise<void> {
    const puts = changes.filter((change) => change.kind === 'put');
    const deletes = changes.filter((change) => change.kind === 'delete');
    const query: pg.QueryConfig = {
      name: 'crypto_apply',
      text: `WITH gone AS (
               DELETE FROM wardroom.crypto_record r
               USING unnest($2::text[], $3::text[], $4::text[]) AS d(database, store, key)
               WHERE r.voice = $1 AND r.database = d.database AND r.store = d.store AND r.key = d.key
             ), kept AS (
               INSERT INTO wardroom.crypto_record (voice, database, store, key, value)
               SELECT $1, * FROM unnest($5::text[], $6::text[], $7::text[], $8::bytea[])
               ON CONFLICT (voice, database, store, key) DO UPDATE SET value = excluded.value
             )
             UPDATE wardroom.crypto_voice
                SET epoch = epoch + 1, sync_token = coalesce($9, sync_token), digest = coalesce($10, digest)
              WHERE voice = $1 RETURNING epoch`,
      values: [
        this.#voice,
        ...[deletes.map(({ database }) => database), deletes.map(({ store }) => store), deletes.map(({ key }) => key)],
        ...[puts.map(({ database }) => database), puts.map(({ store }) => store), puts.map(({ key }) => key)],
        puts.map(({ value }) => asBuffer(value)),
        syncToken ?? null,
        digest === undefined ? null : asBuffer(digest),
      ],
    };
    const { rows } = await this.#client.query<{ epoch: string }>(query);
    this.#epoch = Number(rows[0]?.epoch);
  }

  async #replace(database: StoredDatabase): Promise<void> {
    await this.#client.query('DELETE FROM wardroom.crypto_record WHERE voice = $1 AND database = $2', [
      this.#voice,
      database.name,
    ]);
    await this.#client.query(
      `INSERT INTO wardroom.crypto_database (voice, database, version, stores) VALUES ($1, $2, $3, $4)
       ON CONFLICT (voice, database) DO UPDATE SET version = excluded.version, stores = excluded.stores`,
      [this.#voice, database.name, database.version, JSON.stringify(database.stores)],
    );
    await this.#write(
      database.records.map((record) => ({ kind: 'put', database: database.name, ...record })),
      {},
    );
  }

  async #transaction(work: () => Promise<void>): Promise<void> {
    await this.#client.query('BEGIN');
    await work();
    await this.#client.query('COMMIT');
  }

  /**
   * One piece of work at a time: the connection has one transaction. Any failure ends the lease, because afterwards nobody knows
   * what was written.
   */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work).catch(async (cause: unknown) => {
      // Not awaited: a server that does not answer would never confirm it.
      this.#lock.giveUp();
      throw new Error(`crypto store failed: ${codeOf(cause)}`);
    });
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

/** What is stored in the same commit as the changes. */
type Also = { readonly syncToken?: string; readonly digest?: Uint8Array };

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The SQLSTATE or system code; never the message, which may quote values. */
const codeOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'unknown';
