import type { ListedTraining } from '../../flows/training/trainingDesk.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { personNamed } from '../people.ts';
import { minuteOf } from '../times.ts';
import { trainingReasons } from '../training.ts';

export const trainingList: Command = {
  name: 'training list',
  takes: ['[USER]'],
  summary: 'shows who passed which course until when, and who accepted which terms',
  needs: 'an administrator, a privacy officer or a security officer',
  examples: [{ say: 'training list @amsel:marlow.example', does: 'of one person' }],
  needsIdentity: false,
  reasons: trainingReasons,
  prepare(given, api) {
    const typed = given.maybe('USER');
    if (typed === null) return ok((tx) => api.training.list(tx, null));
    const user = personNamed(typed);
    return user.ok ? ok((tx) => api.training.list(tx, user.value)) : user;
  },
  say({ training, accepted }) {
    const records = training as readonly ListedTraining[];
    const signed = accepted as readonly { user_id: string; terms: string; version: number }[];
    if (records.length + signed.length === 0) return ['Nothing is on record.'];
    return [
      {
        head: ['User', 'Course', 'Counts until', 'Evidence'],
        rows: records.map((one) => [
          one.user_id,
          one.course,
          `${minuteOf(one.until)}${one.current ? '' : ' OVER'}`,
          one.evidence ?? '',
        ]),
      },
      {
        head: ['User', 'Terms', 'Version'],
        rows: signed.map((one) => [one.user_id, one.terms, String(one.version)]),
      },
    ];
  },
};
