import { isoInstant } from '../../kernel/clock.ts';
import { type DeviceId, deviceId, type RoomId, type UserId } from '../../kernel/ids.ts';
import { shownOnOneLine } from '../../tickets/shown.ts';
import type { AccountDevice } from '../accountsPort.ts';
import type { Decided, GivenCommand } from '../commandsPort.ts';
import { type AccountsFlow, notDone, refused, SHOWN, signInRefusal, unreachable } from './accountsFlow.ts';

/** A device as answers show it. Its name is nothing that Wardroom tells anybody new: homeservers show it to whoever shares a room. */
export interface ShownDevice {
  readonly device_id: DeviceId;
  readonly display_name: string | null;
  readonly client: string | null;
  readonly last_seen: string | null;
  readonly trust: AccountDevice['trust'];
}

/** What a wipe would do, or did, as answers show it. */
export interface ShownWipe extends ShownDevice {
  readonly user_id: UserId;
  /** Devices that are left. */
  readonly others: number;
  /** Rooms in which keys change: some, and how many more. */
  readonly rooms: readonly RoomId[];
  readonly more_rooms: number;
  readonly unreached: typeof UNREACHED;
}

/** What no command reaches, whatever is deleted at the homeserver. */
export const UNREACHED = ['downloaded', 'offline', 'key-backup', 'notifications', 'other-clients'] as const;

const LONGEST_NAME = 80;

/** A lost phone: whose devices there are, and the end of one (access by who has no business with it any more, 45 CFR 164.308(a)(3)(ii)(C), 164.310(d)). */
export class DeviceDesk {
  readonly #flow: AccountsFlow;

  constructor(flow: AccountsFlow) {
    this.#flow = flow;
  }

  /** The homeserver is asked by `finishListing`. */
  async list(user: UserId): Promise<Decided> {
    return unreachable(this.#flow, user) ?? running('looking', { user_id: user });
  }

  async finishListing(data: Decided['data']): Promise<Decided> {
    const user = data.user_id as UserId;
    const devices = await this.#flow.accounts.devices(user);
    const signIn = await this.#flow.accounts.signIn();
    if (!devices.ok) {
      const isDelegated = signIn.ok && signIn.value === 'delegated' && devices.error.kind === 'permanent';
      return isDelegated ? refused('sign-in-delegated', { user_id: user }) : notDone(devices.error, { user_id: user });
    }
    return {
      outcome: 'ok',
      code: 'listed',
      data: {
        user_id: user,
        devices: devices.value.slice(0, SHOWN).map(shownDevice),
        more: Math.max(0, devices.value.length - SHOWN),
        sign_in: signIn.ok ? signIn.value : null,
      },
      audit: [],
      about: { user },
    };
  }

  async wipe(user: UserId, typed: string): Promise<Decided> {
    return unreachable(this.#flow, user) ?? running('looking', { user_id: user, device_id: typed });
  }

  /** Shows what a wipe would do and what not; confirmed, does it. Both may be done again. */
  async finishWiping(data: Decided['data'], given: GivenCommand): Promise<Decided> {
    const user = data.user_id as UserId;
    const device = deviceId(String(data.device_id));
    return data.confirmed === true
      ? this.#wipeNow(data, user, device, given)
      : ((await signInRefusal(this.#flow, user)) ?? this.#askToWipe(user, device));
  }

  async #askToWipe(user: UserId, device: DeviceId): Promise<Decided> {
    const { accounts } = this.#flow;
    const devices = await accounts.devices(user);
    if (!devices.ok) return notDone(devices.error, { user_id: user });
    const found = devices.value.find((one) => one.device === device);
    if (found === undefined)
      return refused('no-such-device', {
        user_id: user,
        known: devices.value.slice(0, SHOWN).map((one) => one.device),
      });
    const rooms = await accounts.sharedRooms(user);
    if (!rooms.ok) return notDone(rooms.error, { user_id: user });
    const about = { user, device };
    const plan: ShownWipe = {
      user_id: user,
      ...shownDevice(found),
      others: devices.value.length - 1,
      rooms: rooms.value.slice(0, SHOWN),
      more_rooms: Math.max(0, rooms.value.length - SHOWN),
      unreached: UNREACHED,
    };
    return {
      outcome: 'confirm',
      code: 'wipes-device',
      data: { ...plan, second_person: false },
      audit: [],
      asks: { plan: { ...plan }, secondPerson: false },
      about,
    };
  }

  async #wipeNow(data: Decided['data'], user: UserId, device: DeviceId, given: GivenCommand): Promise<Decided> {
    const deleted = await this.#flow.accounts.deleteDevices(user, [device]);
    if (!deleted.ok) return notDone(deleted.error, { user_id: user, device_id: device });
    const { confirmed: _confirmed, ...shown } = data;
    return {
      outcome: 'ok',
      code: 'wiped',
      data: shown,
      audit: [
        { action: 'device.wiped', outcome: 'ok', actor: given.sender, detail: { user, device, rooms: roomsOf(data) } },
      ],
      about: { user, device },
    };
  }
}

export const shownDevice = ({ device, name, client, lastSeen, trust }: AccountDevice): ShownDevice => ({
  device_id: device,
  display_name: named(name),
  client: named(client),
  last_seen: lastSeen === null ? null : isoInstant(lastSeen),
  trust,
});

const named = (text: string | null): string | null =>
  text === null || text === '' ? null : shownOnOneLine(text).slice(0, LONGEST_NAME);

const roomsOf = ({ rooms, more_rooms: more }: Decided['data']): number =>
  (Array.isArray(rooms) ? rooms.length : 0) + (typeof more === 'number' ? more : 0);

const running = (code: string, data: Decided['data']): Decided => ({
  outcome: 'running',
  code,
  data,
  audit: [],
  about: { user: data.user_id },
});
