import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import {
  consentMethods,
  consentNeeds,
  consentReasons,
  evidenceGiven,
  riskNoticeGiven,
  scopesNamed,
} from '../consent.ts';
import { dayGiven } from '../holds.ts';
import { minuteOf } from '../times.ts';

export const consentRecord: Command = {
  name: 'consent record',
  takes: ['PATIENT', 'NUMBER'],
  options: {
    scope: 'SCOPES',
    method: consentMethods,
    evidence: 'TEXT',
    channel: ['sms', 'voice'],
    language: 'LANGUAGE',
    until: 'DATE',
    'risk-notice': 'VERSION',
  },
  summary:
    'puts on record what a patient agreed to for a telephone (or an e-mail address), and that the telephone is theirs; --risk-notice: was warned that texts are not encrypted, and wants them all the same',
  needs: `${consentNeeds}; --scope, --method and --evidence`,
  examples: [
    {
      say: 'consent record P-1001 +12125550142 --scope reminder,clinical_link --method paper --evidence Form 7, cabinet 2',
      does: 'reminders, and notices to call; an earlier record for this telephone is replaced',
    },
    {
      say: 'consent record P-1010 +12125550187 --scope reminder,content --method in_person --language es --risk-notice 2026-01 --evidence Signed at the desk',
      does: 'health information, too, to somebody who was warned (45 CFR 164.522(b))',
    },
    {
      say: 'consent record P-1006 +18025550162 --scope none --method voice --evidence Asked by telephone',
      does: 'was asked, and said no',
    },
  ],
  needsIdentity: false,
  reasons: consentReasons,
  prepare(given, { consent }) {
    const agreed = scopesNamed(given.option('scope') ?? '', consent.scopes(), '--scope');
    if (!agreed.ok) return agreed;
    const method = consentMethods.find((one) => one === given.option('method'));
    if (method === undefined) return err({ argument: '--method', why: 'missing', known: consentMethods });
    const evidence = evidenceGiven(given);
    if (!evidence.ok) return evidence;
    const until = dayGiven(given, 'until');
    if (!until.ok) return until;
    const riskNotice = riskNoticeGiven(given);
    if (!riskNotice.ok) return riskNotice;
    const asked = {
      patient: given.word('PATIENT'),
      number: given.word('NUMBER'),
      channel: given.option('channel') === 'voice' ? ('voice' as const) : ('sms' as const),
      scopes: agreed.value,
      method,
      evidence: evidence.value,
      language: given.option('language') ?? 'en',
      until: until.value,
      riskNotice: riskNotice.value,
    };
    return ok((tx, order) => consent.record(tx, order, asked));
  },
  say(data) {
    const scopes = data.scopes as readonly string[];
    const until = data.until === null ? '' : ` until ${minuteOf(String(data.until))}`;
    return [
      scopes.includes('none')
        ? `On record: ${String(data.patient)} was asked, and wants no texts to ${String(data.number)}.`
        : `On record: ${String(data.patient)} agrees to ${scopes.join(', ')} by ${String(data.channel)} to ${String(data.number)}${until} (${String(data.method)}).`,
      ...(data.stopped === true
        ? [
            'Nothing leaves for this telephone all the same: it is stopped. Its holder may text START; `suppress list` shows why.',
          ]
        : []),
      ...(scopes.includes('content') && data.risk_notice !== true
        ? [
            'Health information does not go out yet: it is not on record that the patient was warned of the risk (`--risk-notice VERSION`).',
          ]
        : []),
      ...(scopes.includes('content') && data.content_texts !== true
        ? ['The practice texts no health information (`texting.content` of the policy): a notice to call goes out.']
        : []),
    ];
  },
};
