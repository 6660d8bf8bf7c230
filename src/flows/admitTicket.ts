import { createHmac, hash, randomBytes, randomUUID } from 'node:crypto';
import type { Instant } from '../kernel/clock.ts';
import { accountId, type ServiceId, type TicketId, ticketId } from '../kernel/ids.ts';
import { Phi, type Secret } from '../kernel/phi.ts';
import type { NonEmpty } from '../kernel/result.ts';
import { admit, admitTest } from '../tickets/admit.ts';
import { countParts } from '../tickets/composeMessage.ts';
import type { DispatchDirectory } from '../tickets/directory.ts';
import { canonicalText } from '../tickets/fingerprint.ts';
import { type IncomingTicket, readTicket } from '../tickets/readTicket.ts';
import { canJoin, joining, sayRepeatCall } from '../tickets/repeatCall.ts';
import type { Advanced, Ticket, Urgency } from '../tickets/ticket.ts';
import type { Admission } from '../tickets/unborn.ts';
import { advanceTicket, type Consequences, carryOut } from './advanceTicket.ts';
import { tellAfterwards } from './changeTicket.ts';
import type { AuditEntry, Tx } from './ports.ts';
import { viewOf } from './showTicket.ts';
import type { AdmitOutcome } from './ticketApi.ts';
import type { TicketFlow } from './ticketFlow.ts';
import type { WctpOrigin } from './wctpPort.ts';

/** A service that repeats itself within this time is answered with the ticket it already has (data README, "Accepting"). */
const REPEAT_WINDOW_MS = 24 * 3600 * 1000;

export interface AdmissionFlow extends TicketFlow {
  readonly directory: DispatchDirectory;
  /** Makes the fingerprint of a ticket's text, so that the text itself need not be kept to compare. */
  readonly fingerprintKey: Secret<Uint8Array>;
  /** The accounts a service reaches; empty for an unknown service. */
  readonly accountsOf: (service: ServiceId) => readonly string[];
  readonly ownNumbers: readonly string[];
  /** Null when one more ticket of this urgency can be taken; else after how many seconds it is worth trying again. */
  readonly isFull: (urgency: Urgency) => number | null;
}

/** What a channel knows of a ticket beyond its document. */
export interface Arrival {
  /** Where its id means something: the same id in another scope is another ticket. */
  readonly scope?: string;
  /** What makes it the same ticket when it comes again; default: the whole document. */
  readonly sameness?: Readonly<Record<string, unknown>>;
  /** Not to be on its way before; past: at once. */
  readonly deliverAfter?: Instant | null;
  /** By when its sender wants it delivered, or wants to know. */
  readonly deliverBefore?: Instant | null;
  /** Whom to answer by WCTP; committed with the ticket. */
  readonly wctp?: WctpOrigin;
}

/**
 * Takes a ticket from an answering service. Resolves `accepted` only after ticket, audit entries and jobs are committed together:
 * from then on it is Wardroom's duty. The same id with the same text is the same ticket; with another text a second one, flagged.
 * `busy` when more waits for the homeserver than can be posted soon: a repetition of what was accepted is answered even then.
 */
