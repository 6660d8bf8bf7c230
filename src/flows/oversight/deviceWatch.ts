import type { Clock } from '../../kernel/clock.ts';
import type { UserId } from '../../kernel/ids.ts';
import type { WatchedDevice } from '../activityPort.ts';
import type { DeviceTrust } from '../incidentsPort.ts';
import type { AuditEntry, Store } from '../ports.ts';

export interface DeviceWatchFlow {
  readonly store: Store;
  readonly clock: Clock;
  /** Whose devices are watched. */
  readonly members: () => readonly UserId[];
  /** Their devices as the homeserver shows them now; null: it does not answer. */
  readonly devices: (users: readonly UserId[]) => Promise<readonly DeviceTrust[] | null>;
}

/** Whoever logs in verifies the new device within so long, or it is told of. */
const VERIFY_WITHIN_MS = 10 * 60_000;
/** Stands for having looked at somebody: what they have then was there before. */
const LOOKED = '';

/**
 * Notices new devices of administrators, and those that stay without their owner's signature (45 CFR 164.308(a)(5)(ii)(C), 164.312(d)). What somebody
 * has when they are looked at for the first time is taken as it is.
 */
export class DeviceWatch {
  readonly #flow: DeviceWatchFlow;

  constructor(flow: DeviceWatchFlow) {
    this.#flow = flow;
  }

  async look(): Promise<void> {
    const { store, members, devices } = this.#flow;
    const users = members();
    const shown = users.length === 0 ? [] : await devices(users);
    if (shown === null) return;
    if (this.#news(await store.read.watchedDevices.all(), users, shown).length === 0) return;
    await store.change(async (tx) => {
      await tx.lock('watched-devices');
      const news = this.#news(await tx.watchedDevices.all(), users, shown);
      for (const { device } of news) await tx.watchedDevices.save(device);
      const [first, ...rest] = news.flatMap(({ entry }) => (entry === null ? [] : [entry]));
      const baseline = { action: 'device.watched', outcome: 'ok', actor: 'wardroom', detail: {} } as const;
      return news.length === 0 ? null : { value: null, audit: [first ?? baseline, ...rest] };
    });
  }

  #news(
    known: readonly WatchedDevice[],
    users: readonly UserId[],
    shown: readonly DeviceTrust[],
  ): readonly { readonly device: WatchedDevice; readonly entry: AuditEntry | null }[] {
    const now = this.#flow.clock.now();
    const isNew = (user: UserId) => !known.some((one) => one.user === user);
    const looked = users.filter(isNew).map((user) => ({
      device: { user, device: LOOKED, firstSeen: now, isSettled: true },
      entry: null,
    }));
    const seen = shown.flatMap(({ user, device, isSigned }) => {
      const before = known.find((one) => one.user === user && one.device === device);
      if (before === undefined) {
        const first = isNew(user);
        return [
          {
            device: { user, device, firstSeen: now, isSettled: first || isSigned },
            entry: first ? null : entry('seen', user, device, isSigned),
          },
        ];
      }
      if (before.isSettled) return [];
      if (isSigned) return [{ device: { ...before, isSettled: true }, entry: entry('signed', user, device, true) }];
      // A clock that was put back makes nobody wait for ever.
      if (Math.abs(now - before.firstSeen) < VERIFY_WITHIN_MS) return [];
      return [{ device: { ...before, isSettled: true }, entry: entry('unverified', user, device, false) }];
    });
    return [...looked, ...seen];
  }
}

const entry = (verb: string, user: UserId, device: string, isSigned: boolean): AuditEntry => ({
  action: `device.${verb}`,
  outcome: 'ok',
  actor: 'wardroom',
  ...(isSigned ? {} : { code: 'unsigned' }),
  detail: { user, device },
});
