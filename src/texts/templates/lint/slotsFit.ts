import { error, fine, type LintRule, warning } from '../lintRule.ts';
import { slotType, slotTypes } from '../slots/index.ts';
import { templateClasses } from '../template.ts';

const PAGE_SLOTS = ['ref', 'n'];
const ID = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** Slots that exist, in a template of a kind that may have them. */
export const slotsFit: LintRule = {
  cite: '45 CFR 164.530(c)',
  check: ({ template, slots, literal }) => {
    const unknown = slots.filter((slot) => slotType(slot) === null);
    const notForPages = template.contentClass === 'page' ? slots.filter((slot) => !PAGE_SLOTS.includes(slot)) : [];
    const notForNotices =
      template.contentClass === 'notice' ? slots.filter((slot) => ['date', 'time', 'first_name'].includes(slot)) : [];
    return [
      ...(ID.test(template.id)
        ? fine
        : error('bad-id', 'Its id must be lower-case words with hyphens: appointment-reminder.')),
      ...(templateClasses.includes(template.contentClass)
        ? fine
        : error('class-unknown', `Its class must be one of ${templateClasses.join(', ')}.`)),
      ...(unknown.length === 0
        ? fine
        : error(
            'slot-unknown',
            `No such slots: ${unknown.map((slot) => `{${slot}}`).join(', ')}. There are ${slotTypes.map(({ name }) => `{${name}}`).join(', ')}.`,
          )),
      ...(notForPages.length === 0
        ? fine
        : error('slot-not-for-page', "A text to a clinician's phone holds a reference and a token, nothing else.")),
      ...(notForNotices.length === 0
        ? fine
        : error(
            'slot-not-for-notice',
            'A notice says who waits with a message and where to call, nothing of an appointment or a name.',
          )),
      ...(literal.trim() === '' ? error('empty', 'It has no words.') : fine),
      ...(/\s{2,}/.test(template.body) ? warning('double-space', 'It has double spaces.') : fine),
    ];
  },
};