export async function admitTicket(
  flow: AdmissionFlow,
  service: ServiceId,
  document: unknown,
  arrival: Arrival = {},
): Promise<AdmitOutcome> {
  const acceptedAt = flow.clock.now();
  const read = readTicket(document, { now: acceptedAt, ownNumbers: flow.ownNumbers });
  if (!read.ok) {
    await refuse(flow, service, 'invalid');
    return { kind: 'refused', reason: 'invalid', errors: read.error };
  }
  const incoming = read.value;
  if (!flow.accountsOf(service).includes(incoming.account)) {
    await refuse(flow, service, 'account');
    return { kind: 'refused', reason: 'account' };
  }
  const scope = arrival.scope === undefined ? '' : `${hash('sha256', arrival.scope, 'base64url').slice(0, 16)}.`;
  const fingerprint = scope + keyedHash(flow, canonicalText(arrival.sameness ?? incoming.text));
  const full = flow.isFull(incoming.urgency);
  let repeated: Ticket | null = null;
  const done = await flow.store.change<Consequences>(async (tx) => {
    // The lock before the looks, all in one round trip.
    void tx.lock(`ticket-id:${service}:${incoming.externalId}`);
    const [same, token] = await Promise.all([
      tx.sameId(service, incoming.externalId, acceptedAt - REPEAT_WINDOW_MS),
      tx.takeToken(incoming.account),
    ]);
    const original = same.find((one) => one.fingerprint === fingerprint);
    if (original) {
      repeated = await tx.ticket(original.ticketId);
      return null;
    }
    if (full !== null) return null;
    const isReused = same.some((one) => scopeOf(one.fingerprint) === scope);
    const accepted = { service, incoming, acceptedAt, token, fingerprint, isReused, arrival };
    const first = await calledBefore(tx, service, incoming);
    return first ? join(flow, tx, first, accepted) : insert(flow, tx, accepted);
  });
  if (repeated) return { kind: 'accepted', ticket: viewOf(repeated, true), duplicate: true };
  if (full !== null) return { kind: 'busy', retryAfterSeconds: full };
  if (!done) throw new Error('admission-without-outcome');
  flow.crash.reach('accept.committed');
  tellAfterwards(flow, null, done);
  return { kind: 'accepted', ticket: viewOf(done.ticket, false), duplicate: false };
}

const keyedHash = (flow: AdmissionFlow, text: string): string =>
  createHmac('sha256', flow.fingerprintKey.reveal()).update(text).digest('base64url');

/** What stands before the fingerprint of the text; base64url has no dot. */
const scopeOf = (fingerprint: string): string => fingerprint.slice(0, fingerprint.indexOf('.') + 1);

interface Accepted {
  readonly service: ServiceId;
  readonly incoming: IncomingTicket;
  readonly acceptedAt: Instant;
  readonly token: string;
  readonly fingerprint: string;
  readonly isReused: boolean;
  readonly arrival: Arrival;
}

/**
 * A test page: the same way as a STAT ticket, from acceptance to the phones of those who would be alerted first, and no alert. Each
 * is a ticket of its own.
 */
export async function admitTestPage(flow: AdmissionFlow, service: ServiceId, account: string): Promise<AdmitOutcome> {
  const acceptedAt = flow.clock.now();
  if (!flow.accountsOf(service).includes(account)) {
    await refuse(flow, service, 'account');
    return { kind: 'refused', reason: 'account' };
  }
  // It must not stand before real tickets when there are too many already.
  const full = flow.isFull('routine');
  if (full !== null) return { kind: 'busy', retryAfterSeconds: full };
  const id = accountId(account);
  const text = { reason: 'Test page' };
  const done = await flow.store.change<Consequences>(async (tx) => {
    const token = await tx.takeToken(id);
    const admission = {
      ticketId: newTicketId(),
      service,
      account: id,
      externalId: `test-${randomUUID()}`,
      token,
      urgency: 'stat',
      flags: [],
      acceptedAt,
      parts: 1,
    } as const satisfies Admission;
    return save(flow, tx, admitTest(admission, flow.directory), text, admission.externalId);
  });
  if (!done) throw new Error('admission-without-outcome');
  tellAfterwards(flow, null, done);
  return { kind: 'accepted', ticket: viewOf(done.ticket, false), duplicate: false };
}

