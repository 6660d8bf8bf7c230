/** Texts on their way in and out, and what is said of them in rooms. Numbers and words are sealed where they lie. */
import type { Instant } from '../../kernel/clock.ts';
import type { EventId, Id, PersonKey, PhoneNumber, RoomId, TicketId, UserId } from '../../kernel/ids.ts';
import type { Phi } from '../../kernel/phi.ts';
import type { CarrierMedia, CarrierName, CarrierTextId, DeliveryState, TextId } from './carrierPort.ts';

/** A number of ours that people text to: its key under `texting.lines`. Never the number itself: it stands in user ids and logs. */
export type LineName = Id<'LineName'>;
export const lineName = (text: string) => text as LineName;
/** A telephone number as a digest under a key of this installation. */
export type PhoneRef = Id<'PhoneRef'>;
export const phoneRef = (text: string) => text as PhoneRef;
/** A patient's reference as a digest under a key of this installation; the same as of rooms and holds. */
export type PatientRef = Id<'PatientRef'>;
export const patientRef = (text: string) => text as PatientRef;

/**
 * What a text is for. In: `patient`, `clinician` (from a telephone of somebody under `people`), `keyword` (STOP, START, HELP), `unknown` (nobody's
 * telephone: triage). Out: `answer` (what staff wrote), `notice` (in its place: call us), `confirmation` (of STOP or START), `help`, `step` (of a
 * ladder), `reminder`, `refusal` (what we do not take by text), `test`.
 */
export type TextPurpose =
  | 'patient'
  | 'clinician'
  | 'keyword'
  | 'unknown'
  | 'answer'
  | 'notice'
  | 'confirmation'
  | 'help'
  | 'step'
  | 'reminder'
  | 'refusal'
  | 'test';

/**
 * In: `received`, then `done`. Out: `queued`, `handing` (the carrier is being asked: after a crash nobody knows whether it heard), then what the
 * carrier says; `held` for a second person; `refused` by the carrier, `cancelled` by us, `unknown`: maybe sent, never sent again by itself.
 */
export type TextState = 'received' | 'done' | 'held' | 'handing' | 'refused' | 'cancelled' | DeliveryState;

export interface Text {
  readonly id: TextId;
  readonly direction: 'in' | 'out';
  readonly line: LineName;
  readonly carrier: CarrierName;
  readonly carrierId: CarrierTextId | null;
  readonly phone: PhoneRef;
  readonly patient: PatientRef | null;
  readonly purpose: TextPurpose;
  readonly state: TextState;
  /** Why, in a word of ours. */
  readonly code: string | null;
  readonly carrierCode: string | null;
  readonly at: Instant;
  readonly dueAt: Instant;
  readonly attempts: number;
  readonly segments: number | null;
  /** The message of staff that it carries, and the room in which it was written. */
  readonly room: RoomId | null;
  readonly event: EventId | null;
  /** Who wrote it. */
  readonly author: UserId | null;
  /** Of a ladder's step. */
  readonly ticket: TicketId | null;
  readonly token: string | null;
  readonly person: PersonKey | null;
}

/** What is on the telephone's screen. */
export interface TextContent {
  readonly body: string;
  readonly media: readonly CarrierMedia[];
}

/** A text with what is sealed in it. */
export interface OpenText {
  readonly text: Text;
  readonly number: Phi<PhoneNumber>;
  /** Null: it arrived, Wardroom keeps it no longer. */
  readonly content: Phi<TextContent> | null;
}

/** A message that a line's voice owes a room about a text. */
export interface TextPost {
  readonly id: string;
  readonly text: TextId | null;
  readonly line: LineName;
  /** In whose room of the line; null: in the one for telephones that nobody knows. It may have to be made first. */
  readonly patient: PatientRef | null;
  /** Where another room is meant, or once it is known. */
  readonly room: RoomId | null;
  /** The post that it edits. */
  readonly edits: string | null;
  readonly at: Instant;
}

export interface OwedPost extends TextPost {
  readonly state: 'queued' | 'encrypted';
  readonly attempts: number;
  readonly content: Phi<Record<string, unknown>> | null;
  readonly ciphertext: Readonly<Record<string, unknown>> | null;
}

