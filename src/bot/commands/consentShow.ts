import type { ShownConsent } from '../../flows/texting/consentAnswers.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { consentNeeds, consentReasons, consentStates } from '../consent.ts';
import { minuteOf } from '../times.ts';

export const consentShow: Command = {
  name: 'consent show',
  takes: ['PATIENT'],
  summary: 'shows what a patient agreed to, for which telephone or address, and whether it counts now',
  needs: consentNeeds,
  examples: [{ say: 'consent show P-1001', does: 'one line for each telephone' }],
  needsIdentity: false,
  reasons: consentReasons,
  prepare: (given, { consent }) => ok((tx) => consent.show(tx, given.word('PATIENT'))),
  say({ patient, consents, telephones_without: without, unreadable }) {
    const listed = consents as readonly ShownConsent[];
    const others = without as readonly string[];
    return [
      ...(listed.length === 0
        ? [`No consent of ${String(patient)} is on file: nothing is texted.`]
        : [
            {
              head: ['To', 'By', 'Agreed to', 'Now', 'Until', 'Language', 'Risk of texts', 'Recorded'],
              rows: listed.map((one) => [
                one.number,
                one.channel,
                one.scopes.join(', '),
                one.stopped ? 'STOPPED' : (consentStates[one.state] ?? one.state),
                one.until === null ? 'revoked' : minuteOf(one.until),
                one.language ?? '',
                one.risk_notice === null ? 'not told' : `${one.risk_notice.choice} (${one.risk_notice.version})`,
                `${one.from === null ? '' : minuteOf(one.from)} by ${one.recorded_by ?? ''} (${one.method ?? ''})`,
              ]),
            },
          ]),
      ...(others.length > 0 ? [`Telephones without consent: ${others.join(', ')}.`] : []),
      ...(Number(unreadable) > 0
        ? ['Part of the record cannot be read: nothing leaves for this patient until it can.']
        : []),
    ];
  },
};
