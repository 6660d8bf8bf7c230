import { segmentsOf } from '../../segments/segments.ts';
import { error, fine, type LintRule, warning } from '../lintRule.ts';

/** Reminders: 160 characters (47 CFR 64.1200(a)(9)(iv)(E)); other texts: this many parts. */
export const REMINDER_CHARACTERS = 160;
const MOST_PARTS = 3;

/** Judged with the longest usual values: a text that fits Ann must fit Christopher. */
export const length: LintRule = {
  cite: '47 CFR 64.1200(a)(9)(iv)(E)',
  check: ({ template, longest }) => {
    const { parts, encoding, notGsm7 } = segmentsOf(longest);
    const characters = [...longest].length;
    const reminder = template.contentClass === 'reminder';
    return [
      ...(reminder && characters > REMINDER_CHARACTERS
        ? error(
            'too-long',
            `With long names it has ${characters} characters; a reminder has ${REMINDER_CHARACTERS} at most.`,
          )
        : fine),
      ...(parts.length > MOST_PARTS
        ? error('too-many-parts', `It goes out in ${parts.length} parts; ${MOST_PARTS} at most.`)
        : parts.length > 1
          ? warning('several-parts', `It goes out, and is billed, in ${parts.length} parts.`)
          : fine),
      ...(encoding === 'UCS-2'
        ? warning(
            'not-gsm-7',
            `${notGsm7.join(' ')}: not in the phones' own alphabet, so a part holds 70 characters, not 160.`,
          )
        : fine),
    ];
  },
};
