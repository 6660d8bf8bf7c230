import { capsReached } from '../caps.ts';
import { type Breach, CONSENTED, no, type Rule } from '../rule.ts';
import { isUrgent } from './t08QuietHours.ts';

/** (E): one text. */
const LONGEST = 160;

export const t10Reminders: Rule = {
  id: 'T10',
  cite: '47 CFR 64.1200(a)(9)(iv)',
  effective: '2015-07-10',
  source:
    'The healthcare exemption’s conditions; consent is asked for all the same, since texts are rarely free to who gets them',
  confidence: 'secondary',
  says: 'One reminder a day and three a week where nothing else is set, at most 160 characters, naming the sender and how to stop.',
  canBeOff: true,
  kinds: CONSENTED,
  channels: ['sms', 'voice'],
  check: ({ request }) => {
    const { kind, at, policy, sends = [], text } = request;
    const cap = policy.caps[kind];
    const breaches: Breach[] = [];
    if (cap !== undefined && !isUrgent(request)) {
      for (const { code, until } of capsReached(sends, kind, at, cap))
        breaches.push(
          ...no(
            code,
            code === 'daily-cap'
              ? `This number had ${cap.perDay} of these in the last 24 hours; no more are sent in a day.`
              : `This number had ${cap.perWeek} of these in the last 7 days; no more are sent in a week.`,
            (code === 'daily-cap' ? cap.perDay : cap.perWeek) > 0 ? { until } : {},
          ),
        );
    }
    if (kind === 'reminder' && text !== undefined) {
      if (text.length > LONGEST) breaches.push(...no('too-long', `A reminder has at most ${LONGEST} characters.`));
      if (!text.namesSender)
        breaches.push(...no('sender-missing', 'A reminder names who sends it and how to reach them.'));
      if (!text.saysHowToStop) breaches.push(...no('no-way-to-stop', 'A reminder says how to stop.'));
    }
    return breaches;
  },
};
