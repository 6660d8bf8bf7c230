import type { Instant } from '../kernel/clock.ts';
import type { AccountId, RoomId, UserId } from '../kernel/ids.ts';

/** What is kept: a room of a class, the space of a role, or a partner's space that is filled with our people. */
export type KeptSubject =
  | {
      readonly kind: 'room';
      readonly class: string;
      readonly name: string;
      /** Some of the class's roles; empty: all of them. */
      readonly roles: readonly string[];
      /** Who is to be in it by name. */
      readonly named: readonly UserId[];
      /** The account whose tickets come here. */
      readonly account?: AccountId;
      /** The line (`texting.lines`) whose texts come here. */
      readonly line?: string;
      /** A digest under a key of the installation of the patient it is about, never the reference itself. */
      readonly patient?: string;
    }
  | {
      readonly kind: 'space';
      readonly role: string;
      readonly server: string;
      /** The partner's Wardroom; null: nobody but us fills it. */
      readonly mirror: UserId | null;
    }
  | { readonly kind: 'mirrored'; readonly role: string; readonly server: string };

/** How often a fault was corrected lately, and whether it is left to people now. */
export interface KnownFault {
  /** What the room was judged by then: a fault after somebody decided otherwise is another one. */
  readonly basis: string;
  readonly times: number;
  readonly lastAt: Instant;
  readonly alarmed: boolean;
}

export interface KeptRoom {
  /** Opaque; of a space what it is for, so that there is one of each. */
  readonly key: string;
  /** Null: not made yet. */
  readonly roomId: RoomId | null;
  readonly subject: KeptSubject;
  /** `invited`: a partner's space to which no agreement lets us go yet. `closed`: nobody is in it any more. `replaced`: by another room. */
  readonly state: 'invited' | 'kept' | 'closed' | 'replaced';
  readonly replacedBy: RoomId | null;
  /** By `faultKey`. */
  readonly faults: Readonly<Record<string, KnownFault>>;
  /** Place in the inbox of the last departure: whoever writes after it should have changed their key. Null: nobody left yet. */
  readonly leftSeq: number | null;
  readonly since: Instant;
}

export interface KeptRoomsRead {
  all(): Promise<readonly KeptRoom[]>;
  /** Whom was told what is recorded in a room. */
  told(room: RoomId): Promise<readonly UserId[]>;
  /** Changes whenever something was decided about roles, the policy or agreements, by whatever process. */
  basis(): Promise<string>;
}

export interface KeptRoomsWrite extends KeptRoomsRead {
  /** Inserts, or changes what it is to be. */
  save(room: KeptRoom): Promise<void>;
  saveFaults(key: string, faults: KeptRoom['faults']): Promise<void>;
  saveLeft(key: string, seq: number): Promise<void>;
  markTold(room: RoomId, users: readonly UserId[], at: Instant): Promise<void>;
}
