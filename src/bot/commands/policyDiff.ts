import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { differencesTable, policyReasons, versionNamed } from '../policies.ts';

export const policyDiff: Command = {
  name: 'policy diff',
  takes: ['[VERSION]'],
  summary: 'shows what of the policy is other than in the policy file, or than it was in a version',
  needs: 'an administrator',
  examples: [
    { say: 'policy diff', does: 'compares with the file, which is read once and never applied again' },
    { say: 'policy diff 2', does: 'shows what has changed since version 2' },
  ],
  needsIdentity: false,
  reasons: policyReasons,
  prepare(given, { policies }) {
    const typed = given.maybe('VERSION');
    if (typed === null) return ok((tx) => policies.diff(tx, null));
    const version = versionNamed(typed);
    return version.ok ? ok((tx) => policies.diff(tx, version.value)) : version;
  },
  say(data) {
    const against = data.against === 'file' ? 'the policy file' : `version ${String(data.against)}`;
    if ((data.differences as readonly unknown[]).length === 0) return [`It is as in ${against}.`];
    return [`Other than in ${against}:`, ...differencesTable(data, ['There', 'In force'])];
  },
};
