import type { Clock, Instant } from '../kernel/clock.ts';
import {
  type Agreement,
  addDays,
  agreementFindings,
  agreementPhase,
  agreementWarnings,
  dayAt,
  isPartner,
  type KeptAgreement,
  type Policy,
} from '../policy/index.ts';
import type { Asked, Decided, GivenCommand } from './commandsPort.ts';
import type { AgreementEvent, TellOfAgreement } from './partnersPort.ts';
import type { Reads, Store, Tx } from './ports.ts';

export interface PartnersFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly policy: () => Policy | null;
  readonly ownServer: string;
  readonly tell: TellOfAgreement;
}

/** An agreement as answers show it. */
export interface ListedAgreement {
  readonly domain: string;
  readonly contract: string;
  readonly from: string;
  readonly until: string;
  readonly classes: readonly string[];
  readonly state: 'in-force' | 'not-yet' | 'ended' | 'revoked';
}

const LOCK = 'agreements';

/**
 * Agreements with partners (business associate contracts, 45 CFR 164.308(b), 164.504(e)): those of the policy, and what was made, renewed and
 * revoked by command since. To let another organisation in takes two people; to shut it out takes one.
 */
export class Partners {
  readonly #flow: PartnersFlow;

  constructor(flow: PartnersFlow) {
    this.#flow = flow;
  }

  /** Every agreement there is, with what was revoked. */
  async agreements(read: Pick<Reads, 'agreements'>, policy: Policy): Promise<readonly KeptAgreement[]> {
    return kept(policy, await read.agreements.events());
  }

  async add(tx: Tx, agreement: Agreement): Promise<Decided> {
    const policy = this.#flow.policy();
    if (policy === null) return refused('policy-unreadable');
    if (agreement.domain === this.#flow.ownServer) return refused('own-server');
    const faults = agreementFindings(agreement, policy).map(({ path, what }) => ({
      path: String(path[0] ?? ''),
      what,
    }));
    if (faults.length > 0) return refused('agreement-faulty', { faults });
    const all = await this.agreements(tx, policy);
    const { domain, contract } = agreement;
    if (all.some((one) => one.domain === domain && one.contract === contract && one.until === agreement.until))
      return refused('on-file', { domain });
    return this.#ask(agreement);
  }

  /** Until another day: the agreement that ends last goes on, for the same classes. */
  async renew(tx: Tx, domain: string, until: string, contract: string | null): Promise<Decided> {
    const policy = this.#flow.policy();
    if (policy === null) return refused('policy-unreadable');
    const [last] = (await this.agreements(tx, policy))
      .filter((one) => one.domain === domain && one.revoked_at === undefined)
      .sort((a, b) => (a.until < b.until ? 1 : -1));
    if (!last) return refused('not-on-file', { domain });
    const { revoked_at: _, ...before } = last;
    const agreement = { ...before, contract: contract ?? last.contract, from: addDays(last.until, 1), until };
    if (until <= last.until) return refused('no-renewal', { domain, until: last.until });
    return this.#ask(agreement);
  }

  async revoke(tx: Tx, given: GivenCommand, domain: string): Promise<Decided> {
    await tx.lock(LOCK);
    const policy = this.#flow.policy();
    if (policy === null) return refused('policy-unreadable');
    const now = this.#flow.clock.now();
    const all = await this.agreements(tx, policy);
    const stands = all.some(
      (one) => one.domain === domain && ['in-force', 'not-yet'].includes(agreementPhase(one, now, policy)),
    );
    if (!stands) return refused('not-on-file', { domain });
    await tx.agreements.append({ type: 'revoked', domain, by: given.sender, at: now });
    return {
      outcome: 'ok',
      code: 'revoked',
      data: { domain, state: 'revoked' },
      audit: [{ action: 'agreement.revoked', outcome: 'ok', actor: given.sender, detail: { domain } }],
      about: { domain },
    };
  }

  async list(tx: Tx): Promise<Decided> {
    const policy = this.#flow.policy();
    if (policy === null) return refused('policy-unreadable');
    const now = this.#flow.clock.now();
    const partners = (await this.agreements(tx, policy)).map((one) => listed(one, now, policy));
    const of = partners.length === 1 ? partners[0] : undefined;
    const data = { domain: of?.domain ?? null, state: of?.state ?? null, partners };
    return { outcome: 'ok', code: 'listed', data, audit: [] };
  }

  /** What adding was shown on: what is on file with this partner. */
  async basis(tx: Tx, plan: Asked['plan']): Promise<unknown> {
    const { domain } = plan.agreement as Agreement;
    return (await tx.agreements.events()).filter((one) => one.domain === domain && one.type !== 'told').length;
  }

  async apply(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    await tx.lock(LOCK);
    const policy = this.#flow.policy();
    if (policy === null) return refused('policy-unreadable');
    const agreement = plan.agreement as Agreement;
    // The policy may be another one by now.
    if (agreementFindings(agreement, policy).length > 0) return refused('state-changed');
    const now = this.#flow.clock.now();
    const { domain, contract, from, until, classes } = agreement;
    await tx.agreements.append({ type: 'added', domain, agreement, by: given.sender, at: now });
    const detail = { domain, contract, from, until, classes };
    return {
      outcome: 'ok',
      code: 'added',
      data: listedData(listed(agreement, now, policy)),
      audit: [{ action: 'agreement.added', outcome: 'ok', actor: given.sender, detail }],
      about: { domain },
    };
  }

  /** Tells the control room, once each, of agreements that end soon, and of those that ended. Call it every minute. */
  async look(): Promise<void> {
    const policy = this.#flow.policy();
    if (policy === null) return;
    const { store, clock, tell } = this.#flow;
    const now = clock.now();
    const events = await store.read.agreements.events();
    const all = kept(policy, events);
    const told = new Set(
      events.flatMap((one) => (one.type === 'told' ? [keyOf(one.domain, one.until, one.days)] : [])),
    );
    for (const { domain, contract, until, days, text } of [
      ...endings(all, now, policy),
      ...warnings(all, now, policy),
    ]) {
      const key = keyOf(domain, until, days);
      if (told.has(key) || !(await tell(`wr.agreement.${key}`, text))) continue;
      await store.change(async (tx) => {
        await tx.agreements.append({ type: 'told', domain, contract, until, days, by: 'wardroom', at: now });
        const detail = { domain, contract, days };
        return { value: null, audit: [{ action: 'agreement.told', outcome: 'ok', actor: 'wardroom', detail }] };
      });
    }
  }

  #ask(agreement: Agreement): Decided {
    const { domain, contract, from, until, classes, max_age } = agreement;
    return {
      outcome: 'confirm',
      code: 'lets-partner-in',
      data: {
        domain,
        contract,
        from,
        until,
        classes,
        ...(max_age && { max_age }),
        state: 'asked',
        second_person: true,
      },
      audit: [],
      asks: { plan: { agreement }, secondPerson: true },
      about: { domain },
    };
  }
}

