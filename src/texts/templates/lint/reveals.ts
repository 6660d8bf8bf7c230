import { detect } from '../../detector/detect.ts';
import { nothingKnown } from '../../detector/known.ts';
import { error, fine, type LintRule } from '../lintRule.ts';
import { slotType } from '../slots/index.ts';

/** Where an automated text may speak of: an appointment. Everything else about health or a person is for nobody's lock screen. */
export const reveals: LintRule = {
  cite: '45 CFR 164.502(b), 164.522(b)',
  check: ({ literal, template }, { practice, linkHosts }) => {
    // STOP, HELP and the risk notice speak of the service itself; they may not name health either.
    const words = literal.replace(/\{[a-z_]+\}/g, ' ');
    const found = detect(words, {
      ...nothingKnown,
      ownHosts: linkHosts,
      ownNames: practice === null ? [] : [practice],
    });
    const quote = (kinds: readonly string[]) =>
      [
        ...new Set(
          found.filter(({ kind }) => kinds.includes(kind)).map(({ start, end }) => `"${words.slice(start, end)}"`),
        ),
      ].join(', ');
    const has = (kind: string) => found.some((finding) => finding.kind === kind);
    const name =
      practice !== null && slotType('practice')?.write(practice, { language: template.language, linkHosts }) === null;
    return [
      ...(has('health') || has('sensitive')
        ? error(
            'reveals-health',
            `Speaks of health: ${quote(['health', 'sensitive'])}. An automated text says no more than that there is an appointment.`,
          )
        : fine),
      ...(has('identifier')
        ? error('names-somebody', `Holds what identifies somebody: ${quote(['identifier'])}. Use a slot.`)
        : fine),
      ...(name
        ? error(
            'practice-reveals',
            'The name of the practice reveals a specialty (or is too long): text under a neutral one.',
          )
        : fine),
    ];
  },
};
