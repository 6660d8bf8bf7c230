import type { RoomId } from '../../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../../kernel/result.ts';
import { type NewRoom, newRoom, newSpace } from '../../policy/index.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { RoomKeeper } from '../roomKeeperPort.ts';
import { type Known, roomFacts } from './keepRoom.ts';
import type { KeptRooms } from './keptRooms.ts';
import { missingSpaces } from './roleSpaces.ts';

/** What could not be made is tried again. */
const AGAIN_MS = 5_000;

export interface RoomMakerParts {
  readonly rooms: KeptRooms;
  readonly keeper: RoomKeeper;
  readonly now: () => number;
  readonly known: () => Known | null;
  readonly onMade: (room: RoomId) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Makes rooms that are on record and not there yet. All of it may be repeated: a room is found again by its key. */
export class RoomMaker {
  readonly #parts: RoomMakerParts;
  readonly #making = new Map<string, Promise<Result<RoomId, PortFailure>>>();
  #spacesAgainAt: number | null = null;

  constructor(parts: RoomMakerParts) {
    this.#parts = parts;
  }

  make(key: string): Promise<Result<RoomId, PortFailure>> {
    const making = this.#making.get(key);
    if (making) return making;
    const run = this.#make(key).finally(() => this.#making.delete(key));
    this.#making.set(key, run);
    return run;
  }

  /** Whether a space that could not be made is to be tried again now. */
  isBehind(): boolean {
    return this.#spacesAgainAt !== null && performance.now() >= this.#spacesAgainAt;
  }

  /** The spaces by which people come into rooms. Whether any was made. */
  async makeSpaces(): Promise<boolean> {
    const known = this.#parts.known();
    if (known === null) return false;
    const missing = await missingSpaces(this.#parts, known.facts);
    const made = await Promise.all(missing.map((key) => this.make(key)));
    const bad = made.find((one) => !one.ok);
    this.#spacesAgainAt = bad === undefined ? null : performance.now() + AGAIN_MS;
    if (bad && !bad.ok) this.#parts.onFailure(new Error(bad.error.code));
    return made.some(({ ok: isMade }) => isMade);
  }

  async #make(key: string): Promise<Result<RoomId, PortFailure>> {
    const { rooms, keeper, onMade } = this.#parts;
    const before = rooms.get(key);
    if (before === null) return err({ kind: 'permanent', code: 'room-unknown' });
    if (before.roomId !== null) return ok(before.roomId);
    const known = this.#parts.known();
    const recipe = known && recipeOf(before, known);
    if (!recipe) return err({ kind: 'permanent', code: 'policy-unreadable' });
    const { kind } = before.subject;
    const made = await keeper.ensure(key, kind === 'room' ? 'room' : 'space', recipe);
    if (!made.ok) return made;
    const kept = { ...(rooms.get(key) ?? before), roomId: made.value };
    const detail = { version: recipe.version, kind };
    await rooms.save([kept], [{ action: 'room.made', outcome: 'ok', actor: 'wardroom', room: made.value, detail }]);
    onMade(made.value);
    return made;
  }
}

const recipeOf = (kept: KeptRoom, known: Known): NewRoom | null => {
  const { subject } = kept;
  if (subject.kind === 'space') return newSpace({ ...known.facts, space: subject });
  return subject.kind === 'room' ? newRoom(roomFacts(kept, subject, known)) : null;
};
