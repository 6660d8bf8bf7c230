import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { ServiceId } from '../kernel/ids.ts';
import { type AdmissionFlow, admitTicket } from './admitTicket.ts';
import { takeOperatorEvent } from './operatorEvents.ts';
import type { AuditEntry } from './ports.ts';
import type { WctpApi, WctpOrigin, WctpOutcome, WctpTicket } from './wctpPort.ts';

/** How far back an earlier call is looked for. */
const EARLIER_CALL_MS = 24 * 3600 * 1000;

/** What is to be held for longer is a mistake in the year, or somebody's clock: it goes at once, and says so. */
const LONGEST_HOLD_MS = 31 * 24 * 3600 * 1000;
const TOO_FAR = 'the time to deliver after, more than 31 days ahead';

/** Tickets by WCTP: admitted like all others, with whom to answer. */
export function wctpApi(flow: AdmissionFlow): WctpApi {
  return {
    submit: (service, ticket) => submit(flow, service, ticket),

    async query(service, { senderId, recipientId, trackingNumber }) {
      const found = await flow.store.read.wctp.byTracking(trackingNumber);
      const isTheirs =
        found !== null && found.service === service && found.senderId === senderId && found.recipientId === recipientId;
      return isTheirs ? found.responses : null;
    },

    async poll(service, pollerId, received, limit) {
      const confirmed = received.length === 0 ? null : await confirm(flow, service, pollerId, received);
      // What a poller refuses, a person must look at; also when it is none of ours.
      const refused = confirmed?.filter((one) => !one.ok) ?? [];
      for (const { ticketId, account } of refused)
        flow.alarms.raise('wctp-response-refused', { ticket: ticketId, account });
      const unknown = received.filter((one) => !one.ok).length - refused.length;
      if (unknown > 0) flow.alarms.raise('wctp-response-refused', {});
      return flow.store.read.wctp.pendingFor(service, pollerId, limit);
    },

    async reply(service, { about, by, text, id }) {
      const ticket = await flow.store.read.wctp.ticketOfMessage(service, about);
      if (ticket === null) return 'unknown';
      const note = { type: 'note', by, text: text.reveal(), ...(id !== null && { id: `wctp ${id}` }) };
      const outcome = await takeOperatorEvent(flow, service, ticket, note);
      if (outcome.kind === 'done') return 'done';
      return outcome.reason === 'not-found' ? 'unknown' : 'invalid';
    },

    async turnedAway(service, code, isMany) {
      if (isMany) flow.alarms.raise('wctp-wrong-code', {});
      await flow.store.change(async () => ({
        value: null,
        audit: [
          {
            action: 'wctp.refused',
            outcome: 'refused',
            actor: service === null ? 'wctp:unknown' : `service:${service}`,
            code,
          },
        ],
      }));
    },
  };
}

async function submit(flow: AdmissionFlow, service: ServiceId, ticket: WctpTicket): Promise<WctpOutcome> {
  const id = ticket.messageId ?? madeId(flow, ticket);
  const relatesTo = await earlierCall(flow, service, ticket);
  const origin: WctpOrigin = {
    ...ticket.origin,
    messageId: id,
    trackingNumber: ticket.isClient ? newTrackingNumber() : null,
  };
  const { deliverAfter, deliverBefore } = ticket;
  const isFar = deliverAfter !== null && deliverAfter - flow.clock.now() > LONGEST_HOLD_MS;
  const read = ticket.document.reveal();
  const document = {
    ...read,
    ...(isFar && { not_understood: [...((read.not_understood as string[] | undefined) ?? []), TOO_FAR] }),
    id,
    account: ticket.account,
    ...(relatesTo !== null && { relates_to: relatesTo }),
  };
  const outcome = await admitTicket(flow, service, document, {
    scope: `wctp\n${origin.senderId}\n${ticket.account}`,
    sameness: ticket.sameness.reveal(),
    wctp: origin,
    deliverAfter: isFar ? null : deliverAfter,
    deliverBefore,
  });
  if (outcome.kind !== 'accepted') return outcome;
  const known = outcome.duplicate ? await flow.store.read.wctp.originOf(outcome.ticket.ticket_id) : origin;
  return {
    kind: 'accepted',
    externalId: outcome.ticket.external_id,
    trackingNumber: known?.trackingNumber ?? null,
    duplicate: outcome.duplicate,
  };
}

/** The ticket that a repeated call is about: of the same sender and transaction, still open. */
async function earlierCall(flow: AdmissionFlow, service: ServiceId, ticket: WctpTicket): Promise<string | null> {
  const { senderId, transactionId } = ticket.origin;
  if (!ticket.isRepeatCall || transactionId === null) return null;
  const since = flow.clock.now() - EARLIER_CALL_MS;
  return flow.store.read.wctp.earlierCall({ service, senderId, account: ticket.account, transactionId }, since);
}

/**
 * A client names no message: the same text of the same instant is the same one sent again. Without an instant nothing tells a
 * repetition from a second call, and a second page is better than none.
 */
function madeId(flow: AdmissionFlow, { origin, submittedAt, sameness }: WctpTicket): string {
  if (submittedAt === null) return `wctp-${randomUUID()}`;
  const parts = [origin.senderId, origin.recipientId, submittedAt, sameness.reveal()];
  const digest = createHmac('sha256', flow.fingerprintKey.reveal()).update(JSON.stringify(parts)).digest('hex');
  return `wctp-${digest.slice(0, 26)}`;
}

/** 16 characters (the least that implementations take), 65 random bits: who has it may ask what became of the message. */
function newTrackingNumber(): string {
  const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
  return `WR-${[...randomBytes(13)].map((byte) => alphabet[byte & 31]).join('')}`;
}

async function confirm(
  flow: AdmissionFlow,
  service: ServiceId,
  pollerId: string,
  received: Parameters<WctpApi['poll']>[2],
) {
  return flow.store.change(async (tx) => {
    const confirmed = await tx.wctp.confirm(service, pollerId, received);
    const entries = confirmed.map(
      ({ ticketId, account, ok }): AuditEntry => ({
        action: ok ? 'wctp.fetched' : 'wctp.parked',
        outcome: ok ? 'ok' : 'failed',
        actor: `service:${service}`,
        ticket: ticketId,
        account,
      }),
    );
    const [first, ...rest] = entries;
    return first ? { value: confirmed, audit: [first, ...rest] } : null;
  });
}
