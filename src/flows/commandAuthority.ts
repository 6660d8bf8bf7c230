import type { Clock, Instant } from '../kernel/clock.ts';
import type { UserId } from '../kernel/ids.ts';
import {
  decide,
  EVERYONE,
  foldGrants,
  type Grant,
  type Policy,
  privilegedRoles,
  type RoleEvent,
  rolesOf,
  serverOf,
  whoHolds,
} from '../policy/index.ts';
import { type FactReads, factsOf, type Surroundings } from './policyFacts.ts';
import type { Store } from './ports.ts';

export interface AuthorityFlow extends Surroundings {
  readonly store: Pick<Store, 'read'>;
  readonly clock: Clock;
  /** Null: it cannot be read. */
  readonly policy: () => Policy | null;
  /** Takes up what was changed of the policy by another process. */
  readonly followPolicy: () => Promise<void>;
  /** `control.members`: whom the configuration names as administrators. */
  readonly configured: readonly UserId[];
}

/** Why somebody may not give a command. */
export interface NoAuthority {
  readonly code: 'not-admin' | 'role-missing';
  /** With `role-missing`: `roles`, one of which would be needed. */
  readonly data: Readonly<Record<string, unknown>>;
}

const ADMIN = 'admin';
/** Who looks at emergency access, incidents and reviews (45 CFR 164.308(a)(1)(ii)(D), (a)(2), 164.530(a)(1)). */
const OFFICERS: readonly string[] = ['privacy-officer', 'security-officer'];
/** For whoever may give any command: they say what there is, or do what another command is judged for. */
const OPEN: ReadonlySet<string> = new Set(['help', 'confirm', 'unknown']);
const NOT_ADMIN: NoAuthority = { code: 'not-admin', data: {} };

/**
 * Who may give which command: whoever holds a role that the policy names for it (45 CFR 164.308(a)(4)(ii)(B)). Nobody is locked out by what
 * cannot be read: while there is no policy, who holds `admin` may give every command; and whom the configuration names may, while there is no
 * policy or nobody holds `admin`. From whom `admin` was taken the configuration does not give it back.
 */
export class CommandAuthority {
  readonly #flow: AuthorityFlow;
  #latest = -1;
  #known: Known = knownFrom([]);

  constructor(flow: AuthorityFlow) {
    this.#flow = flow;
  }

  /** Takes up what was decided about roles and the policy since. */
  async refresh(): Promise<void> {
    const { store, followPolicy } = this.#flow;
    await followPolicy();
    const latest = await store.read.roles.latest();
    if (latest === this.#latest) return;
    this.#known = knownFrom(await store.read.roles.events());
    this.#latest = latest;
  }

  /** Who may give any command now, as far as was taken up, sorted: whose identities are pinned, and who belongs in the control room. */
  members(): readonly UserId[] {
    const { clock, configured } = this.#flow;
    const [now, policy] = [clock.now(), this.#flow.policy()];
    const named = policy === null ? [] : Object.values(policy.commands).flat();
    const roles = new Set([...privilegedRoles, ...named].filter((role) => role !== EVERYONE));
    const holders = [...roles].flatMap((role) => whoHolds(this.#known.grants, role, now));
    const counted = configured.filter((user) => this.#isConfigured(user, this.#known, policy, now));
    return [...new Set([...counted, ...holders.filter((user) => this.#isOurs(user))])].sort();
  }

  /** The privacy and security officers, as far as was taken up, sorted. */
  officers(): readonly UserId[] {
    const now = this.#flow.clock.now();
    const holders = OFFICERS.flatMap((role) => whoHolds(this.#known.grants, role, now));
    return [...new Set(holders.filter((user) => this.#isOurs(user)))].sort();
  }

  /** Who was one, and is none any more. */
  formerOfficers(): readonly UserId[] {
    const officers = this.officers();
    const ever = this.#known.grants.filter(({ role }) => OFFICERS.includes(role)).map(({ user }) => user);
    return [...new Set(ever)].filter((user) => !officers.includes(user));
  }

  /** Who held a role that opens Wardroom itself, or was named for one, and may give no command any more. */
  former(): readonly UserId[] {
    const members = this.members();
    return [...new Set([...this.#known.privileged, ...this.#flow.configured])].filter(
      (user) => !members.includes(user),
    );
  }

  /** As it is in this transaction. Null: they may. */
  async refusal(read: FactReads, by: UserId, command: string): Promise<NoAuthority | null> {
    const [now, policy] = [this.#flow.clock.now(), this.#flow.policy()];
    const events = await read.roles.events();
    const known = knownFrom(events);
    if (this.#isConfigured(by, known, policy, now)) return null;
    if (policy === null) return this.#isOurs(by) && rolesOf(known.grants, by, now).includes(ADMIN) ? null : NOT_ADMIN;
    const facts = { ...(await factsOf(read, { ...this.#flow, policy, now })), grants: known.grants };
    const may = (name: string) => decide({ kind: 'command', by, command: name }, facts).length === 0;
    if (!OPEN.has(command) && may(command)) return null;
    if (!Object.keys(policy.commands).some(may)) return NOT_ADMIN;
    return OPEN.has(command) ? null : { code: 'role-missing', data: { roles: rolesFor(command, policy) } };
  }

  #isConfigured(user: UserId, known: Known, policy: Policy | null, now: Instant): boolean {
    if (!this.#flow.configured.includes(user) || known.dismissed.has(user)) return false;
    return policy === null || !whoHolds(known.grants, ADMIN, now).some((one) => this.#isOurs(one));
  }

  #isOurs(user: UserId): boolean {
    return serverOf(user) === this.#flow.ownServer;
  }
}

/** What happened to roles, as far as commands are concerned. */
interface Known {
  readonly grants: readonly Grant[];
  /** Whoever was given a role that opens Wardroom itself. */
  readonly privileged: ReadonlySet<UserId>;
  /** From whom `admin` was taken, and not given again. */
  readonly dismissed: ReadonlySet<UserId>;
}

function knownFrom(events: readonly RoleEvent[]): Known {
  const privileged = new Set<UserId>();
  const dismissed = new Set<UserId>();
  for (const { type, user, role } of events) {
    if (type === 'granted' && privilegedRoles.includes(role)) privileged.add(user);
    if (role !== ADMIN) continue;
    if (type === 'revoked') dismissed.add(user);
    if (type === 'granted') dismissed.delete(user);
  }
  return { grants: foldGrants(events), privileged, dismissed };
}

const rolesFor = (command: string, { commands }: Policy): readonly string[] =>
  (Object.hasOwn(commands, command) ? commands[command] : commands['*']) ?? [];
