import type { Clock } from '../kernel/clock.ts';
import type { MasterKey, UserId } from '../kernel/ids.ts';
import type { Administrator, AdministratorNotices, Identities, PinState } from './administratorsPort.ts';
import type { CommandAuthority } from './commandAuthority.ts';
import type { Decided, GivenCommand } from './commandsPort.ts';
import type { Alarms, AuditEntry, Store, Tx } from './ports.ts';

export interface AdministratorFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly identities: Identities;
  readonly notices: AdministratorNotices;
  /** Who may give commands. */
  readonly authority: Pick<CommandAuthority, 'members' | 'refresh'>;
}

/** An administrator as `admin list` shows them. `none`: the homeserver shows no identity of theirs. */
export interface ListedAdministrator {
  readonly user_id: UserId;
  readonly state: PinState | 'none';
  readonly fingerprint: MasterKey | null;
  readonly confirmed_by: UserId | null;
}

/** Fewer letters of a fingerprint than this could be met by trying keys. */
export const SHORTEST_PREFIX = 16;

/**
 * The administrators' identities: pinned at first sight, confirmed by each other, suspended when they change (design decision 16;
 * matrix.md 4.10). The homeserver can show anybody's identity as it likes; what it showed once it cannot change unnoticed, and what
 * two people compared it cannot have made up.
 */
export class Administrators {
  readonly #flow: AdministratorFlow;
  #looking: Promise<void> = Promise.resolve();

  constructor(flow: AdministratorFlow) {
    this.#flow = flow;
  }

  /** Serialises what is decided about administrators. */
  lock(tx: Tx): Promise<void> {
    return tx.lock('administrators');
  }

  isMember(user: UserId): boolean {
    return this.#members().includes(user);
  }

  /**
   * Compares what the homeserver shows with what is pinned: pins who is new, suspends who changed, forgets who is no administrator
   * any more, and tells the control room of what it was not told yet. Call it at the start, when devices change, and now and then.
   */
  look(): Promise<void> {
    const look = this.#looking.then(() => this.#look());
    this.#looking = look.catch(() => undefined);
    return look;
  }

