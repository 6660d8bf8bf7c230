import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { consentNeeds, consentReasons, evidenceGiven, tellingMethods } from '../consent.ts';

interface Stopped {
  readonly number: string;
  readonly patients: readonly string[];
  readonly cancelled: number;
}

export const consentRevoke: Command = {
  name: 'consent revoke',
  takes: ['PATIENT|NUMBER'],
  options: { evidence: 'TEXT', method: tellingMethods },
  summary:
    'stops a telephone, or all of a patient’s, at once, for everybody on it, with what waits to be sent; --method: how they said it, by voice where it is left out',
  needs: `${consentNeeds}; --evidence`,
  examples: [
    {
      say: 'consent revoke P-1001 --evidence Called at 9:40 and wants no texts',
      does: 'all telephones of the patient',
    },
    {
      say: 'consent revoke +17735550163 --method paper --evidence Letter of 3 November',
      does: 'this telephone, whoever has it',
    },
  ],
  needsIdentity: false,
  reasons: consentReasons,
  prepare(given, { consent }) {
    const evidence = evidenceGiven(given);
    if (!evidence.ok) return evidence;
    const method = tellingMethods.find((one) => one === given.option('method')) ?? 'voice';
    return ok((tx, order) => consent.revoke(tx, order, given.word('PATIENT|NUMBER'), evidence.value, method));
  },
  say: ({ numbers }) =>
    (numbers as readonly Stopped[]).map(
      ({ number, patients, cancelled }) =>
        `Nothing is texted to ${number} any more${patients.length > 0 ? `, for nobody on it (${patients.join(', ')})` : ''}.${cancelled > 0 ? ` ${cancelled} that waited do not go out.` : ''}`,
    ),
};
