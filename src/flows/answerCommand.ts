import type { Clock, Instant } from '../kernel/clock.ts';
import type { NonEmpty } from '../kernel/result.ts';
import type { Administrators } from './administrators.ts';
import type { Administrator } from './administratorsPort.ts';
import type { CommandAuthority } from './commandAuthority.ts';
import type { Answered, CommandAnswer, Decided, GivenCommand, Order } from './commandsPort.ts';
import { askConfirmation } from './confirmations.ts';
import type { AuditEntry, Store, Tx } from './ports.ts';

export interface CommandFlow {
  readonly store: Store;
  /** Business time: until when a code counts. */
  readonly clock: Clock;
  readonly administrators: Administrators;
  readonly authority: Pick<CommandAuthority, 'refresh' | 'refusal'>;
  /** Whether commands count only from devices that the sender's identity signs. */
  readonly requireCrossSigned: boolean;
  /** Long work of a command failed. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Runs a command once and keeps its answer in the same transaction, so that the event may come again as often as it likes. Who
 * may not give commands is refused before anything is run. Refusals are audited like the rest (45 CFR 164.312(b)).
 */
export async function answerCommand(flow: CommandFlow, given: GivenCommand, order: Order): Promise<Answered> {
  const { store, clock, administrators, authority } = flow;
  const known = await store.read.commands.answerTo(given.event);
  if (known) return { answer: known, isNew: false };
  // By the roles and identities of now: one that was replaced a moment ago gives no command.
  await authority.refresh();
  if (administrators.isMember(given.sender)) await administrators.look();
  let afterwards: (() => void) | undefined;
  const answer = await store.change<CommandAnswer>(async (tx) => {
    await administrators.lock(tx);
    if (await tx.commands.answerTo(given.event)) return null;
    const refusal =
      (await authority.refusal(tx, given.sender, order.command)) ??
      refusalOf(flow, given, order, await tx.administrators.all());
    const decided = refusal === null ? await order.run(tx, given) : refused(refusal);
    afterwards = decided.afterwards;
    const value: CommandAnswer = {
      ...answerOf(order, decided),
      ...(decided.outcome === 'running' ? { long: true } : {}),
      ...(decided.outcome === 'confirm' ? await askIn(tx, clock.now(), given, order, decided) : {}),
    };
    await tx.commands.save(given.event, value, clock.now());
    const audit: NonEmpty<AuditEntry> = [entryOf('command.given', given, value, decided), ...decided.audit];
    return { value, audit, jobs: decided.jobs ?? [] };
  });
  if (answer) {
    afterwards?.();
    return { answer, isNew: true };
  }
  const kept = await store.read.commands.answerTo(given.event);
  if (kept === null) throw new Error('command-not-answered');
  return { answer: kept, isNew: false };
}

/**
 * Does the rest of a command whose answer is `running`, and keeps the answer that it comes to. Work that fails is answered as failed;
 * a database that does not answer is "not now" (throws).
 */
export async function finishCommand(flow: CommandFlow, given: GivenCommand, order: Order): Promise<CommandAnswer> {
  const { store, onFailure } = flow;
  const before = await store.read.commands.answerTo(given.event);
  if (before === null) throw new Error('command-not-answered');
  if (before.outcome !== 'running') return before;
  const work = order.finish ?? (async () => failed('interrupted'));
  const decided = await work(given, before.data).catch((error: unknown) => {
    onFailure(error);
    return failed('work-failed');
  });
  const answer = await store.change<CommandAnswer>(async (tx) => {
    await tx.lock(`command:${given.event}`);
    if ((await tx.commands.answerTo(given.event))?.outcome !== 'running') return null;
    const value: CommandAnswer = {
      ...answerOf(order, decided),
      long: true,
      // What the work has found may have to be confirmed.
      ...(decided.outcome === 'confirm' ? await askIn(tx, flow.clock.now(), given, order, decided) : {}),
    };
    await tx.commands.finish(given.event, value, flow.clock.now());
    const audit: NonEmpty<AuditEntry> = [entryOf('command.finished', given, value, decided), ...decided.audit];
    return { value, audit, jobs: decided.jobs ?? [] };
  });
  if (answer) decided.afterwards?.();
  const kept = answer ?? (await store.read.commands.answerTo(given.event));
  if (kept === null) throw new Error('command-not-answered');
  return kept;
}

function askIn(tx: Tx, now: Instant, given: GivenCommand, { command, confirmable }: Order, { asks }: Decided) {
  if (!confirmable || !asks) throw new Error('confirm-without-plan');
  return askConfirmation(tx, now, given, command, confirmable, asks);
}

const answerOf = ({ command }: Order, { outcome, code, data, words }: Decided): CommandAnswer => ({
  command,
  outcome,
  code,
  data,
  ...(words === undefined ? {} : { words }),
});

/** Why the sender's identity does not stand for this command; null when it does. */
function refusalOf(
  { requireCrossSigned }: CommandFlow,
  { sender, signedBy }: GivenCommand,
  { needsIdentity }: Order,
  pins: readonly Administrator[],
): Refusal | null {
  const pin = pins.find(({ userId }) => userId === sender);
  if (pin?.state === 'changed') return { code: 'identity-changed', data: {} };
  if (signedBy === null) return requireCrossSigned || needsIdentity ? { code: 'unverified-device', data: {} } : null;
  // Signed by an identity that is not the pinned one, which the look before did not find: the two do not fit together.
  return pin?.masterKey === signedBy ? null : { code: 'identity-changed', data: {} };
}

type Refusal = Pick<Decided, 'code' | 'data'>;

const refused = ({ code, data }: Refusal): Decided => ({ outcome: 'refused', code, data, audit: [] });
const failed = (code: string): Decided => ({ outcome: 'failed', code, data: {}, audit: [] });

/** The name of an argument that was refused is ours; what was typed there is not kept. */
const entryOf = (
  action: string,
  { room, event, sender }: GivenCommand,
  { command, outcome, code, data }: CommandAnswer,
  { about = {} }: Decided,
): AuditEntry => ({
  action,
  outcome: outcome === 'refused' || outcome === 'failed' ? outcome : 'ok',
  actor: sender,
  code,
  room,
  event,
  detail: {
    command,
    ...about,
    ...(typeof data.argument === 'string' ? { argument: data.argument } : {}),
    ...(outcome === 'confirm' || outcome === 'running' ? { answered: outcome } : {}),
  },
});
