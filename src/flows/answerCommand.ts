import type { UserId } from '../kernel/ids.ts';
import type { Administrators } from './administrators.ts';
import type { Administrator } from './administratorsPort.ts';
import type { CommandAnswer, Decided, GivenCommand, Order } from './commandsPort.ts';
import type { AuditEntry, Store } from './ports.ts';

export interface CommandFlow {
  readonly store: Store;
  readonly administrators: Administrators;
  readonly members: readonly UserId[];
  /** Whether commands count only from devices that the sender's identity signs. */
  readonly requireCrossSigned: boolean;
}

/**
 * Runs a command once and keeps its answer in the same transaction, so that the event may come again as often as it likes. Who
 * may not give commands is refused before anything is run. Refusals are audited like the rest (45 CFR 164.312(b)).
 */
export async function answerCommand(flow: CommandFlow, given: GivenCommand, order: Order): Promise<CommandAnswer> {
  const { store, administrators, members } = flow;
  const known = await store.read.commands.answerTo(given.event);
  if (known) return known;
  // By the identities of now: one that was replaced a moment ago gives no command.
  if (members.includes(given.sender)) await administrators.look();
  const answer = await store.change<CommandAnswer>(async (tx) => {
    await administrators.lock(tx);
    if (await tx.commands.answerTo(given.event)) return null;
    const refusal = refusalOf(flow, given, order, await tx.administrators.all());
    const decided = refusal === null ? await order.run(tx, given) : refused(refusal);
    const value = { command: order.command, outcome: decided.outcome, code: decided.code, data: decided.data };
    await tx.commands.save(given.event, value);
    return { value, audit: [entryOf(given, value), ...decided.audit] };
  });
  const kept = answer ?? (await store.read.commands.answerTo(given.event));
  if (kept === null) throw new Error('command-not-answered');
  return kept;
}

/** Why the sender may not give this command; null when they may. */
function refusalOf(
  { members, requireCrossSigned }: CommandFlow,
  { sender, signedBy }: GivenCommand,
  { needsIdentity }: Order,
  pins: readonly Administrator[],
): string | null {
  if (!members.includes(sender)) return 'not-admin';
  const pin = pins.find(({ userId }) => userId === sender);
  if (pin?.state === 'changed') return 'identity-changed';
  if (signedBy === null) return requireCrossSigned || needsIdentity ? 'unverified-device' : null;
  // Signed by an identity that is not the pinned one, which the look before did not find: the two do not fit together.
  return pin?.masterKey === signedBy ? null : 'identity-changed';
}

const refused = (code: string): Decided => ({ outcome: 'refused', code, data: {}, audit: [] });

const entryOf = ({ room, event, sender }: GivenCommand, answer: CommandAnswer): AuditEntry => ({
  action: 'command.given',
  outcome: answer.outcome === 'refused' || answer.outcome === 'failed' ? answer.outcome : 'ok',
  actor: sender,
  code: answer.code,
  room,
  event,
  detail: { command: answer.command },
});