/** A telephone that a patient uses. */
export interface PatientPhone {
  readonly phone: PhoneRef;
  readonly patient: PatientRef;
  readonly since: Instant;
  readonly names: Phi<{ readonly number: string; readonly reference: string }>;
}

export interface TextsRead {
  one(id: TextId): Promise<OpenText | null>;
  /** Inbound ones whose files are to be fetched now, the oldest first. */
  received(now: Instant, limit: number): Promise<readonly OpenText[]>;
  /** Outbound ones that may be sent now: the first of each line and telephone, the oldest first. */
  due(now: Instant, limit: number): Promise<readonly OpenText[]>;
  /** Of which nobody knows any more whether the carrier heard: a process died with them. */
  handing(): Promise<readonly Text[]>;
  /** By the carrier's name of it, in whichever spelling. */
  sentAs(carrier: CarrierName, ids: readonly CarrierTextId[]): Promise<Text | null>;
  /** The latest that went from the line to the telephone about a patient. */
  lastTo(line: LineName, phone: PhoneRef): Promise<Text | null>;
  /** The telephone that the patient last texted the line from. */
  lastFrom(line: LineName, patient: PatientRef): Promise<OpenText | null>;
  /** What went to this telephone since then: purposes and when, for caps. */
  outSince(phone: PhoneRef, since: Instant): Promise<readonly Pick<Text, 'purpose' | 'at' | 'patient' | 'state'>[]>;
  /** Steps of ladders that went to this telephone since then. */
  stepsTo(phone: PhoneRef, since: Instant): Promise<readonly Text[]>;
  /** Texts from this telephone of which nobody said yet whose they are. */
  unknownFrom(line: LineName, phone: PhoneRef): Promise<readonly OpenText[]>;
  /** Whether this message of staff was dealt with. */
  ofEvent(event: EventId): Promise<readonly Text[]>;
  /** Texts of patients since which nothing was written to them, taken before then and not told of yet. */
  unanswered(before: Instant, limit: number): Promise<readonly OpenText[]>;
  phonesOf(patient: PatientRef): Promise<readonly PatientPhone[]>;
  patientsOf(phone: PhoneRef): Promise<readonly PatientPhone[]>;
  /** Messages that are owed, the oldest first. */
  owedPosts(now: Instant, limit: number): Promise<readonly OwedPost[]>;
  /** The event that a post became. */
  postedAs(id: string): Promise<EventId | null>;
  /** The text that an event in a room shows or speaks of. */
  textOfEvent(event: EventId): Promise<TextId | null>;
  /** Counts for `sms line list`: what waits, failed, is unknown, per line, since. */
  counts(
    since: Instant,
  ): Promise<readonly { readonly line: LineName; readonly state: TextState; readonly count: number }[]>;
}

export interface TextsWrite extends TextsRead {
  /** False: it was taken before (same carrier, same id). */
  take(text: Text, number: Phi<PhoneNumber>, content: Phi<TextContent>): Promise<boolean>;
  queue(text: Text, number: Phi<PhoneNumber>, content: Phi<TextContent>): Promise<void>;
  /** Locks it and reads it as it is. */
  forUpdate(id: TextId): Promise<Text | null>;
  /** Whatever of it may change. */
  save(text: Text): Promise<void>;
  /** What waits for a telephone and is about a patient does not go any more; confirmations and pages do. */
  cancelWaiting(phone: PhoneRef, code: string): Promise<readonly TextId[]>;
  /** The words are where they belong; Wardroom's copy goes (minimum necessary, 45 CFR 164.502(b)). */
  forgetContent(id: TextId): Promise<void>;
  /** The same of all that were taken before then; how many. */
  forgetOlder(before: Instant): Promise<number>;
  /** Does nothing when there is one with this id. */
  owe(post: TextPost, content: Phi<Record<string, unknown>>): Promise<void>;
  /** False: another process was quicker. */
  keepPost(id: string, room: RoomId, ciphertext: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** `media`: the file that it opens, so that it is deleted with it. */
  posted(id: string, event: EventId, media: string | null): Promise<void>;
  postLater(id: string, dueAt: Instant): Promise<void>;
  dropPost(id: string): Promise<void>;
  /** Says that a patient uses a telephone; what ended begins again. */
  savePhone(phone: PatientPhone): Promise<void>;
  endPhone(phone: PhoneRef, patient: PatientRef | null, at: Instant): Promise<void>;
}
