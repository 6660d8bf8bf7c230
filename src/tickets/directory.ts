import type { Instant } from '../kernel/clock.ts';
import { type AccountId, type PersonKey, personKey, type UserId, userId } from '../kernel/ids.ts';
import type { Place } from './compileLadder.ts';
import type { Dispatch, Practice } from './dispatchSchema.ts';
import { peopleOfTarget, readTarget } from './onCall.ts';
import type { Protocol } from './protocol.ts';
import type { AlarmCode, Directory, Flag, Resolution, Resolved, Urgency } from './ticket.ts';

const URGENCIES: readonly Urgency[] = ['stat', 'urgent', 'routine', 'fyi'];

/** Used when even the site's default protocol is missing: somebody is told, and a human operator. */
const LAST_RESORT: Protocol = {
  steps: [
    { at: '0m', do: 'room', to: 'site.default_oncall', mention: true },
    { at: '0m', do: 'todo', to: 'dispatcher', text: 'No protocol applies, call the practice' },
  ],
};

/** The protocol that applies to a ticket, and what has to be said about the choice. */
export interface ChosenProtocol {
  /** As in dispatch.yaml, e.g. `LARK-CARD/STAT`. */
  readonly name: string;
  readonly protocol: Protocol;
  readonly alarms: readonly AlarmCode[];
  readonly flags: readonly Flag[];
}

export interface DispatchDirectory extends Directory {
  protocolFor(account: AccountId, urgency: Urgency): ChosenProtocol;
  /** Where the account's practice is; the site's own place for an account without one. */
  placeOf(account: AccountId): Place;
}

/**
 * The on-call knowledge of dispatch.yaml, whose Matrix ids are already those of this installation. A role means its practice's
 * `default` list: the first is the holder, the second the backup. Whatever cannot be resolved falls to somebody and raises an
 * alarm: no page is dropped because of a name.
 */
export function buildDirectory(dispatch: Dispatch, isBot: (user: UserId) => boolean = () => false): DispatchDirectory {
  const people = new Map(Object.entries(dispatch.people).map(([key, person]) => [key, userId(person.mxid)]));
  const practices = new Map<string, Practice>(Object.entries(dispatch.practices));
  const protocols = new Map<string, Protocol>(Object.entries(dispatch.protocols));
  const keys = new Map([...people].map(([key, user]) => [user, personKey(key)]));
  const site = dispatch.site.default_oncall;
  const practiceOf = (account: AccountId) => practices.get(account) ?? null;

  const resolved = (names: readonly string[]): readonly Resolved[] =>
    [...new Set(names)].flatMap((name) => {
      const user = people.get(name);
      return user && !isBot(user) ? [{ person: personKey(name), userId: user }] : [];
    });
  const found = (names: readonly string[], ...alarms: AlarmCode[]): Resolution => {
    const list = resolved(names);
    if (list.length > 0) return { kind: 'people', people: list, alarms };
    const fallback = resolved(site);
    if (fallback.length > 0) return { kind: 'people', people: fallback, alarms: [...alarms, 'schedule-hole'] };
    return { kind: 'skip', code: 'nobody', alarms: [...alarms, 'schedule-hole'] };
  };
  const holder = (account: AccountId, tier: 'primary' | 'backup', ...alarms: AlarmCode[]): Resolution => {
    const practice = practiceOf(account);
    const list = resolved(practice?.default ?? site);
    if (tier === 'primary') return found(list[0] ? [list[0].person] : [], ...alarms);
    const backup = list[1];
    return backup ? { kind: 'people', people: [backup], alarms } : { kind: 'skip', code: 'no-backup', alarms };
  };

  const resolve = (account: AccountId, target: string, _at: Instant): Resolution => {
    const practice = practiceOf(account);
    const meant = readTarget(target, practice, (name) => people.has(name));
    switch (meant.kind) {
      case 'dispatcher':
        return { kind: 'dispatcher' };
      case 'site':
        return found(site);
      case 'cross-org':
        return { kind: 'skip', code: 'no-federation', alarms: [] };
      case 'alias':
        return { kind: 'skip', code: 'no-report-room', alarms: [] };
      case 'person':
        return found([meant.person]);
      case 'role':
      case 'phone':
        return holder(account, meant.tier);
      case 'unknown':
        return practice ? holder(account, meant.tier, 'target-unknown') : found(site, 'no-schedule');
    }
  };

  const protocolFor = (account: AccountId, urgency: Urgency): ChosenProtocol => {
    const word = urgency.toUpperCase();
    const practice = practiceOf(account);
    const own = protocols.get(`${account}/${word}`);
    if (practice && own) return { name: `${account}/${word}`, protocol: own, alarms: [], flags: [] };
    const name = `${dispatch.site.default_protocol}/${word}`;
    const alarms: AlarmCode[] = [practice ? 'no-protocol' : 'no-schedule'];
    const flags: Flag[] = [practice ? 'no_protocol' : 'no_schedule'];
    const standard = protocols.get(name);
    if (standard) return { name, protocol: standard, alarms, flags };
    return { name, protocol: LAST_RESORT, alarms: [...alarms, 'no-default-protocol'], flags };
  };

  const named = (account: AccountId, urgency: Urgency): readonly Resolved[] => {
    const practice = practiceOf(account);
    const { protocol } = protocolFor(account, urgency);
    const names = protocol.steps.flatMap(({ to }) => (to === undefined ? [] : peopleOfTarget(to, practice, dispatch)));
    const standIns = practice && resolved(practice.default).length === 0 ? site : [];
    return resolved([...names, ...standIns]);
  };
  const members = (account: AccountId): readonly Resolved[] => {
    const byKey = new Map<PersonKey, Resolved>();
    for (const person of URGENCIES.flatMap((urgency) => named(account, urgency))) byKey.set(person.person, person);
    return byKey.size > 0 ? [...byKey.values()] : resolved(practiceOf(account)?.default ?? site);
  };

  return {
    resolve,
    members,
    protocolFor,
    mayAcknowledge(account, urgency, user) {
      if (isBot(user)) return false;
      const list = named(account, urgency);
      // A protocol that names rooms only: any member of the account's room.
      return (list.length > 0 ? list : members(account)).some((person) => person.userId === user);
    },
    personOf: (user) => keys.get(user) ?? null,
    placeOf(account) {
      const practice = practiceOf(account);
      return practice
        ? { tz: practice.tz, officeHours: practice.office_hours ?? null }
        : { tz: dispatch.site.tz, officeHours: null };
    },
  };
}
