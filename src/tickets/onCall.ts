import type { Dispatch, Practice, Rotation } from './dispatchSchema.ts';

/** Names of `to` that are no role of a practice. */
export const SITE_DEFAULT_TARGET = 'site.default_oncall';
export const DISPATCHER_TARGET = 'dispatcher';
export const CROSS_ORG_TARGET = 'cross_org_backup';
const BACKUP = '.backup';

/** What a step's `to` names. */
export type Target =
  | { readonly kind: 'dispatcher' | 'site' | 'cross-org' | 'alias' }
  | { readonly kind: 'phone'; readonly tier: 'primary' | 'backup'; readonly phone: 'cell' | 'second' }
  | { readonly kind: 'person'; readonly person: string }
  | { readonly kind: 'role'; readonly role: string; readonly tier: 'primary' | 'backup' }
  | { readonly kind: 'unknown'; readonly tier: 'primary' | 'backup' };

/** Reads a `to` for one practice (data README, "Who"). A role hides a person of the same name. */
export function readTarget(to: string, practice: Practice | null, isPerson: (name: string) => boolean): Target {
  if (to === DISPATCHER_TARGET) return { kind: 'dispatcher' };
  if (to === SITE_DEFAULT_TARGET) return { kind: 'site' };
  if (to === CROSS_ORG_TARGET) return { kind: 'cross-org' };
  if (to.startsWith('#')) return { kind: 'alias' };
  const phone = /^(primary|backup)\.(cell|second)$/.exec(to);
  if (phone) return { kind: 'phone', tier: phone[1] as 'primary' | 'backup', phone: phone[2] as 'cell' | 'second' };
  const tier = to.endsWith(BACKUP) ? 'backup' : 'primary';
  const role = tier === 'backup' ? to.slice(0, -BACKUP.length) : to;
  if (practice && Object.hasOwn(practice.roles, role)) return { kind: 'role', role, tier };
  return isPerson(to) ? { kind: 'person', person: to } : { kind: 'unknown', tier };
}

/** Everybody a rotation can name. */
export function peopleOfRotation(rotation: Rotation | undefined): readonly string[] {
  if (!rotation) return [];
  return rotation.type === 'custom'
    ? rotation.blocks.map(([, , who]) => who).filter((who) => who !== '')
    : rotation.order;
}

/** Everybody whom a role of a practice can name at any time: rotations, backups, overrides and the default list. */
export function peopleOfRole(practice: Practice, role: string): readonly string[] {
  const known = Object.hasOwn(practice.roles, role) ? practice.roles[role] : undefined;
  const overrides = known?.overrides?.map((override) => override.who).filter((who) => who !== '') ?? [];
  return [...practice.default, ...peopleOfRotation(known?.rotation), ...peopleOfRotation(known?.backup), ...overrides];
}

/** Everybody whom any role of a practice can name. */
export function peopleOfPractice(practice: Practice): readonly string[] {
  return [...practice.default, ...Object.keys(practice.roles).flatMap((role) => peopleOfRole(practice, role))];
}

/** Everybody whom a step with this `to` can name at any time. */
export function peopleOfTarget(to: string, practice: Practice | null, dispatch: Dispatch): readonly string[] {
  const site = dispatch.site.default_oncall;
  const target = readTarget(to, practice, (name) => Object.hasOwn(dispatch.people, name));
  switch (target.kind) {
    case 'dispatcher':
    case 'alias':
      return [];
    case 'cross-org':
      return practice?.cross_org_backup?.people ?? [];
    case 'site':
      return site;
    case 'person':
      return [target.person];
    case 'role':
      return practice ? peopleOfRole(practice, target.role) : site;
    case 'phone':
    case 'unknown':
      return practice ? peopleOfPractice(practice) : site;
  }
}

/** The Matrix users of these people, by their keys. A key that is nobody's has none. */
export function usersOf(dispatch: Dispatch, keys: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    [...new Set(keys)].flatMap((key) => {
      const person = Object.hasOwn(dispatch.people, key) ? dispatch.people[key] : undefined;
      return person ? [[key, person.mxid] as const] : [];
    }),
  );
}
