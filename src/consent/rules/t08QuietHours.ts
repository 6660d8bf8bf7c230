import { FEDERAL, type Hours, isOpen, minutesOf, nextOpen, together } from '../hours/hours.ts';
import type { TextRequest } from '../request.ts';
import { CONSENTED, fine, no, type Rule } from '../rule.ts';
import { candidates } from '../zones/candidates.ts';

/** The law's hours, and the practice's where they are narrower. */
const houseHours = ({ policy: { hours } }: TextRequest): Hours => {
  const from = minutesOf(hours.from);
  const until = minutesOf(hours.until);
  return together([() => FEDERAL, () => [from, until > from ? until : 24 * 60]]);
};

export const t08QuietHours: Rule = {
  id: 'T8',
  cite: '47 CFR 64.1200(c)(1)',
  effective: '1992-12-20',
  source: 'TCPA rules; applied to every text that can wait',
  confidence: 'quoted',
  says: 'Nothing before 8:00 or from 21:00 on, in every zone in which the recipient may be; a clinician’s urgent callback is exempt, and where the practice says so an answer to the patient.',
  canBeOff: true,
  kinds: CONSENTED,
  channels: ['sms', 'voice'],
  check: ({ request }) => {
    if (isUrgent(request) || isAnswer(request)) return fine;
    const { zones } = candidates(request.to, request.whereabouts);
    const hours = houseHours(request);
    if (isOpen(request.at, zones, hours)) return fine;
    const until = nextOpen(request.at, zones, hours);
    return no(
      'quiet-hours',
      zones.length === 1
        ? 'It is too early or too late where the recipient is.'
        : 'It is too early or too late in one of the zones where the recipient may be.',
      until === null ? {} : { until },
    );
  },
};

/** A callback that cannot wait, with who says so and why. Marketing never is. */
export const isUrgent = ({ urgent, kind }: TextRequest): boolean =>
  urgent !== undefined &&
  urgent.role.trim() !== '' &&
  urgent.reason.trim() !== '' &&
  kind !== 'marketing' &&
  kind !== 'reminder';

/** Who wrote is awake, and asked. */
const isAnswer = ({ answers, at, kind, policy }: TextRequest): boolean =>
  answers !== undefined &&
  answers <= at &&
  at - answers < policy.answersForMs &&
  kind !== 'marketing' &&
  kind !== 'reminder';
