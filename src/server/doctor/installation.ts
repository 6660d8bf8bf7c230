import { type Check, fault, well } from './finding.ts';

/** Database, secrets and configuration are of one installation. A wrong passphrase is named voice by voice elsewhere. */
export const installation: Check = async ({ strangers }) => {
  const found = await strangers();
  if (found === null) return [];
  const named = found.filter(({ code }) => code !== 'passphrase');
  if (named.length === 0) return [well('installation', 'database, secrets and configuration belong together')];
  return named.map(({ what, remedy }) => fault('installation', what, remedy));
};
