import { AppServiceRegistration, Bridge, type Intent, Logger } from 'matrix-appservice-bridge';
import { type RoomId, roomId, type UserId } from '../kernel/ids.ts';
import type { Secret } from '../kernel/phi.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import type { WardroomAppService } from './appService.ts';
import { failureOf } from './failures.ts';
import { HomeserverClient } from './homeserverClient.ts';
import type { MatrixRequest } from './matrixRequest.ts';

/** Connections of the homeserver that may wait to be accepted. */
const BACKLOG = 10;

export interface MatrixBridgeOptions {
  readonly homeserverUrl: string;
  readonly serverName: string;
  readonly registration: {
    readonly id: string;
    readonly senderLocalpart: string;
    readonly asToken: Secret;
    readonly hsToken: Secret;
  };
  /** Of a server administrator, for the admin API; absent: the bot is one, or there is none. */
  readonly adminToken?: Secret | undefined;
}

/**
 * The bridge library with our own transactions endpoint. Its intents register users and make, join and fill rooms; what is
 * called for each message goes over `request` instead. An intent is only ever made for a named user: the library's "bot"
 * is the registration's `sender_localpart`, which nobody uses here (reference: design decision 4).
 */
export class MatrixBridge {
  readonly #bridge: Bridge;
  readonly #client: HomeserverClient;
  readonly #registrationId: string;
  readonly #serverName: string;

  constructor(options: MatrixBridgeOptions) {
    // The library logs requests and answers in full; what is worth knowing is logged by us, as codes.
    Logger.configure({ console: 'off' });
    const { registration } = options;
    this.#registrationId = registration.id;
    this.#serverName = options.serverName;
    this.#client = new HomeserverClient({
      url: options.homeserverUrl,
      asToken: registration.asToken,
      adminToken: options.adminToken,
    });
    this.#bridge = new Bridge({
      homeserverUrl: options.homeserverUrl,
      domain: options.serverName,
      registration: AppServiceRegistration.fromObject({
        id: registration.id,
        // The library never calls it; the homeserver has its own copy.
        url: 'http://127.0.0.1',
        as_token: registration.asToken.reveal(),
        hs_token: registration.hsToken.reveal(),
        sender_localpart: registration.senderLocalpart,
        rate_limited: false,
        namespaces: {},
      }),
      controller: { onEvent: () => undefined, onLog: () => undefined },
      disableStores: true,
      logRequestOutcome: false,
      escapeUserIds: false,
      intentOptions: { clients: { dontCheckPowerLevel: true, enablePresence: false } },
    });
  }

  /** Makes identities usable; once, before anything else. */
  async initialise(): Promise<void> {
    await this.#bridge.initialise();
  }

  /** Starts answering the homeserver's transactions. */
  async listen(host: string, port: number, appService: WardroomAppService): Promise<void> {
    await this.#bridge.listen(port, host, BACKLOG, appService);
  }

  /** Authenticated requests as one of our users. Kept-alive connections, no retries of its own. */
  request(user: UserId): MatrixRequest {
    return this.#client.requestAs(user);
  }

  /** Requests with an access token of its own, not as the application service. */
  requestWith(token: Secret): MatrixRequest {
    return this.#client.requestWith(token);
  }

  identity(user: UserId): Identity {
    if (!user.endsWith(`:${this.#serverName}`)) throw new Error('an identity of another server');
    return new Identity(user, () => this.#bridge.getIntent(user));
  }

  /**
   * Asks the homeserver to call us (MSC2659). Its success proves both directions, and a homeserver that had marked us as down
   * sends what it kept at once instead of after up to 512 s.
   */
  async ping(): Promise<Result<void, PortFailure>> {
    const path = `/_matrix/client/v1/appservice/${encodeURIComponent(this.#registrationId)}/ping`;
    try {
      const response = await this.#client.requestAsService('POST', path, { body: {}, timeoutMs: 20_000 });
      return response.status === 200 ? ok(undefined) : err(failureOf(response));
    } catch {
      return err({ kind: 'retry', code: 'homeserver-unreachable' });
    }
  }

  /** Takes no more transactions; those being answered are finished. */
  async stopListening(): Promise<void> {
    await this.#bridge.close();
  }

  disconnect(): void {
    this.#client.close();
  }
}

/** What one of our users does with rooms, through the bridge library's intent. */
export class Identity {
  readonly user: UserId;
  readonly #intent: () => Intent;

  constructor(user: UserId, intent: () => Intent) {
    this.user = user;
    this.#intent = intent;
  }

  /** Makes sure that the user exists with this display name. Everyone can read it: no health information. */
  register(displayName: string): Promise<Result<void, PortFailure>> {
    return attempt('repeatable', async () => {
      const intent = this.#intent();
      await intent.ensureRegistered();
      const profile = await intent.getProfileInfo(this.user, null, false).catch(() => ({ displayname: undefined }));
      if (profile.displayname !== displayName) await intent.setDisplayName(displayName);
    });
  }

  createRoom(options: Record<string, unknown>): Promise<Result<RoomId, PortFailure>> {
    return attempt('once', async () => {
      const created = await this.#intent().createRoom({ createAsClient: true, options });
      return roomId(created.room_id);
    });
  }

  invite(room: RoomId, user: UserId): Promise<Result<void, PortFailure>> {
    return attempt('repeatable', async () => {
      await this.#intent().matrixClient.inviteUser(user, room);
    });
  }

  join(room: RoomId): Promise<Result<void, PortFailure>> {
    return attempt('repeatable', async () => {
      await this.#intent().matrixClient.joinRoom(room);
    });
  }
}

/** The part of an identity that rooms need. */
export type RoomActor = Pick<Identity, 'user' | 'createRoom' | 'invite' | 'join'>;

async function attempt<T>(repeat: 'once' | 'repeatable', work: () => Promise<T>): Promise<Result<T, PortFailure>> {
  try {
    return ok(await work());
  } catch (error) {
    return err(failureOfLibrary(error, repeat));
  }
}

/** The library throws its own errors, the answer itself, or the socket's error; none of their texts is passed on. */
function failureOfLibrary(error: unknown, repeat: 'once' | 'repeatable'): PortFailure {
  if (typeof error !== 'object' || error === null) throw error;
  const found = error as { statusCode?: unknown; body?: unknown; errcode?: unknown; code?: unknown; connect?: unknown };
  if (typeof found.statusCode === 'number') {
    return failureOf({
      status: found.statusCode,
      body: found.errcode === undefined ? found.body : { errcode: found.errcode },
    });
  }
  if (typeof found.code !== 'string') throw error;
  const notSent =
    found.connect === true || ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'].includes(found.code);
  if (notSent || repeat === 'repeatable') return { kind: 'retry', code: 'homeserver-unreachable' };
  return { kind: 'unknown', code: 'no-answer' };
}
