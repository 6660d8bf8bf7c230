/** What commands about texts have in common. */
import type { LintFinding } from '../texts/index.ts';
import type { Piece } from './render.ts';

const BARS: Readonly<Record<string, string>> = {
  'carrier-gone': 'its carrier is not configured',
  'no-agreement': 'no agreement with the carrier is on file (45 CFR 164.308(b)(1))',
  'agreement-not-begun': 'the agreement with the carrier has not begun',
  'agreement-ended': 'the agreement with the carrier has ended',
  'campaign-not-active': 'its number has no active registration (10DLC campaign)',
};

/** Why nothing leaves by a line, for people. */
export const barInWords = (code: string): string => BARS[code] ?? code;

/** What is wrong with a template, one line each. */
export const findingsShown = (findings: unknown): readonly Piece[] =>
  (findings as readonly LintFinding[]).map(
    ({ severity, what, cite }) => `${severity === 'error' ? 'ERROR' : 'Warning'}: ${what} (${cite})`,
  );
