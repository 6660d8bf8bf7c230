import type { WatchedDevice, WatchedDevicesWrite } from '../flows/activityPort.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

/** Devices of administrators that were seen (migration 027). */
export class WatchedDeviceTable implements WatchedDevicesWrite {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async all(): Promise<readonly WatchedDevice[]> {
    const { rows } = await this.#db.query<WatchedDevice>(
      prepared(
        `SELECT user_id AS "user", device_id AS device, first_seen AS "firstSeen", is_settled AS "isSettled"
           FROM wardroom.watched_devices ORDER BY first_seen, user_id, device_id`,
        [],
      ),
    );
    return rows;
  }

  async save({ user, device, firstSeen, isSettled }: WatchedDevice): Promise<void> {
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.watched_devices (user_id, device_id, first_seen, is_settled)
         VALUES ($1, $2, to_timestamp($3::bigint / 1000.0), $4)
         ON CONFLICT (user_id, device_id) DO UPDATE SET is_settled = EXCLUDED.is_settled`,
        [user, device, firstSeen, isSettled],
      ),
    );
  }
}
