import type { RoomId, UserId } from '../kernel/ids.ts';
import type { TrainingEvent } from '../policy/index.ts';

/** What happened about training and terms, in order. Nothing is ever changed or taken out. */
export interface TrainingRead {
  events(): Promise<readonly TrainingEvent[]>;
  /** Rooms of one person and Wardroom. */
  directRooms(): Promise<readonly { readonly user: UserId; readonly room: RoomId }[]>;
}

export interface TrainingWrite extends TrainingRead {
  append(event: TrainingEvent): Promise<void>;
  saveDirectRoom(user: UserId, room: RoomId): Promise<void>;
}
