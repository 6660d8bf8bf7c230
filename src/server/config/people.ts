/** Matrix ids of people, as this installation's homeserver knows them. */
import { type UserId, userId } from '../../kernel/ids.ts';
import type { Finding } from './checks.ts';
import type { Dispatch } from './dispatch.ts';
import { text, tree } from './raw.ts';
import type { Settings } from './settings.ts';

/** Matrix specification, appendix "User identifiers"; the historical characters are not accepted. */
const MXID = /^@([a-z0-9._=/+-]+):(.+)$/;

type Mapping = Pick<NonNullable<Settings['dev']>, 'domains' | 'hospitals'>;

/**
 * The server that stands for a domain: in the embedded hospital `dev.domains` maps the domains of the data to its own
 * homeservers, everywhere else a domain means itself.
 */
export function serverOf(domain: string, dev: Mapping | undefined): string {
  const target = dev?.domains[domain] ?? dev?.domains['*'];
  if (target === undefined) return domain;
  return dev?.hospitals[target] ?? target;
}

/** The same people with their ids mapped. */
export function mapPeople(people: Dispatch['people'], dev: Mapping | undefined): Dispatch['people'] {
  return Object.fromEntries(
    Object.entries(people).map(([key, person]) => {
      const [, local, domain] = MXID.exec(person.mxid)!;
      return [key, { ...person, mxid: userId(`@${local}:${serverOf(domain!, dev)}`) }];
    }),
  );
}

/** The same protocols with the rooms they name mapped. */
export function mapAliases(protocols: Dispatch['protocols'], dev: Mapping | undefined): Dispatch['protocols'] {
  const mapped = (to: string) => {
    const match = /^(#[^:]+):(.+)$/.exec(to);
    return match ? `${match[1]}:${serverOf(match[2]!, dev)}` : to;
  };
  return Object.fromEntries(
    Object.entries(protocols).map(([name, protocol]) => [
      name,
      {
        ...protocol,
        steps: protocol.steps.map((step) => (step.to === undefined ? step : { ...step, to: mapped(step.to) })),
      },
    ]),
  );
}

/** Ids that are malformed, given twice once they are mapped, or Wardroom's own. Reads the document as it was written. */
export function peopleChecks(document: Readonly<Record<string, unknown>>): Finding[] {
  const dev = tree(document.dev);
  const mapping = { domains: strings(dev.domains), hospitals: strings(dev.hospitals) };
  const homeserver = tree(document.homeserver).server_name;
  const holders = new Map<string, string>();
  return Object.entries(tree(document.people)).flatMap(([key, person]) => {
    const mxid = text(tree(person).mxid);
    const path = ['people', key, 'mxid'];
    if (mxid === null) return [];
    const match = MXID.exec(mxid);
    if (match === null) return [{ path, what: 'must be a Matrix id, @local:server, in lower case' }];
    const server = serverOf(match[2]!, mapping);
    const mapped = `@${match[1]}:${server}`;
    const other = holders.get(mapped);
    if (other !== undefined) return [{ path, what: `is the same Matrix id as that of ${other}` }];
    holders.set(mapped, key);
    const reserved = server === homeserver && /^_?wardroom(_|$)/.test(match[1]!);
    return reserved ? [{ path, what: 'is kept for Wardroom itself' }] : [];
  });
}

/**
 * Who administers Wardroom: `dev.control` (keys or local parts), else `control.members`, else the first two people.
 * Expects mapped people and names that were checked.
 */
export function controlMembers(people: Dispatch['people'], settings: Settings): readonly UserId[] {
  const names = settings.dev?.control ?? settings.control.members ?? Object.keys(people).slice(0, 2);
  const byLocalpart = new Map(Object.values(people).map((person) => [localpart(person.mxid), person.mxid]));
  const ids = names.map((name) => {
    const person = Object.hasOwn(people, name) ? people[name] : undefined;
    return person?.mxid ?? byLocalpart.get(name) ?? `@${name}:${settings.homeserver.server_name}`;
  });
  return [...new Set(ids)].map(userId);
}

/** What stands before the colon of a Matrix id; null when it is none. */
export function localpart(mxid: string): string | null {
  return MXID.exec(mxid)?.[1] ?? null;
}

const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tree(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
