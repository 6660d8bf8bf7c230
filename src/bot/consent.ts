/** What commands about consent and stopped telephones have in common. */
import type { ShownStop } from '../flows/texting/consentAnswers.ts';
import { Phi } from '../kernel/phi.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { type Arguments, type BadArgument, unknown } from './arguments.ts';
import { minuteOf } from './times.ts';

export const consentNeeds = 'an administrator or a privacy officer';

/** How a patient may have said it to staff. `number_given`: gave the number at registration, nothing more. */
export const consentMethods = ['paper', 'voice', 'portal', 'in_person', 'email', 'sms_yes', 'number_given'] as const;
/** How somebody may have told staff that they want texts again; who writes START needs nobody here. */
export const liftingMethods = ['voice', 'in_person', 'paper', 'portal', 'email'] as const;
/** How somebody may have told staff that they want none any more. */
export const tellingMethods = [...liftingMethods, 'sms'] as const;

export const consentReasons: Readonly<Record<string, string>> = {
  'policy-unreadable': 'The policy cannot be read, so nothing is texted. `wardroom config check` says what is wrong.',
  'none-and-more': '`none` (asked, and said no) stands alone.',
  'nothing-on-file':
    'No telephone of this patient is on file. To stop a telephone whoever has it, name its number, with + and its country.',
  'nothing-to-review': 'Nothing about this telephone waits to be looked at. `suppress list` shows what does.',
  'not-stopped': 'Nothing stops this telephone. `suppress list` shows what is stopped.',
};

const LONGEST_EVIDENCE = 1_500;

/** What proves it: required. */
export const evidenceGiven = (given: Arguments): Result<Phi<string>, BadArgument> =>
  evidenceOf(given.option('evidence') ?? '', '--evidence');

export function evidenceOf(typed: string, argument: string): Result<Phi<string>, BadArgument> {
  const evidence = typed.trim();
  if (evidence === '') return err({ argument, why: 'missing' });
  return evidence.length > LONGEST_EVIDENCE ? err({ argument, why: 'too-long' }) : ok(new Phi(evidence));
}

/** Which wording of the warning the patient accepted; null: it was not given. */
export function riskNoticeGiven(given: Arguments): Result<string | null, BadArgument> {
  const version = given.option('risk-notice');
  return version !== null && version.length > 60 ? err({ argument: '--risk-notice', why: 'too-long' }) : ok(version);
}

/** `reminder,content`; `known`: what somebody can agree to. */
export function scopesNamed(
  typed: string,
  known: readonly string[],
  argument: string,
): Result<readonly string[], BadArgument> {
  const words = typed
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  if (words.length === 0) return err({ argument, why: 'missing' });
  const bad = words.find((word) => !known.includes(word));
  return bad === undefined ? ok([...new Set(words)]) : err({ ...unknown(argument, bad, known), known });
}

/** What stops a telephone, a line each. */
export const shownStops = (stops: readonly ShownStop[]): readonly string[] =>
  stops.map(
    ({ type, since, by, method, evidence, awaits_review: waits }) =>
      `${type === 'reassigned' ? 'Another person’s number' : 'Stopped'} since ${minuteOf(since)} (${method}, by ${by})${waits ? ', to be looked at' : ''}: “${evidence}”`,
  );

/** Why what was agreed to does not count. */
export const consentStates: Readonly<Record<string, string>> = {
  'in-force': 'counts',
  'not-yet': 'has not begun',
  expired: 'has ended',
  declined: 'asked, and said no',
  'number-changed-hands': 'void: reported to be another person’s number',
};
