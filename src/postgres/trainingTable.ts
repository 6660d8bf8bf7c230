import type { TrainingWrite } from '../flows/trainingPort.ts';
import type { RoomId, UserId } from '../kernel/ids.ts';
import type { TrainingEvent } from '../policy/training/training.ts';
import type { Queryable } from './database.ts';
import { prepared } from './pipeline.ts';

/** What happened about training and terms (migration 025). */
export class TrainingTable implements TrainingWrite {
  readonly #db: Queryable;

  constructor(db: Queryable) {
    this.#db = db;
  }

  async events(): Promise<readonly TrainingEvent[]> {
    const { rows } = await this.#db.query<{ event: TrainingEvent }>(
      prepared('SELECT event FROM wardroom.training_events ORDER BY number', []),
    );
    return rows.map(({ event }) => event);
  }

  async directRooms(): Promise<readonly { readonly user: UserId; readonly room: RoomId }[]> {
    const { rows } = await this.#db.query<{ user: UserId; room: RoomId }>(
      prepared('SELECT user_id AS user, room_id AS room FROM wardroom.direct_rooms ORDER BY user_id', []),
    );
    return rows;
  }

  async append(event: TrainingEvent): Promise<void> {
    await this.#db.query(
      prepared(
        'INSERT INTO wardroom.training_events (user_id, event, at) VALUES ($1, $2, to_timestamp($3::bigint / 1000.0))',
        [event.user, JSON.stringify(event), event.at],
      ),
    );
  }

  async saveDirectRoom(user: UserId, room: RoomId): Promise<void> {
    await this.#db.query(
      prepared(
        'INSERT INTO wardroom.direct_rooms (user_id, room_id) VALUES ($1, $2) ON CONFLICT (room_id) DO NOTHING',
        [user, room],
      ),
    );
  }
}
