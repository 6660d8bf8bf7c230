import { segmentsOf } from '../../segments/segments.ts';
import { REMINDER_CHARACTERS } from '../../templates/lint/length.ts';
import { block, fine, type GateRule } from '../gateRule.ts';

/** A reminder has 160 characters; somebody's own words as many parts as the practice pays for. */
export const length: GateRule = {
  name: 'length',
  regulation: '47 CFR 64.1200(a)(9)(iv)(E)',
  check: ({ text, content, policy }, contentClass) => {
    const characters = [...text].length;
    if (content.kind === 'template')
      return contentClass === 'reminder' && characters > REMINDER_CHARACTERS
        ? block('too-long', `It has ${characters} characters; a reminder has ${REMINDER_CHARACTERS} at most.`)
        : fine;
    const parts = segmentsOf(text).parts.length;
    return parts > policy.mostParts
      ? block('too-long', `It would go out in ${parts} texts; at most ${policy.mostParts}: shorten it.`)
      : fine;
  },
};