function kept(policy: Policy, events: readonly AgreementEvent[]): readonly KeptAgreement[] {
  let all: readonly KeptAgreement[] = policy.agreements;
  for (const event of events) {
    if (event.type === 'added') all = [...all, event.agreement];
    // What is made afterwards stands.
    else if (event.type === 'revoked')
      all = all.map((one) =>
        one.domain === event.domain && one.revoked_at === undefined ? { ...one, revoked_at: event.at } : one,
      );
  }
  return all;
}

interface Told {
  readonly domain: string;
  readonly contract: string;
  readonly until: string;
  readonly days: number;
  readonly text: string;
}

const keyOf = (domain: string, until: string, days: number): string => `${domain}.${until}.${days}`;

function warnings(all: readonly KeptAgreement[], now: Instant, policy: Policy): readonly Told[] {
  return agreementWarnings(all, now, policy).map(({ domain, contract, daysLeft, warn, classes }) => {
    // An agreement that was continued under the same contract ends anew, and is told of anew.
    const until = addDays(dayAt(now, policy.time_zone), daysLeft);
    const left =
      daysLeft === 0 ? 'today is its last day' : `${daysLeft} ${daysLeft === 1 ? 'day is' : 'days are'} left`;
    const text = `The agreement ${contract} with ${domain} (${classes.join(', ')}) ends: ${left}. \`partner renew\` continues it.`;
    return { domain, contract, until, days: warn, text };
  });
}

/** Ended lately, and nothing else is in force with this partner. */
function endings(all: readonly KeptAgreement[], now: Instant, policy: Policy): readonly Told[] {
  return all
    .filter((one) => agreementPhase(one, now, policy) === 'ended' && !isPartner(all, one.domain, now, policy))
    .map(({ domain, contract, until }) => {
      const text = `The agreement ${contract} with ${domain} has ended on ${until}: its people may be in no room any more.`;
      return { domain, contract, until, days: 0, text };
    });
}

const listed = (one: KeptAgreement, now: Instant, policy: Policy): ListedAgreement => ({
  domain: one.domain,
  contract: one.contract,
  from: one.from,
  until: one.until,
  classes: one.classes,
  state: agreementPhase(one, now, policy),
});

const listedData = (one: ListedAgreement): Decided['data'] => ({ ...one });

const refused = (code: string, data: Decided['data'] = {}): Decided => ({
  outcome: 'refused',
  code,
  data,
  audit: [],
  ...('domain' in data ? { about: { domain: data.domain } } : {}),
});
