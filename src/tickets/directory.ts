import type { Instant } from '../kernel/clock.ts';
import { type AccountId, type PersonKey, personKey, type UserId, userId } from '../kernel/ids.ts';
import type { Place } from './compileLadder.ts';
import type { Dispatch, Practice } from './dispatchSchema.ts';
import { peopleOfTarget, readTarget } from './onCall.ts';
import { personMeant } from './personMeant.ts';
import { isNumberOfService } from './phone.ts';
import type { Protocol } from './protocol.ts';
import { type Tier, type Track, trackOf } from './schedule.ts';
import type { AlarmCode, Asked, Directory, Flag, Resolution, Resolved, Urgency } from './ticket.ts';
import { addDays, doNotDisturbUntil, onDay } from './times.ts';

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
  /**
   * Where and when (`at` of a step) the account's report lists a ticket of this urgency however it ended: in the ticket's own report or
   * digest, else in the practice's report. Null where reports list only what waits for them.
   */
  summaryStep(account: AccountId, urgency: Urgency): { readonly to: string; readonly at: string } | null;
}

/**
 * The on-call knowledge of dispatch.yaml, whose Matrix ids are already those of this installation. A hole in a schedule falls to the
 * first of the practice's `default` list. Whatever cannot be resolved falls to somebody and raises an alarm: no page is dropped
 * because of a name.
 */
