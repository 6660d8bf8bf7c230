import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { nameOf, templateNamed, templateReasons } from '../templates.ts';
import { findingsShown } from '../texting.ts';

export const templateApprove: Command = {
  name: 'template approve',
  takes: ['NAME', 'LANGUAGE'],
  summary: 'lets the newest version of a template be sent, after showing it; the one before is retired',
  needs: 'an administrator or a privacy officer, who did not write it',
  examples: [
    { say: 'template approve appointment-reminder en', does: 'shows its text and gives the code that approves it' },
  ],
  needsIdentity: false,
  reasons: templateReasons,
  prepare(given, { templates }) {
    const named = templateNamed(given);
    return named.ok ? ok((tx, order) => templates.approve(tx, order, named.value.name, named.value.language)) : named;
  },
  say: (data) => [`${nameOf(data)} is approved: from now on it is what is sent.`],
  confirmed: {
    show: (data) => [
      `${nameOf(data)}, ${String(data.class)}, written by ${String(data.author)}: “${String(data.text)}”`,
      ...findingsShown(data.findings),
    ],
    basis: (tx, plan, { templates }) => templates.basis(tx, plan),
    apply: (tx, given, plan, { templates }) => templates.approveAsShown(tx, given, plan),
  },
};
