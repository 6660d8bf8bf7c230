import type { Clock } from '../../kernel/clock.ts';
import type { RoomId } from '../../kernel/ids.ts';
import { err, type PortFailure, type Result } from '../../kernel/result.ts';
import { roomNameOf } from '../../policy/index.ts';
import type { KeptRoom } from '../keptRoomsPort.ts';
import type { Store } from '../ports.ts';
import { newKept } from '../rooms/keptRooms.ts';
import type { RoomKeeping } from '../rooms/roomKeeping.ts';
import type { TextRooms } from './textingFlow.ts';
import { type LineName, lineName, type PatientRef, patientRef } from './textsPort.ts';

/** The class of rooms in which texts are. */
export const TEXT_ROOM_CLASS = 'patient-text';
const TRIAGE = 'Texts from unknown numbers';

export interface TextRoomsFlow {
  readonly store: Store;
  readonly clock: Clock;
  /** Under a key of the installation. */
  readonly digest: (text: string) => string;
  readonly keeping: Pick<RoomKeeping, 'all' | 'changed' | 'known' | 'make' | 'of' | 'ready' | 'settled'>;
}

/** One room per line and patient, and one per line for telephones that nobody knows; kept like all others. */
export class KeptTextRooms implements TextRooms {
  readonly #flow: TextRoomsFlow;

  constructor(flow: TextRoomsFlow) {
    this.#flow = flow;
  }

  of(room: RoomId): { readonly line: LineName; readonly patient: PatientRef | null } | null {
    const subject = this.#flow.keeping.of(room)?.subject;
    if (subject?.kind !== 'room' || subject.line === undefined) return null;
    return {
      line: lineName(subject.line),
      patient: subject.patient === undefined ? null : patientRef(subject.patient),
    };
  }

  async open(line: LineName, patient: PatientRef | null): Promise<Result<RoomId, PortFailure>> {
    const { keeping, digest } = this.#flow;
    await keeping.ready();
    // Readable by every homeserver in the room.
    const key = `texts-${digest(`texts:${line}:${patient ?? 'triage'}`).slice(0, 32)}`;
    const known = this.#known(key);
    if (known !== null) return known.roomId === null ? this.#filled(known.key) : { ok: true, value: known.roomId };
    return this.#make(key, line, patient);
  }

  /** The room that stands for the key now: one that was upgraded is followed. */
  #known(key: string): KeptRoom | null {
    const all = this.#flow.keeping.all();
    let found = all.find((room) => room.key === key) ?? null;
    for (let steps = 0; found?.state === 'replaced' && steps < 10; steps += 1) {
      const next = found.replacedBy;
      found = all.find(({ roomId }) => roomId === next) ?? null;
    }
    return found;
  }

  /** Made, and with its team in it: who comes after a message has no key for it. */
  async #filled(key: string): Promise<Result<RoomId, PortFailure>> {
    const { keeping } = this.#flow;
    const made = await keeping.make(key);
    if (made.ok) await keeping.settled(made.value);
    return made;
  }

  async #make(key: string, line: LineName, patient: PatientRef | null): Promise<Result<RoomId, PortFailure>> {
    const { store, clock, keeping } = this.#flow;
    const classOf = keeping.known()?.facts.policy.classes[TEXT_ROOM_CLASS];
    if (classOf === undefined) return err({ kind: 'retry', code: 'policy-unreadable' });
    const name = patient === null ? TRIAGE : roomNameOf(classOf, '', key.slice(-8));
    const subject = {
      kind: 'room' as const,
      class: TEXT_ROOM_CLASS,
      name,
      roles: [],
      named: [],
      line,
      ...(patient === null ? {} : { patient }),
    };
    const room = newKept(key, subject, clock.now());
    await store.change(async (tx) => {
      await tx.keptRooms.save(room);
      const detail = { class: TEXT_ROOM_CLASS, line, patient };
      return { value: null, audit: [{ action: 'room.kept', outcome: 'ok', actor: 'wardroom', detail }] };
    });
    keeping.changed(room);
    return this.#filled(key);
  }
}