export function buildDirectory(
  dispatch: Dispatch,
  isBot: (user: UserId) => boolean = () => false,
  canText: (account: AccountId) => boolean = () => false,
): DispatchDirectory {
  const people = new Map(Object.entries(dispatch.people).map(([key, person]) => [key, userId(person.mxid)]));
  const practices = new Map<string, Practice>(Object.entries(dispatch.practices));
  const protocols = new Map<string, Protocol>(Object.entries(dispatch.protocols));
  const keys = new Map([...people].map(([key, user]) => [user, personKey(key)]));
  const site = dispatch.site.default_oncall;
  const isServices = isNumberOfService(dispatch);
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
  const tracks = new Map<string, Track | null>();
  const track = (account: AccountId, practice: Practice, role: string, tier: Tier): Track | null => {
    const key = JSON.stringify([account, role, tier]);
    let known = tracks.get(key);
    if (known === undefined) {
      known = trackOf(practice, role, tier);
      tracks.set(key, known);
    }
    return known;
  };
  /** Without a role that is known: the default list, the first for the holder, the second for the backup. */
  const byDefault = (practice: Practice | null, tier: Tier, ...alarms: AlarmCode[]): Resolution => {
    const list = resolved(practice?.default ?? site);
    if (tier === 'primary') return found(list[0] ? [list[0].person] : [], ...alarms);
    const backup = list[1];
    return backup ? { kind: 'people', people: [backup], alarms } : { kind: 'skip', code: 'no-backup', alarms };
  };
  const holder = (account: AccountId, practice: Practice, role: string, tier: Tier, at: Instant): Resolution => {
    const duty = track(account, practice, role, tier)?.at(at);
    if (!duty) return { kind: 'skip', code: 'no-backup', alarms: [] };
    const known = resolved(duty.who === null ? [] : [duty.who]);
    if (known.length > 0) return { kind: 'people', people: known, alarms: [] };
    // Nobody, or nobody that is known.
    const [first] = resolved(practice.default);
    return first ? { kind: 'people', people: [first], alarms: ['schedule-hole'] } : found([]);
  };

  const crossOrg = (practice: Practice | null, at: Instant): Resolution => {
    const coverage = practice?.cross_org_backup;
    if (!practice || !coverage) return { kind: 'skip', code: 'no-coverage', alarms: [] };
    const { org, role, agreement, valid_to: validTo } = coverage;
    if (at >= onDay(addDays(validTo, 1), '00:00', practice.tz))
      return { kind: 'skip', code: 'agreement-ended', alarms: ['agreement-ended'] };
    const there = resolved(coverage.people ?? []);
    return there.length > 0
      ? { kind: 'people', people: there, alarms: [] }
      : { kind: 'organisation', org, role, agreement };
  };

  const undisturbed = (
    resolution: Resolution,
    practice: Practice | null,
    at: Instant,
    urgency: Urgency,
  ): Resolution => {
    if (resolution.kind !== 'people' || urgency === 'stat') return resolution;
    const tz = practice?.tz ?? dispatch.site.tz;
    const awake = resolution.people.flatMap((person) => {
      const entry = dispatch.people[person.person];
      if (doNotDisturbUntil(entry?.dnd, at, tz) === null) return [person];
      return resolved(entry?.dnd_delegate === undefined ? [] : [entry.dnd_delegate]);
    });
    if (awake.length > 0) return { ...resolution, people: awake };
    return { kind: 'skip', code: 'do-not-disturb', alarms: resolution.alarms };
  };

  const withPhone = (resolution: Resolution, phone: 'cell' | 'second'): Resolution => {
    if (resolution.kind !== 'people') return resolution;
    const reachable = resolution.people.flatMap((person) => {
      const number = dispatch.people[person.person]?.[phone];
      return number === undefined ? [] : [{ ...person, phone: number }];
    });
    // Calls that are forwarded to a service would come back to it.
    const people = reachable.filter((person) => !isServices(person.phone));
    if (people.length > 0) return { ...resolution, people };
    return reachable.length > 0
      ? { kind: 'skip', code: 'loop', alarms: [...resolution.alarms, 'phone-loop'] }
      : { kind: 'skip', code: 'no-phone', alarms: resolution.alarms };
  };

  const resolve = (account: AccountId, target: string, at: Instant, asked: Asked = { urgency: 'stat' }): Resolution => {
    const practice = practiceOf(account);
    const meant = readTarget(target, practice, (name) => people.has(name));
    const heard = (resolution: Resolution) => undisturbed(resolution, practice, at, asked.urgency);
    switch (meant.kind) {
      case 'dispatcher':
        return { kind: 'dispatcher' };
      case 'site':
        return heard(found(site));
      case 'cross-org':
        return crossOrg(practice, at);
      case 'alias':
        return { kind: 'skip', code: 'no-report-room', alarms: [] };
      case 'person':
        return heard(found([meant.person]));
      case 'role':
        return heard(practice ? holder(account, practice, meant.role, meant.tier, at) : found(site));
      case 'phone': {
        const role = asked.role ?? (practice ? Object.keys(practice.roles)[0] : undefined);
        const somebody =
          practice && role !== undefined
            ? holder(account, practice, role, meant.tier, at)
            : byDefault(practice, meant.tier);
        return withPhone(heard(somebody), meant.phone);
      }
      case 'unknown':
        return heard(practice ? byDefault(practice, meant.tier, 'target-unknown') : found(site, 'no-schedule'));
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

  const limitsAccess = (account: AccountId): boolean => practiceOf(account)?.access === 'on-duty';
  const onDuty = (account: AccountId, at: Instant): readonly UserId[] => {
    // The site's default protocols call people of the site: they come in when they are called.
    const own = URGENCIES.filter((urgency) => protocolFor(account, urgency).flags.length === 0);
    const called = (own.length > 0 ? own : URGENCIES).flatMap((urgency) =>
      protocolFor(account, urgency).protocol.steps.flatMap(({ to }) =>
        // Awake or not: who is in do-not-disturb is on duty all the same, and the delegate is called instead.
        to === undefined ? [] : [resolve(account, to, at), resolve(account, to, at, { urgency })],
      ),
    );
    return [...new Set(called.flatMap((one) => (one.kind === 'people' ? one.people.map((who) => who.userId) : [])))];
  };

  const reportsEverything = (account: AccountId): boolean => practiceOf(account)?.report_includes === 'all';
  const stepInto = (account: AccountId, urgency: Urgency, actions: readonly string[]) => {
    const step = protocolFor(account, urgency).protocol.steps.find(
      (one) => actions.includes(one.do) && one.at !== undefined && one.to?.startsWith('#'),
    );
    return step?.to === undefined || step.at === undefined ? [] : [{ to: step.to, at: step.at }];
  };

  return {
    resolve,
    roleOf(account, target) {
      const meant = readTarget(target, practiceOf(account), (name) => people.has(name));
      return meant.kind === 'role' ? meant.role : undefined;
    },
    members,
    texts: (account) => canText(account),
    deliversPersonally: (account) => practiceOf(account)?.deliver === 'personal',
    limitsAccess,
    onDuty,
    askedFor(account, name) {
      const meant = personMeant(name, members(account));
      return meant === null ? null : meant.userId;
    },
    reportReaders(account) {
      const practice = practiceOf(account);
      return resolved(practice?.report_readers ?? practice?.default ?? site);
    },
    reportsEverything,
    summaryStep(account, urgency) {
      if (!reportsEverything(account)) return null;
      const own = stepInto(account, urgency, ['report', 'digest']);
      const others = [...URGENCIES].reverse().flatMap((one) => stepInto(account, one, ['report']));
      return [...own, ...others][0] ?? null;
    },
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
