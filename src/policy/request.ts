/** What can be asked of the policy, and what it is judged by. Plain data throughout. */
import type { Instant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import type { KeptAgreement } from './agreements.ts';
import type { EmergencyAccess } from './emergency.ts';
import type { Coverage, Policy } from './policySchema.ts';
import type { Hold } from './retention/holds.ts';
import type { Grant } from './roles.ts';
import type { Accepted } from './training/training.ts';

/** The room a request is about. */
export interface RoomSubject {
  readonly class: string;
  /** The room's own roles, some of the class's; empty: all of them. */
  readonly roles: readonly string[];
  /** The account whose tickets come here. */
  readonly account?: string | undefined;
  /** Who may be in this very room for a while because of an emergency. */
  readonly emergencies?: readonly EmergencyAccess[] | undefined;
}

export type PolicyRequest =
  | { readonly kind: 'join'; readonly user: UserId; readonly room: RoomSubject }
  | { readonly kind: 'invite'; readonly by: UserId; readonly user: UserId; readonly room: RoomSubject }
  | { readonly kind: 'message'; readonly user: UserId; readonly room: RoomSubject; readonly encrypted: boolean }
  /** Taking back a message that was sent then. */
  | {
      readonly kind: 'recall';
      readonly by: UserId;
      readonly author: UserId;
      readonly sentAt: Instant;
      readonly room: RoomSubject;
    }
  | { readonly kind: 'create-room'; readonly class: string; readonly name: string; readonly roles: readonly string[] }
  /** May this server's people be in rooms of this class at all? */
  | {
      readonly kind: 'federate';
      readonly domain: string;
      readonly class: string;
      readonly account?: string | undefined;
    }
  /** May DOMAIN/ROLE take the calls of ACCOUNT/ROLE? */
  | { readonly kind: 'cover'; readonly ours: string; readonly theirs: string }
  | { readonly kind: 'grant'; readonly user: UserId; readonly role: string }
  /** Emergency access to a room, for so many milliseconds. */
  | { readonly kind: 'break-glass'; readonly user: UserId; readonly room: RoomSubject; readonly forMs: number }
  /** The words of a command without its arguments: `policy set`. */
  | { readonly kind: 'command'; readonly by: UserId; readonly command: string };

export type RequestKind = PolicyRequest['kind'];

/** Somebody passed a course; it counts up to but not including `until`. */
export interface Training {
  readonly user: UserId;
  readonly course: string;
  readonly until: Instant;
}

export interface Facts {
  readonly policy: Policy;
  readonly now: Instant;
  readonly ownServer: string;
  readonly bot: UserId;
  /** Every voice there is. */
  readonly voices: readonly UserId[];
  readonly grants: readonly Grant[];
  readonly agreements: readonly KeptAgreement[];
  readonly coverage: readonly Coverage[];
  readonly training: readonly Training[];
  /** Terms that were accepted; absent: none. */
  readonly accepted?: readonly Accepted[];
  /** Accesses that were granted and not ended, of all rooms; absent: none. */
  readonly emergencies?: readonly EmergencyAccess[];
  /** Legal holds in force. */
  readonly holds?: readonly Hold[];
}
