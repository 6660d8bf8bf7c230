import type { Clock, Instant } from '../kernel/clock.ts';
import { accountId } from '../kernel/ids.ts';
import type { NonEmpty } from '../kernel/result.ts';
import type { ScheduleChange } from './onCallPort.ts';
import type { AuditEntry, Store, Tx } from './ports.ts';

/** Keeps changes to schedules, all or none, with who made them. Resolves to their ids. */
export async function changeSchedule(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  changes: NonEmpty<ScheduleChange>,
  by: string,
): Promise<readonly number[]> {
  const ids = await store.change(async (tx) => {
    const { ids: value, audit } = await addChanges(tx, clock.now(), changes, by);
    return { value, audit };
  });
  return ids ?? [];
}

/** The same inside a transaction that does more. */
export async function addChanges(
  tx: Tx,
  now: Instant,
  changes: NonEmpty<ScheduleChange>,
  by: string,
): Promise<{ readonly ids: readonly number[]; readonly audit: NonEmpty<AuditEntry> }> {
  const ids: number[] = [];
  for (const change of changes) ids.push(await tx.oncall.add(change, by, now));
  const [first, ...rest] = changes.map((change, index) => entry('oncall.overridden', change, by, ids[index]!));
  return { ids, audit: [first!, ...rest] };
}

/** Takes one back. False when there is none of that number that stands. */
export async function withdrawScheduleChange(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  id: number,
  by: string,
): Promise<boolean> {
  const done = await store.change(async (tx) => {
    const taken = await takeBackChange(tx, clock.now(), id, by);
    return taken && { value: true, audit: [taken.audit] };
  });
  return done ?? false;
}

/** The same inside a transaction that does more. Null when there is none of that number that stands. */
export async function takeBackChange(
  tx: Tx,
  now: Instant,
  id: number,
  by: string,
): Promise<{ readonly change: ScheduleChange; readonly audit: AuditEntry } | null> {
  const change = (await tx.oncall.all()).find((one) => one.id === id);
  if (!change || !(await tx.oncall.withdraw(id, now))) return null;
  return { change, audit: entry('oncall.withdrawn', change, by, id) };
}

const entry = (
  action: string,
  { account, role, tier, from, to, who }: ScheduleChange,
  by: string,
  id: number,
): AuditEntry => ({
  action,
  outcome: 'ok',
  actor: by,
  account: accountId(account),
  detail: { id, role, tier, from, to, who },
});
