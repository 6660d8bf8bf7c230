/**
 * The explicit list: a rule is one file and one line here. T4 is a clock (`hours/holidays.ts`), T12 a property of the record (a stop never ends by itself), T14 a doubt
 * about the law as a whole: none of them decides about a text.
 */
import type { Rule } from '../rule.ts';
import { h1Content } from './h1Content.ts';
import { h2Readable } from './h2Readable.ts';
import { h3Answer } from './h3Answer.ts';
import { t01Consent } from './t01Consent.ts';
import { t02NumberGiven } from './t02NumberGiven.ts';
import { t03Revoked } from './t03Revoked.ts';
import { t05RevokeAll } from './t05RevokeAll.ts';
import { t06Confirmation } from './t06Confirmation.ts';
import { t07WayOut } from './t07WayOut.ts';
import { t08QuietHours } from './t08QuietHours.ts';
import { t09StateHours } from './t09StateHours.ts';
import { t10Reminders } from './t10Reminders.ts';
import { t11StoppedByReply } from './t11StoppedByReply.ts';
import { t13Reassigned } from './t13Reassigned.ts';

export const rules: readonly Rule[] = [
  t01Consent,
  t02NumberGiven,
  t03Revoked,
  t05RevokeAll,
  t06Confirmation,
  t07WayOut,
  t08QuietHours,
  t09StateHours,
  t10Reminders,
  t11StoppedByReply,
  t13Reassigned,
  h1Content,
  h2Readable,
  h3Answer,
];
