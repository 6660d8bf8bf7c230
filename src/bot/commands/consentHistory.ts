import type { ShownConsentEvent } from '../../flows/texting/consentAnswers.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { consentNeeds, consentReasons } from '../consent.ts';
import { minuteOf } from '../times.ts';

const WHAT: Readonly<Record<ShownConsentEvent['type'], string>> = {
  granted: 'agreed',
  risk_notice: 'risk notice',
  revoked: 'stopped',
  reassigned: 'another person’s number',
  restarted: 'wants texts again',
  reviewed: 'looked at',
  verified: 'proved',
};

export const consentHistory: Command = {
  name: 'consent history',
  takes: ['PATIENT'],
  summary:
    'shows everything that happened to a patient’s consent, with the evidence; nothing of it is ever deleted by command',
  needs: consentNeeds,
  examples: [{ say: 'consent history P-1001', does: 'what, when, by whom, and what proves it' }],
  needsIdentity: false,
  reasons: consentReasons,
  prepare: (given, { consent }) => ok((tx) => consent.history(tx, given.word('PATIENT'))),
  say({ patient, events, unreadable }) {
    const listed = events as readonly ShownConsentEvent[];
    return [
      ...(listed.length === 0
        ? [`Nothing is on file for ${String(patient)}.`]
        : [
            {
              head: ['When', 'What', '', 'To', 'By', 'How', 'Evidence'],
              rows: listed.map((one) => [
                minuteOf(one.at),
                WHAT[one.type],
                one.what,
                one.number,
                one.by,
                one.method ?? '',
                one.evidence,
              ]),
            },
          ]),
      ...(Number(unreadable) > 0
        ? [`${String(unreadable)} entries cannot be read: nothing is texted until they can.`]
        : []),
    ];
  },
};
