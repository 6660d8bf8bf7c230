import { err, ok } from '../../kernel/result.ts';
import { readArguments, unknown, usageOf } from '../arguments.ts';
import type { ClinicianCommand } from '../clinicianCommand.ts';
import { consentMethods, consentReasons, evidenceOf, riskNoticeGiven, scopesNamed } from '../consent.ts';
import { tokensOf } from '../words.ts';

const syntax = {
  takes: ['SCOPES', 'METHOD', 'TEXT...'],
  options: { language: 'LANGUAGE', 'risk-notice': 'VERSION' },
};

export const consent: ClinicianCommand = {
  name: 'consent',
  usage: `${usageOf(syntax)} (as a reply to a text; TEXT: what proves it; options come first)`,
  prepare(words, { texts }) {
    const read = readArguments(syntax, tokensOf(words), words);
    if (!read.ok) return read;
    const given = read.value;
    const scopes = scopesNamed(given.word('SCOPES'), texts.scopes(), 'SCOPES');
    if (!scopes.ok) return scopes;
    const typed = given.word('METHOD').toLowerCase();
    const method = consentMethods.find((one) => one === typed);
    if (method === undefined) return err({ ...unknown('METHOD', typed, consentMethods), known: consentMethods });
    const evidence = evidenceOf(given.word('TEXT'), 'TEXT');
    if (!evidence.ok) return evidence;
    const riskNotice = riskNoticeGiven(given);
    if (!riskNotice.ok) return riskNotice;
    const asked = {
      scopes: scopes.value,
      method,
      evidence: evidence.value,
      language: given.option('language') ?? 'en',
      riskNotice: riskNotice.value,
    };
    return ok((tx, said) => texts.record(tx, said, asked));
  },
  reasons: {
    ...consentReasons,
    'not-a-patient': 'That is said in the room of a patient’s texts.',
    'which-telephone': 'The patient has several telephones: reply with it to a text of the one that you mean.',
  },
  say: ({ scopes, last_digits: digits, stopped, risk_notice: warned }) => [
    (scopes as readonly string[]).includes('none')
      ? `On record: asked, and wants no texts to …${String(digits)}.`
      : `On record for …${String(digits)}: ${(scopes as readonly string[]).join(', ')}.`,
    ...(stopped === true
      ? ['Nothing leaves for this telephone all the same: its holder stopped it, and may text START.']
      : []),
    ...((scopes as readonly string[]).includes('content') && warned !== true
      ? [
          'Health information does not go out yet: it is not on record that the patient was warned of the risk (`--risk-notice VERSION`).',
        ]
      : []),
  ],
};
