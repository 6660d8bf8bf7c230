import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { domainNamed, partnerReasons } from '../partners.ts';

export const partnerRevoke: Command = {
  name: 'partner revoke',
  takes: ['DOMAIN'],
  summary: 'ends every agreement with another organisation at once',
  needs: 'an administrator',
  examples: [{ say: 'partner revoke fenwickvale.example', does: 'ends it now, whatever its dates say' }],
  needsIdentity: false,
  reasons: partnerReasons,
  prepare(given, { partners }) {
    const domain = domainNamed(given.word('DOMAIN'));
    return domain.ok ? ok((tx, order) => partners.revoke(tx, order, domain.value)) : domain;
  },
  say: ({ domain }) => [`No agreement with ${String(domain)} stands any more.`],
};
