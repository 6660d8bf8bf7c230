import { type Clock, isoInstant } from '../kernel/clock.ts';
import {
  changePolicy,
  type Difference,
  differences,
  type Policy,
  readPolicy,
  settingAt,
  type Weakening,
  weakens,
} from '../policy/index.ts';
import type { Asked, Decided, GivenCommand } from './commandsPort.ts';
import type { PolicyChange } from './policiesPort.ts';
import type { Store, Tx } from './ports.ts';

export interface PoliciesFlow {
  readonly store: Store;
  readonly clock: Clock;
  /** The policy of the configuration's files, or the built-in one; null: the files cannot be read. */
  readonly file: Policy | null;
  /** What this policy would do to the rooms that are kept. */
  readonly preview: (policy: Policy) => readonly RoomCorrections[];
}

/** One room and the steps that would be taken in it, as answers show them. */
export interface RoomCorrections {
  readonly room_id: string | null;
  readonly name: string;
  readonly class: string;
  readonly steps: readonly Readonly<Record<string, unknown>>[];
}

/** So many versions and differences are listed. */
const LISTED = 40;
const LOCK = 'policy';

/** What a change would make of the policy. */
interface Proposal {
  readonly change: PolicyChange;
  readonly before: Policy;
  readonly after: Policy;
  readonly from: number;
}

/**
 * The policy in force and its history. The files are imported once; afterwards commands decide, and the file is only compared with
 * (documentation of policies and their changes, 45 CFR 164.316(b)). What weakens protection takes a second person.
 */
export class Policies {
  readonly #flow: PoliciesFlow;
  #version = 0;
  #policy: Policy | null = null;

  constructor(flow: PoliciesFlow) {
    this.#flow = flow;
  }

  /** What holds; null: nothing that can be read, and then nothing is allowed. */
  current(): Policy | null {
    return this.#policy;
  }

