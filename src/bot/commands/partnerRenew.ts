import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { contractNamed, dayOption, domainNamed, partnerReasons, shownAgreement } from '../partners.ts';

export const partnerRenew: Command = {
  name: 'partner renew',
  takes: ['DOMAIN'],
  options: { until: 'DATE', baa: 'ID' },
  summary: 'continues the agreement with another organisation from the day after it ends, for the same room classes',
  needs: 'an administrator, and another one who confirms it; --until',
  examples: [
    { say: 'partner renew fenwickvale.example --until 2028-06-30', does: 'continues it under the same contract' },
    { say: 'partner renew fenwickvale.example --until 2028-06-30 --baa BAA-2027-12', does: 'under another one' },
  ],
  needsIdentity: false,
  reasons: partnerReasons,
  prepare(given, { partners }) {
    const domain = domainNamed(given.word('DOMAIN'));
    if (!domain.ok) return domain;
    const until = dayOption(given, 'until');
    if (!until.ok) return until;
    const baa = given.option('baa');
    const contract = baa === null ? ok(null) : contractNamed(baa);
    if (!contract.ok) return contract;
    return ok((tx) => partners.renew(tx, domain.value, until.value, contract.value));
  },
  say: (data) => ['It is on file.', ...shownAgreement(data)],
  confirmed: {
    show: shownAgreement,
    basis: (tx, plan, { partners }) => partners.basis(tx, plan),
    apply: (tx, given, plan, { partners }) => partners.apply(tx, given, plan),
  },
};
