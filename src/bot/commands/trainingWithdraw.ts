import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { personNamed } from '../people.ts';
import { courseNamed, trainingReasons } from '../training.ts';

export const trainingWithdraw: Command = {
  name: 'training withdraw',
  takes: ['USER', 'COURSE'],
  summary: 'takes a course back that was recorded by mistake: who needs it is out of the rooms that ask for it',
  needs: 'an administrator',
  examples: [{ say: 'training withdraw @amsel:marlow.example hipaa', does: 'the record stays in the audit log' }],
  needsIdentity: false,
  reasons: trainingReasons,
  prepare(given, api) {
    const user = personNamed(given.word('USER'));
    if (!user.ok) return user;
    const course = courseNamed(given.word('COURSE'), api);
    return course.ok ? ok((tx, order) => api.training.withdraw(tx, order, user.value, course.value)) : course;
  },
  say: ({ user_id, course }) => [`The course ${String(course)} of ${String(user_id)} counts no more.`],
};
