import { err, ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { contractNamed, dayOption, domainNamed, partnerReasons, shownAgreement } from '../partners.ts';

export const partnerAdd: Command = {
  name: 'partner add',
  takes: ['DOMAIN'],
  options: { baa: 'ID', from: 'DATE', until: 'DATE', classes: 'CLASSES', 'max-age': 'DURATION' },
  summary:
    'puts an agreement with another organisation on file: its people may be in rooms of these classes on these days; --max-age: how long it keeps messages',
  needs: 'an administrator, and another one who confirms it; --baa, --from, --until and --classes',
  examples: [
    {
      say: 'partner add fenwickvale.example --baa BAA-2025-77 --from 2026-01-01 --until 2027-06-30 --classes clinical,transfer',
      does: 'shows what it lets in and gives the code for another administrator',
    },
  ],
  needsIdentity: false,
  reasons: partnerReasons,
  prepare(given, { partners }) {
    const domain = domainNamed(given.word('DOMAIN'));
    if (!domain.ok) return domain;
    const baa = given.option('baa');
    if (baa === null) return err({ argument: '--baa', why: 'missing' });
    const contract = contractNamed(baa);
    if (!contract.ok) return contract;
    const from = dayOption(given, 'from');
    if (!from.ok) return from;
    const until = dayOption(given, 'until');
    if (!until.ok) return until;
    const classes = (given.option('classes') ?? '').split(',').filter((name) => name !== '');
    if (classes.length === 0) return err({ argument: '--classes', why: 'missing' });
    const maxAge = given.option('max-age');
    if (maxAge !== null && !/^\d{1,5}[smhdy]$/.test(maxAge)) return err({ argument: '--max-age' });
    const agreement = {
      domain: domain.value,
      contract: contract.value,
      from: from.value,
      until: until.value,
      classes: [...new Set(classes)],
      ...(maxAge === null ? {} : { max_age: maxAge }),
    };
    return ok((tx) => partners.add(tx, agreement));
  },
  say: (data) => ['It is on file.', ...shownAgreement(data)],
  confirmed: {
    show: shownAgreement,
    basis: (tx, plan, { partners }) => partners.basis(tx, plan),
    apply: (tx, given, plan, { partners }) => partners.apply(tx, given, plan),
  },
};
