import type { AccountDevice, AccountState, Accounts, SignIn } from '../flows/accountsPort.ts';
import { type DeviceId, deviceId, type RoomId, roomId, type UserId } from '../kernel/ids.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { VoiceCrypto } from './crypto/index.ts';
import { deviceTrust } from './deviceTrust.ts';
import { failureOfError } from './failures.ts';
import type { HttpMethod, MatrixRequest } from './matrixRequest.ts';
import { adminFailureOf, signInOf } from './signIn.ts';

export interface MatrixAccountsOptions {
  readonly botRequest: MatrixRequest;
  /** Of the bot and every voice. */
  readonly requests: readonly MatrixRequest[];
  readonly cryptos: readonly Pick<VoiceCrypto, 'devicesDeleted'>[];
}

const TIMEOUT_MS = 30_000;

interface StoredDevice {
  readonly device_id: string;
  readonly display_name?: string | null;
  readonly last_seen_ts?: number | null;
  readonly last_seen_user_agent?: string | null;
  readonly dehydrated?: boolean;
}

/** By Synapse's admin API ("User Admin API"), as the bot, whom a server administrator has to have made one. */
export class MatrixAccounts implements Accounts {
  readonly #options: MatrixAccountsOptions;

  constructor(options: MatrixAccountsOptions) {
    this.#options = options;
  }

  signIn(): Promise<Result<SignIn, PortFailure>> {
    return signInOf(this.#options.botRequest);
  }

  async state(user: UserId): Promise<Result<AccountState | null, PortFailure>> {
    const answer = await this.#admin('GET', userPath('v2', user));
    if (!answer.ok) return answer.error.code === 'no-such-user' ? ok(null) : answer;
    const { locked, deactivated } = answer.value as { locked?: unknown; deactivated?: unknown };
    return ok({ locked: locked === true, deactivated: deactivated === true });
  }

  async devices(user: UserId): Promise<Result<readonly AccountDevice[], PortFailure>> {
    const answer = await this.#admin('GET', `${userPath('v2', user)}/devices`);
    if (!answer.ok) return answer;
    const trusts = await deviceTrust(this.#options.botRequest, [user]);
    if (trusts === null) return err({ kind: 'retry', code: 'homeserver-unclear' });
    const trustOf = (id: string) => trusts.find(({ device }) => device === id);
    const { devices = [] } = answer.value as { devices?: readonly StoredDevice[] };
    const found = devices.map(
      ({ device_id: id, display_name: name, last_seen_ts: seen, last_seen_user_agent: client, dehydrated }) => {
        const trust = trustOf(id);
        return {
          device: deviceId(id),
          name: name ?? null,
          client: client ?? null,
          lastSeen: typeof seen === 'number' && seen > 0 ? seen : null,
          trust:
            dehydrated === true
              ? ('waiting' as const)
              : trust === undefined
                ? ('no-keys' as const)
                : trust.isSigned
                  ? ('verified' as const)
                  : ('unsigned' as const),
        };
      },
    );
    return ok(found.sort((one, other) => (other.lastSeen ?? 0) - (one.lastSeen ?? 0)));
  }

  async sharedRooms(user: UserId): Promise<Result<readonly RoomId[], PortFailure>> {
    const theirs = await this.#admin('GET', `${userPath('v1', user)}/joined_rooms`);
    if (!theirs.ok) return theirs;
    const ours = new Set<unknown>();
    for (const request of this.#options.requests) {
      const joined = await this.#ask(request, 'GET', '/_matrix/client/v3/joined_rooms');
      if (!joined.ok) return joined;
      for (const room of roomsIn(joined.value)) ours.add(room);
    }
    return ok(roomsIn(theirs.value).filter((room) => ours.has(room)));
  }

  async deleteDevices(user: UserId, devices: readonly DeviceId[]): Promise<Result<void, PortFailure>> {
    // Synapse's own call takes what is gone already for done.
    if (devices.length > 0) {
      const gone = await this.#admin('POST', `${userPath('v2', user)}/delete_devices`, { devices });
      if (!gone.ok) return gone;
    }
    // Also after a repetition: the process that deleted them may not have come this far.
    for (const crypto of this.#options.cryptos) crypto.devicesDeleted([user]);
    return ok(undefined);
  }

  async setLocked(user: UserId, locked: boolean): Promise<Result<void, PortFailure>> {
    // The same call would make an account that there is not.
    const known = await this.state(user);
    if (!known.ok) return known;
    if (known.value === null) return err({ kind: 'permanent', code: 'no-such-user' });
    if (known.value.deactivated) return err({ kind: 'permanent', code: 'deactivated' });
    const set = await this.#admin('PUT', userPath('v2', user), { locked });
    return set.ok ? ok(undefined) : set;
  }

  #admin(method: HttpMethod, path: string, body?: unknown): Promise<Result<object, PortFailure>> {
    return this.#ask(this.#options.botRequest, method, path, body);
  }

  async #ask(
    request: MatrixRequest,
    method: HttpMethod,
    path: string,
    body?: unknown,
  ): Promise<Result<object, PortFailure>> {
    try {
      const answer = await request(method, path, {
        timeoutMs: TIMEOUT_MS,
        ...(body === undefined ? {} : { body }),
      });
      if (answer.status !== 200 && answer.status !== 201) return err(adminFailureOf(answer));
      return typeof answer.body === 'object' && answer.body !== null
        ? ok(answer.body)
        : err({ kind: 'retry', code: 'homeserver-unclear' });
    } catch (error) {
      return err(failureOfError(error, true));
    }
  }
}

const userPath = (version: 'v1' | 'v2', user: UserId): string =>
  `/_synapse/admin/${version}/users/${encodeURIComponent(user)}`;

const roomsIn = (answer: object): readonly RoomId[] => {
  const { joined_rooms: rooms } = answer as { joined_rooms?: unknown };
  return Array.isArray(rooms) ? rooms.map((room) => roomId(String(room))) : [];
};
