import { realClock } from '../../src/kernel/clock.ts';
import { type RoomId, type UserId, userId } from '../../src/kernel/ids.ts';
import { Secret } from '../../src/kernel/phi.ts';
import type { Result } from '../../src/kernel/result.ts';
import { AliasRemover, aliasRemoverUser } from '../../src/matrix/aliasRemover.ts';
import { WardroomAppService } from '../../src/matrix/appService.ts';
import { asOther } from '../../src/matrix/borrowedToken.ts';
import { MatrixBridge, type RoomActor } from '../../src/matrix/bridge.ts';
import { MadeRooms } from '../../src/matrix/madeRooms.ts';
import type { MatrixRequest } from '../../src/matrix/matrixRequest.ts';
import { type AsPerson, Memberships } from '../../src/matrix/memberships.ts';
import { MatrixRoomKeeper } from '../../src/matrix/roomKeeper.ts';
import { RoomMembers } from '../../src/matrix/roomMembers.ts';
import { RoomSteps } from '../../src/matrix/roomSteps.ts';
import { type SynapseRig, synapseRig } from './synapseRig.ts';

/** A keeper of rooms on a real homeserver, with people who are in nobody's service. */
export interface KeeperRig {
  readonly synapse: SynapseRig;
  readonly bot: UserId;
  readonly voice: UserId;
  readonly ash: UserId;
  readonly fenn: UserId;
  /** What the bot asked the homeserver, as `GET /path`. */
  readonly asked: string[];
  /** Rooms whose sessions were given up. */
  readonly rotated: RoomId[];
  /** A process of its own: it remembers nothing of the others. */
  keeper(speaker?: RoomActor): MatrixRoomKeeper;
  readonly botActor: RoomActor;
  readonly ask: MatrixRequest;
  as(user: UserId, method: string, path: string, body?: unknown): Promise<{ status: number; body: never }>;
  /** A room that somebody else made. */
  roomOf(user: UserId, options?: object): Promise<RoomId>;
  close(): Promise<void>;
}

export const given = async <T>(result: Promise<Result<T, unknown>>): Promise<T> => {
  const answer = await result;
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.value;
};

/** `withToken`: the bot is no server administrator, and has the access token of one (`homeserver.admin_token_file`). */
export async function keeperRig({ withToken = false } = {}): Promise<KeeperRig> {
  const synapse = await synapseRig();
  const { serverName } = synapse;
  const adminToken = withToken ? new Secret((await synapse.administrator('root')).accessToken) : undefined;
  const bot = userId(`@wardroom:${serverName}`);
  const voice = userId(`@wardroom_nightjar:${serverName}`);
  const { registration } = synapse;
  const bridge = new MatrixBridge({ homeserverUrl: synapse.url, serverName, registration, adminToken });
  const appService = new WardroomAppService({
    hsToken: synapse.registration.hsToken,
    knowsUser: () => true,
    accept: async () => undefined,
  });
  await bridge.initialise();
  await bridge.listen('127.0.0.1', synapse.appServicePort, appService);
  await given(bridge.identity(bot).register('Wardroom'));
  await given(bridge.identity(voice).register('nightjar via Wardroom'));
  const tokens = new Map<UserId, string>();
  const [ash, fenn] = await Promise.all(
    ['ash', 'fenn'].map(async (name) => {
      const account = await synapse.person(name);
      tokens.set(userId(account.userId), account.accessToken);
      return userId(account.userId);
    }),
  );
  if (ash === undefined || fenn === undefined) throw new Error('nobody there');
  const asked: string[] = [];
  const rotated: RoomId[] = [];
  const ask: MatrixRequest = (method, path, options) => {
    asked.push(`${method} ${path}`);
    return bridge.request(bot)(method, path, options);
  };
  const as: KeeperRig['as'] = async (user, method, path, body) => {
    const response = await fetch(`${synapse.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${tokens.get(user)}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as never };
  };
  return {
    synapse,
    bot,
    voice,
    ash,
    fenn,
    asked,
    rotated,
    keeper(speaker = bridge.identity(bot)) {
      const members = new RoomMembers({ askers: [ask] });
      const acts = { bot: speaker, botRequest: ask, serverName, log: () => undefined };
      const borrowed = {
        adminRequest: ask,
        requestWith: (token: Secret) => bridge.requestWith(token),
        machineClock: realClock,
      };
      const asPerson: AsPerson = (user, work) => asOther(borrowed, user, work);
      const steps = new RoomSteps({
        ...acts,
        memberships: new Memberships({
          ...acts,
          identity: (user) => bridge.identity(user),
          members,
          asPerson: adminToken && asPerson,
        }),
        members,
        aliases: new AliasRemover({
          ...acts,
          ...borrowed,
          adminToken,
          remover: bridge.identity(aliasRemoverUser(serverName)),
        }),
        cryptos: [{ membersLeft: (room) => void rotated.push(room) }],
        isOurs: (user) => user === bot || user === voice,
      });
      return new MatrixRoomKeeper({ ...acts, made: new MadeRooms(acts), steps });
    },
    botActor: bridge.identity(bot),
    ask,
    as,
    async roomOf(user, options = {}) {
      const made = await as(user, 'POST', '/_matrix/client/v3/createRoom', options);
      if (made.status !== 200) throw new Error(JSON.stringify(made.body));
      return (made.body as { room_id: RoomId }).room_id;
    },
    async close() {
      await bridge.stopListening();
      bridge.disconnect();
      await synapse.close();
    },
  };
}
