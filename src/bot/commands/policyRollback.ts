import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { correctedRooms, policyReasons, shownChange, versionNamed } from '../policies.ts';

export const policyRollback: Command = {
  name: 'policy rollback',
  takes: ['VERSION'],
  summary: 'makes what an earlier version said hold again, as a new version',
  needs: 'an administrator; another one who confirms it where that weakens protection',
  examples: [{ say: 'policy rollback 3', does: 'shows what would change and gives the code that changes it' }],
  needsIdentity: false,
  reasons: policyReasons,
  prepare(given, { policies }) {
    const version = versionNamed(given.word('VERSION'));
    return version.ok ? ok((tx) => policies.rollback(tx, version.value)) : version;
  },
  say: (data) => [`The policy is version ${String(data.version)} now.`, ...correctedRooms(data)],
  confirmed: {
    show: shownChange,
    basis: (tx, _plan, { policies }) => policies.basis(tx),
    apply: (tx, given, plan, { policies }) => policies.apply(tx, given, plan),
  },
};
