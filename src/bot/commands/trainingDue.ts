import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { minuteOf } from '../times.ts';
import { trainingReasons } from '../training.ts';

interface Lacking {
  readonly user_id: string;
  readonly class: string;
  readonly courses: readonly string[];
  readonly terms: readonly string[];
}

interface Ending {
  readonly user_id: string;
  readonly course: string;
  readonly until: string;
}

export const trainingDue: Command = {
  name: 'training due',
  takes: [],
  summary: 'shows who is kept out of rooms for a course or terms, and whose courses end within 30 days',
  needs: 'an administrator, a privacy officer or a security officer',
  examples: [{ say: 'training due', does: 'they were told themselves' }],
  needsIdentity: false,
  reasons: trainingReasons,
  prepare: (_given, { training }) => ok((tx) => training.due(tx)),
  say({ lacking, ending }) {
    const [out, soon] = [lacking as readonly Lacking[], ending as readonly Ending[]];
    if (out.length + soon.length === 0) return ['Nobody is kept out, and nothing ends within 30 days.'];
    return [
      {
        head: ['User', 'Kept out of', 'Courses', 'Terms'],
        rows: out.map((one) => [one.user_id, one.class, one.courses.join(', '), one.terms.join(', ')]),
      },
      { head: ['User', 'Course', 'Ends'], rows: soon.map((one) => [one.user_id, one.course, minuteOf(one.until)]) },
    ];
  },
};
