import type { Clock } from '../../kernel/clock.ts';
import { userId } from '../../kernel/ids.ts';
import { ok, type Result } from '../../kernel/result.ts';
import { endOfDay, foldTraining, type Policy, type TrainingEvent } from '../../policy/index.ts';
import { type ListFault, readList } from '../csvRows.ts';
import type { AuditEntry, Store } from '../ports.ts';

import { TRAINING_LOCK } from './trainingDesk.ts';

export interface TrainingRow {
  /** Where it stands in the file: `line 2`. */
  readonly place: string;
  readonly user: string;
  readonly course: string;
  /** The last day on which it counts. */
  readonly until: string;
  readonly evidence: string | null;
}

/** What the import would do, or did. */
export interface TrainingDiff {
  readonly recorded: readonly { readonly user_id: string; readonly course: string; readonly until: string }[];
  readonly unchanged: number;
  /** Rows that cannot be: with any, nothing is done. */
  readonly refused: readonly { readonly place: string; readonly code: string }[];
  readonly done: boolean;
}

/** CSV (RFC 4180) with a header that names the columns `user`, `course`, `until` and, if there is one, `evidence`. */
export function readTrainingList(csv: string): Result<readonly TrainingRow[], ListFault> {
  const rows = readList(csv, ['user', 'course', 'until']);
  if (!rows.ok) return rows;
  return ok(
    rows.value.map(({ place, values: { user = '', course = '', until = '', evidence = '' } }) => {
      return { place, user, course, until, evidence: evidence === '' ? null : evidence };
    }),
  );
}

/** Puts what a learning system says on record, all of it or nothing. What lasts as long already is left as it is; nothing is withdrawn. */
export async function importTraining(
  { store, clock, policy }: { readonly store: Store; readonly clock: Clock; readonly policy: Policy },
  rows: readonly TrainingRow[],
  { dryRun, by }: { readonly dryRun: boolean; readonly by: string },
): Promise<TrainingDiff> {
  let diff: TrainingDiff = { recorded: [], unchanged: 0, refused: [], done: false };
  await store.change(async (tx) => {
    await tx.lock(TRAINING_LOCK);
    const now = clock.now();
    const stands = new Map(
      foldTraining(await tx.training.events()).map(({ user, course, until }) => [`${user} ${course}`, until]),
    );
    const courses = new Set(Object.values(policy.classes).flatMap(({ training }) => training));
    const events: Extract<TrainingEvent, { type: 'passed' }>[] = [];
    const recorded: { user_id: string; course: string; until: string }[] = [];
    const refused: { place: string; code: string }[] = [];
    let unchanged = 0;
    for (const { place, user, course, until: day, evidence } of rows) {
      const until = endOfDay(day, policy);
      const code = faultOf({ user, course, until, evidence }, courses, now);
      if (code !== null || until === null) {
        refused.push({ place, code: code ?? 'until' });
        continue;
      }
      const key = `${user} ${course}`;
      if ((stands.get(key) ?? 0) >= until) {
        unchanged += 1;
        continue;
      }
      stands.set(key, until);
      events.push({ type: 'passed', user: userId(user), course, until, evidence, by, at: now });
      recorded.push({ user_id: user, course, until: day });
    }
    const isDone = !dryRun && refused.length === 0;
    diff = { recorded, unchanged, refused, done: isDone };
    if (!isDone) return null;
    for (const event of events) await tx.training.append(event);
    const [first, ...rest] = events.map(({ user, course }): AuditEntry => {
      return { action: 'training.recorded', outcome: 'ok', actor: by, code: 'import', detail: { user, course } };
    });
    return first === undefined ? null : { value: null, audit: [first, ...rest] };
  });
  return diff;
}

function faultOf(
  row: {
    readonly user: string;
    readonly course: string;
    readonly until: number | null;
    readonly evidence: string | null;
  },
  courses: ReadonlySet<string>,
  now: number,
): string | null {
  if (!/^@[^:\s]+:\S+$/.test(row.user)) return 'user';
  if (!courses.has(row.course)) return 'course-unknown';
  if (row.until === null) return 'until';
  if (row.until <= now) return 'over';
  return (row.evidence ?? '').length > 200 ? 'evidence' : null;
}
