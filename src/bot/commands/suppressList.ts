import type { ShownSuppression } from '../../flows/texting/suppressionDesk.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { consentNeeds } from '../consent.ts';
import { minuteOf } from '../times.ts';

export const suppressList: Command = {
  name: 'suppress list',
  takes: [],
  summary: 'shows the telephones that get no texts, since when and why; what waits for somebody to look at it first',
  needs: consentNeeds,
  examples: [{ say: 'suppress list', does: 'with the words in which each was stopped' }],
  needsIdentity: false,
  prepare: (_given, { suppressed }) => ok((tx) => suppressed.list(tx)),
  say({ stopped, unreadable, older }) {
    const listed = stopped as readonly ShownSuppression[];
    return [
      ...(listed.length === 0
        ? ['No telephone is stopped.']
        : [
            {
              head: ['Telephone', 'Patients', 'Since', 'Why', 'State'],
              rows: listed.map((one) => [
                one.number,
                one.patients.join(', '),
                minuteOf(one.since),
                one.stops
                  .map(
                    ({ type, method, evidence }) =>
                      `${type === 'reassigned' ? 'not theirs, ' : ''}${method}: “${evidence}”`,
                  )
                  .join('; '),
                one.awaits_review ? 'TO BE LOOKED AT' : 'stopped',
              ]),
            },
            ...(listed.some((one) => one.awaits_review)
              ? ['What has to be looked at: `suppress review NUMBER confirmed` or `mistaken`.']
              : []),
          ]),
      ...(Number(unreadable) > 0 ? [`${String(unreadable)} entries of the record cannot be read.`] : []),
      ...(older === true ? ['There is more on record than was looked through: the oldest stops are not shown.'] : []),
    ];
  },
};
