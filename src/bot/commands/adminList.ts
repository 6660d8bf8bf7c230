import type { ListedAdministrator } from '../../flows/administrators.ts';
import { ok } from '../../kernel/result.ts';
import type { Command } from '../command.ts';
import { fingerprint } from '../fingerprint.ts';

const meaning: Readonly<Record<ListedAdministrator['state'], string>> = {
  none: 'has no cross-signing identity yet: cannot give commands',
  seen: 'waits to be confirmed',
  confirmed: 'confirmed',
  changed: 'CHANGED: commands suspended until another administrator confirms it',
};

export const adminList: Command = {
  name: 'admin list',
  takes: [],
  summary: 'shows the administrators and the state of their identities',
  needs: 'an administrator',
  examples: [
    { say: 'admin list', does: 'shows each administrator, whether they are confirmed, and their fingerprint' },
  ],
  needsIdentity: false,
  prepare: (_given, { administrators }) => ok((tx) => administrators.list(tx)),
  say: (data) => [
    {
      head: ['Administrator', 'Identity', 'Fingerprint'],
      rows: (data.administrators as readonly ListedAdministrator[]).map((one) => [
        one.user_id,
        `${meaning[one.state]}${one.confirmed_by === null ? '' : ` by ${one.confirmed_by}`}`,
        one.fingerprint === null ? '' : `\`${fingerprint(one.fingerprint)}\``,
      ]),
    },
  ],
};
