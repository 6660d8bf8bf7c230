import type { Clock } from '../kernel/clock.ts';
import { accountId } from '../kernel/ids.ts';
import type { NonEmpty } from '../kernel/result.ts';
import type { ScheduleChange } from './onCallPort.ts';
import type { AuditEntry, Store } from './ports.ts';

/** Keeps changes to schedules, all or none, with who made them. Resolves to their ids. */
export async function changeSchedule(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  changes: NonEmpty<ScheduleChange>,
  by: string,
): Promise<readonly number[]> {
  const ids = await store.change(async (tx) => {
    const made: number[] = [];
    for (const change of changes) made.push(await tx.oncall.add(change, by, clock.now()));
    const [first, ...rest] = changes.map((change, index) => entry('oncall.overridden', change, by, made[index]!));
    return { value: made, audit: [first!, ...rest] };
  });
  return ids ?? [];
}

/** Takes one back. False when there is none of that number that stands. */
export async function withdrawScheduleChange(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  id: number,
  by: string,
): Promise<boolean> {
  const done = await store.change(async (tx) => {
    const change = (await tx.oncall.all()).find((one) => one.id === id);
    if (!change || !(await tx.oncall.withdraw(id, clock.now()))) return null;
    return { value: true, audit: [entry('oncall.withdrawn', change, by, id)] };
  });
  return done ?? false;
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
