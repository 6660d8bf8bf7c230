import type { NonEmpty } from '../kernel/result.ts';
import { tellAfterwards } from './changeTicket.ts';
import type { ClinicianOrder, Performed, Said } from './clinicianPort.ts';
import type { CommandAnswer } from './commandsPort.ts';
import type { AuditEntry } from './ports.ts';
import type { TicketFlow } from './ticketFlow.ts';

/**
 * Runs a clinician's command once and keeps its answer in the same transaction, so that the event may come again as often as it
 * likes. Who may do what is decided by the command, ticket by ticket; refusals are audited like the rest (45 CFR 164.312(b)).
 */
export async function answerClinician(flow: TicketFlow, said: Said, order: ClinicianOrder): Promise<CommandAnswer> {
  const known = await flow.store.read.commands.answerTo(said.event);
  if (known) return known;
  let performed: Performed | null = null;
  const answer = await flow.store.change<CommandAnswer>(async (tx) => {
    await tx.lock(`command:${said.event}`);
    if (await tx.commands.answerTo(said.event)) return null;
    performed = await order.run(tx, said);
    const { outcome, code, data, audit: done, jobs } = performed;
    const value = { command: order.command, outcome, code, data };
    await tx.commands.save(said.event, value, flow.clock.now());
    const audit: NonEmpty<AuditEntry> = [entryOf(said, value), ...done];
    return { value, audit, jobs };
  });
  const did = answer ? (performed as Performed | null) : null;
  for (const { before, after } of did?.moved ?? []) tellAfterwards(flow, before, after);
  did?.afterwards?.();
  const kept = answer ?? (await flow.store.read.commands.answerTo(said.event));
  if (kept === null) throw new Error('command-not-answered');
  return kept;
}

const entryOf = ({ room, account, event, sender }: Said, answer: CommandAnswer): AuditEntry => ({
  action: 'command.given',
  outcome: answer.outcome === 'refused' ? 'refused' : 'ok',
  actor: sender,
  code: answer.code,
  room,
  ...(account === null ? {} : { account }),
  event,
  detail: { command: answer.command },
});