  async list(tx: Tx): Promise<Decided> {
    const pins = await tx.administrators.all();
    const administrators = this.#members().map((user): ListedAdministrator => {
      const pin = pins.find(({ userId }) => userId === user);
      return {
        user_id: user,
        state: pin?.state ?? 'none',
        fingerprint: pin?.masterKey ?? null,
        confirmed_by: pin?.state === 'confirmed' ? pin.confirmedBy : null,
      };
    });
    return { outcome: 'ok', code: 'listed', data: { administrators }, audit: [] };
  }

  /**
   * `given.sender`, whose own identity stands, says that they compared the fingerprint of `user`. Nobody confirms themselves. Before
   * the first confirmation of all, an identity seen but not confirmed is enough; somebody has to begin.
   */
  async confirm(tx: Tx, given: GivenCommand, user: UserId, prefix: string): Promise<Decided> {
    const { sender } = given;
    if (user === sender) return refused('needs-second-person', { user_id: user });
    const pins = await tx.administrators.all();
    const own = pins.find(({ userId }) => userId === sender);
    if (own?.state !== 'confirmed' && pins.some(({ confirmedAt }) => confirmedAt !== null))
      return refused('not-confirmed', { user_id: sender });
    const pin = pins.find(({ userId }) => userId === user);
    if (pin === undefined || !this.isMember(user)) return refused('bad-argument', { argument: 'USER' });
    if (prefix.length < SHORTEST_PREFIX) return refused('bad-argument', { argument: 'FINGERPRINT' });
    if (!pin.masterKey.startsWith(prefix)) return refused('bad-argument', { argument: 'FINGERPRINT', differs: true });
    const data = { user_id: user, fingerprint: pin.masterKey, state: 'confirmed', own_state: own?.state ?? 'none' };
    if (pin.state === 'confirmed') return { outcome: 'ok', code: 'already-confirmed', data, audit: [] };
    const now = this.#flow.clock.now();
    await tx.administrators.save({ ...pin, state: 'confirmed', confirmedBy: sender, confirmedAt: now, told: true });
    const entry: AuditEntry = {
      action: 'admin.identity_confirmed',
      outcome: 'ok',
      actor: sender,
      room: given.room,
      event: given.event,
      detail: { user, master_key: pin.masterKey, was: pin.state },
    };
    return { outcome: 'ok', code: 'confirmed', data, audit: [entry] };
  }

  #members(): readonly UserId[] {
    return this.#flow.authority.members();
  }

  async #look(): Promise<void> {
    const { store, identities, authority, alarms } = this.#flow;
    await authority.refresh();
    const shown = await identities.of(this.#members());
    if (this.#news(await store.read.administrators.all(), shown).length > 0) {
      const changed = await store.change<number>(async (tx) => {
        await this.lock(tx);
        const news = this.#news(await tx.administrators.all(), shown);
        for (const { user, pin } of news)
          await (pin === null ? tx.administrators.remove(user) : tx.administrators.save(pin));
        const [first, ...rest] = news.map(({ entry }) => entry);
        if (!first) return null;
        return { value: news.filter(({ pin }) => pin?.state === 'changed').length, audit: [first, ...rest] };
      });
      for (let count = changed ?? 0; count > 0; count -= 1) alarms.raise('admin-identity-changed', {});
    }
    await this.#tell();
  }

  /** What differs from the pins, and what becomes of each. */
  #news(
    pins: readonly Administrator[],
    shown: ReadonlyMap<UserId, MasterKey>,
  ): readonly { readonly user: UserId; readonly pin: Administrator | null; readonly entry: AuditEntry }[] {
    const entry = (verb: string, user: UserId, detail: AuditEntry['detail']): AuditEntry => ({
      action: `admin.${verb}`,
      outcome: 'ok',
      actor: 'wardroom',
      detail: { user, ...detail },
    });
    const gone = pins
      .filter(({ userId }) => !this.isMember(userId))
      .map(({ userId: user, masterKey }) => ({
        user,
        pin: null,
        entry: entry('removed', user, { master_key: masterKey }),
      }));
    const here = this.#members().flatMap((user) => {
      const masterKey = shown.get(user);
      const pin = pins.find(({ userId }) => userId === user);
      if (masterKey === undefined || pin?.masterKey === masterKey) return [];
      if (pin === undefined) {
        const fresh: Administrator = {
          userId: user,
          masterKey,
          state: 'seen',
          previousKey: null,
          pinnedAt: this.#flow.clock.now(),
          confirmedBy: null,
          confirmedAt: null,
          told: false,
        };
        return [{ user, pin: fresh, entry: entry('identity_seen', user, { master_key: masterKey }) }];
      }
      const changed: Administrator = {
        ...pin,
        masterKey,
        state: 'changed',
        previousKey: pin.masterKey,
        pinnedAt: this.#flow.clock.now(),
        told: false,
      };
      const detail = { master_key: masterKey, before: pin.masterKey, was: pin.state };
      return [{ user, pin: changed, entry: entry('identity_changed', user, detail) }];
    });
    return [...gone, ...here];
  }

  /** What cannot be posted, or would be read by nobody who could act on it, is told at a later look. */
  async #tell(): Promise<void> {
    const { store, notices } = this.#flow;
    for (const pin of await store.read.administrators.all()) {
      if (pin.told) continue;
      const posted = await notices.post(
        pin,
        this.#members().filter((user) => user !== pin.userId),
      );
      if (!posted.ok) return;
      const event = posted.value;
      if (event === null) continue;
      await store.change(async (tx) => {
        await this.lock(tx);
        const now = (await tx.administrators.all()).find(({ userId }) => userId === pin.userId);
        if (now?.masterKey !== pin.masterKey || now.told) return null;
        await tx.administrators.save({ ...now, told: true });
        const detail = { user: pin.userId, master_key: pin.masterKey, state: pin.state };
        return {
          value: null,
          audit: [{ action: 'admin.identity_told', outcome: 'ok', actor: 'wardroom', event, detail }],
        };
      });
    }
  }
}

const refused = (code: string, data: Decided['data']): Decided => ({ outcome: 'refused', code, data, audit: [] });
