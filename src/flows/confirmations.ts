import { createHash, randomInt } from 'node:crypto';
import type { Clock, Instant } from '../kernel/clock.ts';
import { isoInstant } from '../kernel/clock.ts';
import { canonicalText } from '../tickets/fingerprint.ts';
import type { Administrator } from './administratorsPort.ts';
import type { CommandAuthority } from './commandAuthority.ts';
import type { Asked, Confirmable, Decided, GivenCommand } from './commandsPort.ts';
import type { Tx } from './ports.ts';

/** Letters and digits that nobody takes for one another, read aloud or on a phone. */
const ALPHABET = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';
const LENGTH = 6;
/** Who asked has the answer before them. */
const OWN_MS = 15 * 60_000;
/** Another person may have to be found first. */
const OTHERS_MS = 4 * 3_600_000;

/** The code and its end, as the answer says them. */
export interface OpenedConfirmation {
  readonly confirm: string;
  readonly expires_at: string;
}

/** Keeps what waits to be confirmed, with a digest of what it was shown on. */
export async function askConfirmation(
  tx: Tx,
  now: Instant,
  given: GivenCommand,
  command: string,
  confirmable: Confirmable,
  { plan, secondPerson }: Asked,
): Promise<OpenedConfirmation> {
  let code: string;
  do code = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  while (await tx.confirmations.find(code));
  const expiresAt = now + (secondPerson ? OTHERS_MS : OWN_MS);
  await tx.confirmations.add({
    code,
    command,
    plan,
    basis: await digest(tx, confirmable, plan),
    secondPerson,
    askedBy: given.sender,
    askedIn: given.event,
    askedAt: now,
    expiresAt,
    usedBy: null,
  });
  return { confirm: code, expires_at: isoInstant(expiresAt) };
}

/**
 * Does what waits under a code, once. Refused: a code that there is not, that was used or is over; by who asked where it takes another
 * person; when who asked may give no commands any more; and when what was shown is not so any more. Only what is done uses a code up.
 * The caller holds the administrators' lock, so that of two who confirm at once one finds it used.
 */
export async function confirm(
  { clock, authority }: { readonly clock: Clock; readonly authority: Pick<CommandAuthority, 'refusal'> },
  tx: Tx,
  given: GivenCommand,
  typed: string,
  find: (command: string) => Confirmable | null,
): Promise<Decided> {
  const now = clock.now();
  const kept = await tx.confirmations.find(typed.toUpperCase().replace(/[^A-Z0-9]/g, ''));
  const confirmable = kept && find(kept.command);
  if (!kept || !confirmable) return refused('unknown-code', {});
  const about = { of: kept.command, asked_by: kept.askedBy };
  const refuse = (code: string) => ({ ...refused(code, { of: kept.command }), about });
  if (kept.usedBy !== null) return refuse('code-used');
  if (now >= kept.expiresAt) return refuse('code-expired');
  // Confirming is doing: it takes what the command itself takes.
  const refusal = await authority.refusal(tx, given.sender, kept.command);
  if (refusal !== null) return { ...refused(refusal.code, { ...refusal.data, of: kept.command }), about };
  const pins = await tx.administrators.all();
  if (kept.secondPerson) {
    if (kept.askedBy === given.sender) return refuse('needs-second-person');
    if (!isSecondPerson(pins, given)) return refuse('not-confirmed');
  }
  const isAskerOut = (await authority.refusal(tx, kept.askedBy, kept.command)) !== null;
  if (isAskerOut || pins.some((pin) => pin.userId === kept.askedBy && pin.state === 'changed'))
    return refuse('asker-suspended');
  if ((await digest(tx, confirmable, kept.plan)) !== kept.basis) return refuse('state-changed');
  const decided = await confirmable.apply(tx, given, kept.plan);
  if (decided.outcome === 'ok' || decided.outcome === 'running')
    await tx.confirmations.use(kept.code, given.sender, given.event, now);
  return { ...decided, data: { ...decided.data, of: kept.command }, about: { ...decided.about, ...about } };
}

/**
 * A second person whom nobody ever compared is whoever the homeserver says. Before the first confirmation of all there is no such
 * person, and the identity that was pinned first is enough, as it is for confirming each other.
 */
const isSecondPerson = (pins: readonly Administrator[], { sender }: GivenCommand): boolean =>
  pins.every(({ confirmedAt }) => confirmedAt === null) ||
  pins.some(({ userId, state }) => userId === sender && state === 'confirmed');

async function digest(tx: Tx, confirmable: Confirmable, plan: Asked['plan']): Promise<string> {
  return createHash('sha256')
    .update(canonicalText({ basis: await confirmable.basis(tx, plan) }))
    .digest('base64url');
}

const refused = (code: string, data: Decided['data']): Decided => ({ outcome: 'refused', code, data, audit: [] });
