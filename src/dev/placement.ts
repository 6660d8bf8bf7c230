import type { Config } from '../server/config/index.ts';
import { localpart } from '../server/config/people.ts';
import { FIRST } from './layout.ts';

/** What of the data is of one hospital, where a directory has several: a configuration file that is read last. */
export interface Placed {
  readonly services: Readonly<Record<string, { readonly accounts: readonly string[] }>>;
  readonly dev: { readonly control: readonly string[]; readonly people?: readonly string[] };
}

/** Local parts of those who administer a hospital in which nobody lives. */
const STRANGERS = ['hartwell', 'lindqvist'] as const;

/**
 * An account is of the hospital in which the first of its practice's `default` list lives; one without a practice is of the first
 * hospital. A hospital's control room holds those named for it who live there, else the first two people who do.
 */
export function placedIn(config: Config, hospital: { readonly name: string; readonly serverName: string }): Placed {
  const { people, practices, services } = config.dispatch;
  const livesHere = (id: string) => id.endsWith(`:${hospital.serverName}`);
  const isHere = (account: string) => {
    const first = practices[account]?.default[0];
    const person = first === undefined ? undefined : people[first];
    return person === undefined ? hospital.name === FIRST : livesHere(person.mxid);
  };
  const residents = Object.values(people).flatMap(({ mxid }) => (livesHere(mxid) ? [mxid] : []));
  const named = config.dev?.control === undefined ? [] : config.control_members.filter(livesHere);
  const extra = (config.dev?.people ?? []).map((name) => `@${name}:${hospital.serverName}`);
  const firstTwo = [...residents, ...extra].slice(0, 2).map(keyOf);
  const control = named.length > 0 ? named.map(keyOf) : firstTwo;
  return {
    services: Object.fromEntries(
      Object.entries(services).map(([id, { accounts }]) => [id, { accounts: accounts.filter(isHere) }]),
    ),
    dev: control.length > 0 ? { control } : { control: STRANGERS, people: STRANGERS },
  };

  function keyOf(id: string): string {
    const found = Object.entries(people).find(([, { mxid }]) => mxid === id);
    return found?.[0] ?? localpart(id) ?? id;
  }
}
