import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { policyReasons, shownValue } from '../policies.ts';

const SECTION = 'texting';

export const textingPolicyShow: Command = {
  name: 'texting-policy show',
  takes: ['[PATH]'],
  summary: 'shows who may text patients, what, when and how often',
  needs: 'an administrator',
  examples: [
    { say: 'texting-policy show', does: 'shows every setting about texts' },
    { say: 'texting-policy show quiet_hours', does: 'shows one of them' },
  ],
  needsIdentity: false,
  reasons: policyReasons,
  prepare(given, { policies }) {
    const path = given.maybe('PATH');
    return ok((tx) => policies.show(tx, path === null ? SECTION : `${SECTION}.${path}`));
  },
  say({ path, version, value }) {
    if (path !== SECTION) return [`\`${String(path)}\` (version ${String(version)}): ${shownValue(value)}`];
    return [
      `Version ${String(version)}.`,
      {
        head: ['Setting', 'Value'],
        rows: leaves(value as Readonly<Record<string, unknown>>).map(([name, one]) => [`\`${name}\``, shownValue(one)]),
      },
    ];
  },
};

const leaves = (settings: Readonly<Record<string, unknown>>, before = ''): readonly (readonly [string, unknown])[] =>
  Object.entries(settings).flatMap(([name, one]) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? leaves(one as Readonly<Record<string, unknown>>, `${before}${name}.`)
      : [[`${before}${name}`, one] as const],
  );