  /**
   * Takes up what was changed, by this process or another. A version that this program cannot read (a newer one wrote it) leaves what held
   * in force here, and changes are refused.
   */
  async refresh(): Promise<void> {
    const { read } = this.#flow.store;
    const version = await read.policies.latestVersion();
    if (version === this.#version) return;
    const policy = policyOf((await read.policies.version(version))?.policy);
    this.#policy = policy ?? this.#policy;
    this.#version = version;
  }

  /** The files' policy becomes the first version. Nothing to do when there is one. */
  async importFirst(): Promise<void> {
    const { store, clock, file } = this.#flow;
    await store.change(async (tx) => {
      await tx.lock(LOCK);
      if (file === null || (await tx.policies.latestVersion()) > 0) return null;
      const change = { kind: 'import' } as const;
      await tx.policies.add({ version: 1, policy: file, change, madeBy: 'wardroom', madeAt: clock.now() });
      const detail = { version: 1, ...change };
      return { value: null, audit: [{ action: 'policy.changed', outcome: 'ok', actor: 'wardroom', detail }] };
    });
    await this.refresh();
  }

  /** Whether the files say something else than what holds: somebody expects what is not so. */
  differsFromFile(): boolean {
    const { file } = this.#flow;
    return file !== null && this.#policy !== null && differences(file, this.#policy).length > 0;
  }

  /** `path`: null for the whole. */
  async show(tx: Tx, path: string | null): Promise<Decided> {
    const now = await this.#now(tx);
    if (now === null) return refused('policy-unreadable');
    const value = path === null ? null : settingAt(now.policy, path);
    if (value === undefined) return refused('bad-argument', { argument: 'PATH' });
    const { version, policy } = now;
    const classes = Object.entries(policy.classes).map(([name, one]) => ({
      class: name,
      roles: one.roles,
      federation: one.federation,
      max_age: one.retention.max_age,
    }));
    const data = path === null ? { version, classes, keys: Object.keys(policy) } : { version, path, value };
    return { outcome: 'ok', code: 'shown', data, audit: [], ...(path === null ? {} : { about: { path } }) };
  }

  async history(tx: Tx): Promise<Decided> {
    const versions = (await tx.policies.history(LISTED)).map(({ version, change, madeBy, madeAt }) => ({
      version,
      by: madeBy,
      at: isoInstant(madeAt),
      change,
    }));
    return { outcome: 'ok', code: 'listed', data: { version: versions[0]?.version ?? 0, versions }, audit: [] };
  }

  /** What is other than in the files, or than it was in a version. */
  async diff(tx: Tx, version: number | null): Promise<Decided> {
    const now = await this.#now(tx);
    if (now === null) return refused('policy-unreadable');
    const { file } = this.#flow;
    const other = version === null ? file : policyOf((await tx.policies.version(version))?.policy);
    if (other === null) return refused(version === null ? 'policy-file-unreadable' : 'no-such-version', { version });
    const found = differences(other, now.policy);
    const data = { version: now.version, against: version ?? 'file', ...listed(found) };
    return { outcome: 'ok', code: found.length === 0 ? 'same' : 'differs', data, audit: [] };
  }

  /** `value`: as it would stand in the file. */
  async set(tx: Tx, path: string, value: string): Promise<Decided> {
    const now = await this.#now(tx);
    if (now === null) return refused('policy-unreadable');
    const changed = changePolicy(now.policy, path, value);
    if (!changed.ok) {
      const faults = changed.error.map((one) => ({ path: knownPart(now.policy, one.path), what: one.what }));
      return refused('policy-faulty', { faults });
    }
    const change = { kind: 'set', path } as const;
    return this.#ask({ change, before: now.policy, after: changed.value.policy, from: now.version }, { value });
  }

  async rollback(tx: Tx, version: number): Promise<Decided> {
    const now = await this.#now(tx);
    if (now === null) return refused('policy-unreadable');
    const after = policyOf((await tx.policies.version(version))?.policy);
    if (after === null) return refused('no-such-version', { version });
    const change = { kind: 'rollback', to: version } as const;
    return this.#ask({ change, before: now.policy, after, from: now.version }, {});
  }

  /** What a change was shown on: the version it changes. */
  async basis(tx: Tx): Promise<unknown> {
    return { version: await tx.policies.latestVersion() };
  }

  async apply(tx: Tx, given: GivenCommand, plan: Asked['plan']): Promise<Decided> {
    await tx.lock(LOCK);
    const now = await this.#now(tx);
    // Another change may have been committed since the basis was looked at.
    if (now === null || now.version !== plan.from) return refused('state-changed');
    const change = plan.change as PolicyChange;
    const after = await this.#afterwards(tx, now.policy, change, String(plan.value));
    if (after === null) return refused('policy-unreadable');
    const version = now.version + 1;
    const { sender } = given;
    await tx.policies.add({ version, policy: after, change, madeBy: sender, madeAt: this.#flow.clock.now() });
    const detail = { version, ...change };
    return {
      outcome: 'ok',
      code: 'changed',
      data: { version, change, ...listed(differences(now.policy, after)), ...this.#previewed(after) },
      audit: [{ action: 'policy.changed', outcome: 'ok', actor: sender, detail }],
      about: detail,
    };
  }

  #previewed(after: Policy) {
    const rooms = this.#flow.preview(after);
    return { corrections: rooms.slice(0, LISTED), more_rooms: Math.max(0, rooms.length - LISTED) };
  }

  async #afterwards(tx: Tx, before: Policy, change: PolicyChange, value: string): Promise<Policy | null> {
    if (change.kind === 'rollback') return policyOf((await tx.policies.version(change.to))?.policy);
    if (change.kind === 'import') return null;
    const changed = changePolicy(before, change.path, value);
    return changed.ok ? changed.value.policy : null;
  }

  #ask({ change, before, after, from }: Proposal, more: { readonly value?: string }): Decided {
    const found = differences(before, after);
    const about = { version: from, ...change };
    if (found.length === 0) return { ...refused('nothing-changes', { version: from }), about };
    const weakened: readonly Weakening[] = weakens(before, after);
    const secondPerson = weakened.length > 0;
    return {
      outcome: 'confirm',
      code: secondPerson ? 'weakens-protection' : 'policy-change',
      data: {
        version: from,
        change,
        ...listed(found),
        weakens: weakened,
        ...this.#previewed(after),
        second_person: secondPerson,
      },
      audit: [],
      asks: { plan: { change, from, ...more }, secondPerson },
      about,
    };
  }

  async #now(tx: Tx): Promise<{ readonly version: number; readonly policy: Policy } | null> {
    const version = await tx.policies.latestVersion();
    const policy = policyOf((await tx.policies.version(version))?.policy);
    return policy === null ? null : { version, policy };
  }
}

const listed = (found: readonly Difference[]) => ({
  differences: found.slice(0, LISTED).map(({ path, before, after }) => ({
    path,
    // JSON knows no `undefined`.
    before: before ?? null,
    after: after ?? null,
  })),
  more: Math.max(0, found.length - LISTED),
});

/** As much of a path as there is in the policy: what somebody typed beyond it comes back to nobody. */
function knownPart(policy: Policy, path: readonly PropertyKey[]): string {
  const keys = path.map(String);
  const known = keys.findIndex((_, at) => settingAt(policy, keys.slice(0, at + 1).join('.')) === undefined);
  return (known < 0 ? keys : keys.slice(0, known)).join('.');
}

function policyOf(document: unknown): Policy | null {
  if (document === undefined) return null;
  const read = readPolicy(document);
  return read.ok ? read.value.policy : null;
}

const refused = (code: string, data: Decided['data'] = {}): Decided => ({ outcome: 'refused', code, data, audit: [] });
