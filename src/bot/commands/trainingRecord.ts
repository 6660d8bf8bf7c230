import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { dayOption } from '../partners.ts';
import { personNamed } from '../people.ts';
import { minuteOf } from '../times.ts';
import { courseNamed, trainingReasons } from '../training.ts';

export const trainingRecord: Command = {
  name: 'training record',
  takes: ['USER', 'COURSE'],
  options: { until: 'DATE', evidence: 'TEXT' },
  summary: 'puts on record that somebody passed a course, and the last day on which it counts',
  needs: 'an administrator, for somebody else; --until',
  examples: [
    {
      say: 'training record @amsel:marlow.example hipaa --until 2027-11-30 --evidence Certificate 4711',
      does: 'they are let into rooms that ask for it within seconds',
    },
  ],
  needsIdentity: false,
  reasons: trainingReasons,
  prepare(given, api) {
    const user = personNamed(given.word('USER'));
    if (!user.ok) return user;
    const course = courseNamed(given.word('COURSE'), api);
    if (!course.ok) return course;
    const until = dayOption(given, 'until');
    if (!until.ok) return until;
    const evidence = given.option('evidence');
    if (evidence !== null && evidence.length > 200) return err({ argument: '--evidence', why: 'too-long' });
    const about = { user: user.value, course: course.value, until: until.value, evidence };
    return ok((tx, order) => api.training.record(tx, order, about));
  },
  say: ({ user_id, course, until }) => [
    `On record: ${String(user_id)} passed ${String(course)}; it counts until ${minuteOf(String(until))}.`,
  ],
};
