import { randomBytes } from 'node:crypto';
import type { Clock } from '../../kernel/clock.ts';
import type { AccountId, EventId, PersonKey, PhoneNumber, RoomId, UserId } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import type { PortFailure, Result } from '../../kernel/result.ts';
import type { Alarms, CrashPoints, Store, Tx, Voices } from '../ports.ts';
import { type CarrierName, type CarrierPort, type TextId, textId } from './carrierPort.ts';
import {
  type LineName,
  type PatientRef,
  type PhoneRef,
  patientRef,
  phoneRef,
  type Text,
  type TextPost,
} from './textsPort.ts';

/** A number of ours, as it is configured. */
export interface TextLine {
  readonly name: LineName;
  readonly number: PhoneNumber;
  readonly carrier: CarrierName;
  /** What patients know the practice by. It must not tell what it treats. */
  readonly practice: string;
  /** The number that patients are asked to call. */
  readonly callBack: PhoneNumber;
  /** IANA name, of the practice. */
  readonly timeZone: string;
  /** The accounts whose ladders text by this line, and whose people are its team. */
  readonly accounts: readonly AccountId[];
  /** Why nothing may leave by it, in a word of ours (no agreement, no campaign); null: it may. */
  readonly barred: () => string | null;
}

/** Somebody whose telephone it is, by the directory. */
export interface PhonePerson {
  readonly person: PersonKey;
  readonly userId: UserId;
}

/** The rooms in which texts are. */
export interface TextRooms {
  /** The room of a line's texts with a patient, or (null) with telephones that nobody knows; made where there is none yet. */
  open(line: LineName, patient: PatientRef | null): Promise<Result<RoomId, PortFailure>>;
  /** What a room is for; null: it has nothing to do with texts. */
  of(room: RoomId): { readonly line: LineName; readonly patient: PatientRef | null } | null;
}

export interface TextingFlow {
  readonly store: Store;
  /** Business time. */
  readonly clock: Clock;
  readonly machineClock: Clock;
  readonly alarms: Alarms;
  readonly crash: CrashPoints;
  readonly lines: readonly TextLine[];
  readonly carriers: ReadonlyMap<CarrierName, CarrierPort>;
  readonly voices: Pick<Voices, 'encrypt' | 'send' | 'sentBefore'>;
  readonly voiceOf: (line: LineName) => UserId;
  readonly rooms: TextRooms;
  /** A digest under a key of the installation. */
  readonly digest: (text: string) => string;
  /** Whose telephone it is among the people of the directory: a clinician's is not a patient's. */
  readonly personOf: (number: PhoneNumber) => PhonePerson | null;
  readonly isOwnUser: (user: UserId) => boolean;
}

/** A telephone as it stands in the database. */
export const refOf = ({ digest }: Pick<TextingFlow, 'digest'>, number: string): PhoneRef =>
  phoneRef(digest(`phone:${number}`));

/** A patient as they stand in the database; rooms and holds know them by the same. */
export const patientOf = ({ digest }: Pick<TextingFlow, 'digest'>, reference: string): PatientRef =>
  patientRef(digest(reference.trim()));

/** As staff write a patient's reference: letters, digits, a few signs; never a name. */
export const isReference = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$/.test(text);

/** The last four digits: enough for staff to know which telephone, in a room that is encrypted. */
export const lastFour = (number: Phi<PhoneNumber>): string => `…${number.reveal().slice(-4)}`;

/** `txt_` and 26 characters of base 32: 130 random bits. */
export function newTextId(): TextId {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return textId(`txt_${[...randomBytes(26)].map((byte) => alphabet[byte & 31]).join('')}`);
}

export const lineOf = (flow: Pick<TextingFlow, 'lines'>, name: LineName): TextLine | null =>
  flow.lines.find((line) => line.name === name) ?? null;

/** A text before anything happened to it; outbound where nothing else is said. */
export function newText(
  flow: Pick<TextingFlow, 'clock'>,
  line: TextLine,
  of: Pick<Text, 'phone' | 'purpose'> & Partial<Text>,
): Text {
  const now = flow.clock.now();
  return {
    id: newTextId(),
    direction: 'out',
    line: line.name,
    carrier: line.carrier,
    carrierId: null,
    patient: null,
    state: 'queued',
    code: null,
    carrierCode: null,
    at: now,
    dueAt: now,
    attempts: 0,
    segments: null,
    room: null,
    event: null,
    author: null,
    ticket: null,
    token: null,
    person: null,
    ...of,
  };
}

export interface Said {
  /** For people. May hold health information. */
  readonly body: string;
  /** `org.wardroom.text`. */
  readonly mark: Readonly<Record<string, unknown>>;
  readonly isNotice: boolean;
  readonly inReplyTo?: EventId | null;
  readonly mentions?: readonly UserId[];
}

/** What a line's voice says in a room; `org.wardroom.text` is for programs (docs/sms.md, "In the room"). */
export const contentOf = ({
  body,
  mark,
  isNotice,
  inReplyTo = null,
  mentions = [],
}: Said): Phi<Record<string, unknown>> =>
  new Phi({
    msgtype: isNotice ? 'm.notice' : 'm.text',
    body,
    'org.wardroom.text': mark,
    'm.mentions': mentions.length > 0 ? { user_ids: [...mentions] } : {},
    ...(inReplyTo === null ? {} : { 'm.relates_to': { 'm.in_reply_to': { event_id: inReplyTo } } }),
  });

/** Owes a message to a patient's room, or to the one for numbers that nobody knows. */
export function sayIn(
  flow: TextingFlow,
  tx: Tx,
  post: Pick<TextPost, 'id' | 'text' | 'line'> & { readonly patient: PatientRef | null; readonly edits?: string },
  said: Said,
): Promise<void> {
  const { id, text, line, patient, edits = null } = post;
  return tx.texts.owe({ id, text, line, patient, room: null, edits, at: flow.clock.now() }, contentOf(said));
}
