/**
 * A distinct type for every identifier, so that the compiler catches one passed for another.
 * All are plain strings at run time. Make one with the constructor beside it, at the door where it was read.
 */
declare const brand: unique symbol;
export type Id<Name extends string> = string & { readonly [brand]: Name };

/** `@local:server` (Matrix specification, appendix "User identifiers"). */
export type UserId = Id<'UserId'>;
/** `!opaque[:server]`; without a server in room version 12 (MSC4291). */
export type RoomId = Id<'RoomId'>;
/** `$opaque`. */
export type EventId = Id<'EventId'>;
export type DeviceId = Id<'DeviceId'>;
/** Wardroom's own id of a ticket: `tkt_` and 26 characters, safe in a URL. */
export type TicketId = Id<'TicketId'>;
/** An answering service, as named in dispatch.yaml. */
export type ServiceId = Id<'ServiceId'>;
/** A customer line of an answering service, as named in dispatch.yaml. */
export type AccountId = Id<'AccountId'>;
/** An operator of an answering service, by whatever name the service gives; opaque. */
export type OperatorName = Id<'OperatorName'>;
/** A key under `people` of dispatch.yaml; never derived from, or turned into, a Matrix id. */
export type PersonKey = Id<'PersonKey'>;
/** One message Wardroom owes a room; its Matrix transaction id is derived from it. */
export type MessageId = Id<'MessageId'>;
/** The public part of a cross-signing master key (ed25519), unpadded base64: who somebody is, whatever device they use. */
export type MasterKey = Id<'MasterKey'>;
/** E.164, `+` and digits. */
export type PhoneNumber = Id<'PhoneNumber'>;

export const userId = (text: string) => text as UserId;
export const roomId = (text: string) => text as RoomId;
export const eventId = (text: string) => text as EventId;
export const deviceId = (text: string) => text as DeviceId;
export const ticketId = (text: string) => text as TicketId;
export const serviceId = (text: string) => text as ServiceId;
export const accountId = (text: string) => text as AccountId;
export const operatorName = (text: string) => text as OperatorName;
export const personKey = (text: string) => text as PersonKey;
export const messageId = (text: string) => text as MessageId;
export const masterKey = (text: string) => text as MasterKey;
export const phoneNumber = (text: string) => text as PhoneNumber;