async function insert(flow: AdmissionFlow, tx: Tx, accepted: Accepted) {
  const { service, incoming, acceptedAt, token, fingerprint, isReused, arrival } = accepted;
  const { deliverAfter = null, deliverBefore = null, wctp } = arrival;
  const flags = isReused ? [...incoming.flags, 'id_reused'] : incoming.flags;
  const { provider_requested: requested } = incoming.text;
  const asked = typeof requested === 'string' ? flow.directory.askedFor(incoming.account, requested) : null;
  const admitted = admit(
    {
      ticketId: newTicketId(),
      service,
      account: incoming.account,
      externalId: incoming.externalId,
      token,
      urgency: incoming.urgency,
      flags,
      acceptedAt,
      parts: countParts(incoming.text, flags),
      ...(deliverAfter !== null && deliverAfter > acceptedAt && { heldUntil: deliverAfter }),
      ...(deliverBefore !== null && { deliverBy: deliverBefore }),
      ...(asked !== null && { asked }),
    },
    flow.directory,
  );
  return save(flow, tx, admitted, { ...incoming.text }, fingerprint, wctp);
}

/** The open ticket that a repeat call names, locked; null when it has to climb by itself. */
async function calledBefore(
  tx: Tx,
  service: ServiceId,
  { relatesTo, account, urgency }: IncomingTicket,
): Promise<Ticket | null> {
  if (relatesTo === null) return null;
  const named = await tx.openTicketNamed(service, account, relatesTo);
  if (!named) return null;
  // A call about a repeat call is about the first one.
  const first = await tx.ticketForUpdate(named.joins ?? named.ticketId);
  return first && canJoin(first, urgency) ? first : null;
}

/** A ticket that joins the ladder of an earlier one: its text goes into that one's thread, and both are saved together. */
async function join(flow: AdmissionFlow, tx: Tx, first: Ticket, accepted: Accepted) {
  const { service, incoming, acceptedAt, token, fingerprint, isReused, arrival } = accepted;
  const { wctp } = arrival;
  const { account, externalId, urgency } = incoming;
  const flags = isReused ? [...incoming.flags, 'id_reused'] : incoming.flags;
  const admission = { ticketId: newTicketId(), service, account, externalId, urgency, flags, acceptedAt };
  const joined = joining(admission, first, flow.directory);
  const own = await save(flow, tx, joined, { ...incoming.text }, fingerprint, wctp);
  await tx.releaseToken(account, token);
  const { ticketId } = joined.ticket;
  const moved = await advanceTicket(flow, tx, first, [{ type: 'called_again', ticketId, urgency }], {
    actor: `service:${service}`,
    words: { pieces: new Phi(sayRepeatCall(joined.ticket, incoming.text)), of: ticketId },
  });
  const audit: NonEmpty<AuditEntry> = [...own.audit, ...moved.audit];
  return { value: { ...own.value, alarms: moved.alarms }, audit, jobs: [...own.jobs, ...moved.jobs] };
}

async function save(
  flow: AdmissionFlow,
  tx: Tx,
  { ticket, effects }: Advanced,
  text: Record<string, unknown>,
  fingerprint: string,
  wctp?: WctpOrigin,
) {
  await tx.insertTicket(ticket, new Phi(text), fingerprint);
  if (wctp) await tx.wctp.saveOrigin(ticket.ticketId, ticket.service, ticket.account, ticket.acceptedAt, wctp);
  const actor = `service:${ticket.service}`;
  const consequences = await carryOut(flow, tx, ticket, effects, { actor, isNew: true, ...(wctp && { wctp }) });
  const [first, ...rest] = consequences.audit;
  if (!first) throw new Error('admission-without-audit');
  const audit: NonEmpty<AuditEntry> = [first, ...rest];
  return { value: consequences, audit, jobs: consequences.jobs };
}

/** A refusal is an entry too (45 CFR 164.312(b)); what was sent is not in it. */
async function refuse(flow: AdmissionFlow, service: ServiceId, code: string): Promise<void> {
  await flow.store.change(async () => ({
    value: null,
    audit: [{ action: 'ticket.refused', outcome: 'refused', actor: `service:${service}`, code }],
  }));
}

/** `tkt_` and 26 characters of base 32: 130 random bits, safe in a URL and in a Matrix transaction id. */
function newTicketId(): TicketId {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  return ticketId(`tkt_${[...randomBytes(26)].map((byte) => alphabet[byte & 31]).join('')}`);
}
