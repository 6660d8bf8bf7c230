import type { Instant } from '../kernel/clock.ts';
import type { EventId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import type { IncidentEvent, KeptIncidentEvent, ReviewSummary } from '../policy/index.ts';

/** An incident as it is kept: all that happened to it, in order. */
export interface KeptIncident {
  readonly id: number;
  readonly events: readonly KeptIncidentEvent[];
}

/** What was written about incidents. Nothing is ever changed or taken out. */
export interface IncidentsRead {
  /** Those whose clock runs. */
  running(): Promise<readonly KeptIncident[]>;
  /** The latest `limit`. */
  latest(limit: number): Promise<readonly KeptIncident[]>;
  one(id: number): Promise<KeptIncident | null>;
  /** What was written, by the number of its event. Throws when it cannot be opened. */
  texts(id: number): Promise<ReadonlyMap<number, Phi<string>>>;
  hasDraft(key: string): Promise<boolean>;
  /** What is posted for an export that this command made. */
  exported(command: EventId): Promise<PreparedExport | null>;
}

/** An uploaded worksheet that was, or is to be, posted. */
export interface PreparedExport {
  readonly incident: number;
  readonly mxc: string;
  /** Of the message; holds the key of the file. */
  readonly content: Phi<Record<string, unknown>>;
}

export interface IncidentsWrite extends IncidentsRead {
  /** Its number; null: there is a draft of this key already. `key` null: no draft. Serialised by the caller. */
  create(key: string | null, at: Instant): Promise<number | null>;
  /** The number of the event. */
  append(id: number, event: IncidentEvent, text: Phi<string> | null): Promise<number>;
  saveExport(command: EventId, prepared: PreparedExport, at: Instant): Promise<void>;
  /** What this command exported is in this event: both are deleted together. False: that is on record. */
  savePosted(command: EventId, event: EventId): Promise<boolean>;
}

/** What officers are told. Codes, ids, days and numbers: no text that somebody wrote. */
export type OversightNotice =
  | {
      readonly kind: 'draft';
      readonly incident: string;
      readonly title: string;
      readonly person: string;
      readonly day: string;
      readonly what: string;
    }
  | {
      readonly kind: 'clock';
      readonly incident: string;
      readonly state: string;
      readonly daysLeft: number;
      readonly lastDay: string;
      readonly missing: number;
    }
  | { readonly kind: 'review'; readonly summary: ReviewSummary; readonly digest: string }
  | { readonly kind: 'chase'; readonly review: string; readonly days: number };

/** Where officers read. The same `id` is one message, however often it is posted. */
export interface OfficersPort {
  tell(id: string, notice: OversightNotice): Promise<Result<EventId, PortFailure>>;
}

/** A file as it goes into a room: uploaded, encrypted, and how it is opened (Matrix specification, "Sending encrypted attachments"). */
export interface UploadedFile {
  readonly mxc: string;
  /** `m.file`; holds the key. */
  readonly content: Phi<Record<string, unknown>>;
}

/** Encrypted attachments of the officers' room. */
export interface AttachmentsPort {
  upload(name: string, type: string, bytes: Phi<Uint8Array>): Promise<Result<UploadedFile, PortFailure>>;
  post(id: string, content: Phi<Record<string, unknown>>): Promise<Result<EventId, PortFailure>>;
}

/** Whoever has a device that their identity does not sign, and which. */
export interface DeviceTrust {
  readonly user: UserId;
  readonly device: string;
  readonly isSigned: boolean;
}
