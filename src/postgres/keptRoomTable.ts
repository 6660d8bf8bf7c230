import type { KeptRoom, KeptRoomsWrite, KeptSubject, KnownFault } from '../flows/keptRoomsPort.ts';
import type { Instant } from '../kernel/clock.ts';
import type { RoomId, UserId } from '../kernel/ids.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

interface Row {
  readonly key: string;
  readonly room_id: RoomId | null;
  readonly subject: KeptSubject;
  readonly state: KeptRoom['state'];
  readonly replaced_by: RoomId | null;
  readonly faults: Record<string, KnownFault>;
  readonly left_seq: number | null;
  readonly since: Instant;
}

/** The rooms that are kept (migration 021). */
export class KeptRoomTable implements KeptRoomsWrite {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async all(): Promise<readonly KeptRoom[]> {
    const { rows } = await this.#db.query<Row>(
      prepared(
        'SELECT key, room_id, subject, state, replaced_by, faults, left_seq, since FROM wardroom.kept_rooms ORDER BY since, key',
        [],
      ),
    );
    return rows.map(({ room_id: roomId, replaced_by: replacedBy, left_seq: leftSeq, ...row }) => ({
      ...row,
      roomId,
      replacedBy,
      leftSeq,
    }));
  }

  async told(room: RoomId): Promise<readonly UserId[]> {
    const { rows } = await this.#db.query<{ user_id: UserId }>(
      prepared('SELECT user_id FROM wardroom.kept_rooms_told WHERE room_id = $1', [room]),
    );
    return rows.map(({ user_id: user }) => user);
  }

  async basis(): Promise<string> {
    const { rows } = await this.#db.query<{ basis: string }>(
      prepared(
        `SELECT concat_ws(' ', (SELECT max(number) FROM wardroom.role_events), (SELECT max(version) FROM wardroom.policy_versions),
                               (SELECT max(number) FROM wardroom.agreement_events WHERE event->>'type' <> 'told'),
                               (SELECT max(number) FROM wardroom.hold_events),
                               (SELECT max(number) FROM wardroom.training_events WHERE event->>'type' <> 'told'),
                               (SELECT 'b' || max(number) FROM wardroom.break_glass_events
                                 WHERE event->>'type' IN ('granted', 'ended'))) AS basis`,
        [],
      ),
    );
    return rows[0]?.basis ?? '';
  }

  async save({ key, roomId, subject, state, replacedBy, faults, leftSeq, since }: KeptRoom): Promise<void> {
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.kept_rooms (key, room_id, subject, state, replaced_by, faults, left_seq, since)
         VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::bigint / 1000.0))
         ON CONFLICT (key) DO UPDATE SET room_id = EXCLUDED.room_id, subject = EXCLUDED.subject, state = EXCLUDED.state,
                                         replaced_by = EXCLUDED.replaced_by`,
        [key, roomId, JSON.stringify(subject), state, replacedBy, JSON.stringify(faults), leftSeq, since],
      ),
    );
  }

  async saveFaults(key: string, faults: KeptRoom['faults']): Promise<void> {
    await this.#db.query(
      prepared('UPDATE wardroom.kept_rooms SET faults = $2 WHERE key = $1', [key, JSON.stringify(faults)]),
    );
  }

  async saveLeft(key: string, seq: number): Promise<void> {
    await this.#db.query(
      prepared('UPDATE wardroom.kept_rooms SET left_seq = greatest(left_seq, $2::bigint) WHERE key = $1', [key, seq]),
    );
  }

  async markTold(room: RoomId, users: readonly UserId[], at: Instant): Promise<void> {
    await this.#db.query(
      prepared(
        `INSERT INTO wardroom.kept_rooms_told (room_id, user_id, told_at)
         SELECT $1, unnest($2::text[]), to_timestamp($3::bigint / 1000.0) ON CONFLICT DO NOTHING`,
        [room, users, at],
      ),
    );
  }
}
