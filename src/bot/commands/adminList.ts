import type { ListedAdministrator } from '../../flows/administrators.ts';
import { err, ok } from '../../kernel/result.ts';
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
  usage: '',
  summary: 'shows the administrators and the state of their identities',
  needsIdentity: false,
  prepare: (words, { administrators }) =>
    words.length > 0 ? err({ argument: words[0] ?? '' }) : ok((tx) => administrators.list(tx)),
  say: (data) =>
    (data.administrators as readonly ListedAdministrator[]).map((one) => {
      const by = one.confirmed_by === null ? '' : ` by ${one.confirmed_by}`;
      const key = one.fingerprint === null ? '' : `, \`${fingerprint(one.fingerprint)}\``;
      return `${one.user_id}: ${meaning[one.state]}${by}${key}`;
    }),
};
