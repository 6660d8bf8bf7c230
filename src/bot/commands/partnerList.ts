import type { ListedAgreement } from '../../flows/partners.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { partnerReasons } from '../partners.ts';

const meaning: Readonly<Record<ListedAgreement['state'], string>> = {
  'in-force': 'in force',
  'not-yet': 'not yet',
  ended: 'ENDED',
  revoked: 'REVOKED',
};

export const partnerList: Command = {
  name: 'partner list',
  takes: [],
  summary: 'shows the agreements with other organisations',
  needs: 'an administrator',
  examples: [{ say: 'partner list', does: 'shows each with its days, room classes and state' }],
  needsIdentity: false,
  reasons: partnerReasons,
  prepare: (_given, { partners }) => ok((tx) => partners.list(tx)),
  say(data) {
    const partners = data.partners as readonly ListedAgreement[];
    if (partners.length === 0) return ['No agreement is on file.'];
    return [
      {
        head: ['Organisation', 'Contract', 'From', 'Until', 'Room classes', 'State'],
        rows: partners.map((one) => [
          one.domain,
          one.contract,
          one.from,
          one.until,
          one.classes.join(', '),
          meaning[one.state],
        ]),
      },
    ];
  },
};
