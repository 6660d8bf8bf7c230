import 'fake-indexeddb/auto';
import * as rust from '@matrix-org/matrix-sdk-crypto-wasm';
import { type Commit, type DurableIndexedDb, openDurableIndexedDb } from './durableIndexedDb.ts';
import type { EngineCalls, EngineDecrypted, EngineFailure, FromWorker } from './engineProtocol.ts';
import { type OutgoingRequest, signingKeysUpload, toEngineRequest } from './engineRequests.ts';
import { ReadWriteLock } from './readWriteLock.ts';
import { eraseSession } from './sessionEraser.ts';

/** The calls as the worker runs them: the same, but asynchronous. */
type Running = {
  readonly [Name in keyof EngineCalls]: (
    ...argument: Parameters<EngineCalls[Name]>
  ) => Promise<ReturnType<EngineCalls[Name]>>;
};

export class EngineError extends Error {
  readonly code: EngineFailure;
  constructor(code: EngineFailure) {
    super(code);
    this.code = code;
  }
}

/**
 * A message index used twice with one key would give both messages away. So an outbound session is never stored, nor taken from a
 * store that has one: another start of the engine, from whatever store, has to begin another. It also spares a commit for each message
 * of a record that grows with the room's members.
 */
const momentaryStores = ['outbound_group_sessions'];

const users = (ids: readonly string[]): rust.UserId[] => ids.map((id) => new rust.UserId(id));

/** The calls on one machine. Text of errors stays here: it may quote what was being encrypted. */
export function engineCalls(commit: Commit, post: (message: FromWorker) => void): Running {
  let machine: rust.OlmMachine | null = null;
  let database: DurableIndexedDb | null = null;
  let self = { user: '', device: '' };
  // A sync commits everything it changed at once, so nothing else may run meanwhile.
  const lock = new ReadWriteLock();
  // What the engine tells while a sync runs is not durable yet.
  let heldBack: FromWorker[] | null = null;
  const tell = (message: FromWorker): void => {
    if (heldBack === null) post(message);
    else heldBack.push(message);
  };

  const opened = (): rust.OlmMachine => {
    if (machine === null) throw new EngineError('engine');
    return machine;
  };
  const shared = <T>(work: (machine: rust.OlmMachine) => Promise<T>): Promise<T> => lock.shared(() => work(opened()));

  return {
    open: ({ user, device, key, databases }) =>
      lock.exclusive(async () => {
        await rust.initAsync();
        database = await openDurableIndexedDb(databases, commit, momentaryStores);
        const store = await rust.StoreHandle.openWithKey('wardroom', key).catch(() => {
          throw new EngineError('wrong-key');
        });
        machine = await rust.OlmMachine.initFromStore(new rust.UserId(user), new rust.DeviceId(device), store);
        self = { user, device };
        machine.roomKeyRequestsEnabled = false;
        machine.roomKeyForwardingEnabled = false;
        machine.registerRoomKeyUpdatedCallback(async (keys) =>
          tell({
            kind: 'roomKeys',
            keys: keys.map((info) => ({ room: info.roomId.toString(), sessionId: info.sessionId })),
          }),
        );
        machine.registerDevicesUpdatedCallback(async (ids) => tell({ kind: 'devices', users: ids }));
        // A new identity can sign or unsign devices that stay the same.
        machine.registerUserIdentityUpdatedCallback(async (id) => tell({ kind: 'devices', users: [id.toString()] }));
      }),

    outgoing: () =>
      shared(async (m) => ((await m.outgoingRequests()) as OutgoingRequest[]).flatMap((r) => toEngineRequest(r) ?? [])),
    markSent: ({ id, type, response }) =>
      shared(async (m) => {
        await m.markRequestAsSent(id, type, response);
      }),
    trackUsers: (ids) => shared((m) => m.updateTrackedUsers(users(ids))),
    devicesChanged: (ids) =>
      shared(async (m) => {
        // The variant in which missing key counts mean "unchanged".
        await m.receiveSyncChangesMsc4186('[]', new rust.DeviceLists(users(ids)), new Map());
      }),
    allDevicesChanged: () => shared((m) => m.markAllTrackedUsersAsDirty()),
    missingSessions: (ids) =>
      shared(async (m) => {
        const request = await m.getMissingSessions(users(ids));
        return request ? toEngineRequest(request) : null;
      }),
    shareRoomKey: ({ room, users: ids, rotation }) =>
      shared(async (m) => {
        const settings = new rust.EncryptionSettings();
        settings.rotationPeriodMessages = BigInt(rotation.messages);
        // The binding counts microseconds, `m.room.encryption` milliseconds.
        settings.rotationPeriod = BigInt(rotation.ms) * 1000n;
        settings.historyVisibility = rust.HistoryVisibility.Joined;
        settings.sharingStrategy =
          rotation.devices === 'all' ? rust.CollectStrategy.allDevices() : rust.CollectStrategy.identityBasedStrategy();
        const requests = await m.shareRoomKey(new rust.RoomId(room), users(ids), settings);
        return requests.flatMap((r) => toEngineRequest(r) ?? []);
      }),
    invalidate: (room) =>
      shared(async (m) => {
        await m.invalidateGroupSession(new rust.RoomId(room));
      }),
    encrypt: ({ room, type, content }) => shared((m) => m.encryptRoomEvent(new rust.RoomId(room), type, content)),
    decrypt: ({ room, event }) => shared((m) => decrypt(m, room, event)),
    forgetSessions: ({ room, sessionIds }) =>
      lock.exclusive(async () => {
        if (database === null) throw new EngineError('engine');
        let forgotten = 0;
        for (const id of sessionIds) if (await eraseSession(opened(), database, room, id)) forgotten += 1;
        return forgotten;
      }),
    devices: (ids) =>
      shared((m) =>
        Promise.all(
          ids.map(async (id) => {
            const list = await m.getUserDevices(new rust.UserId(id));
            const devices = list
              .devices()
              .filter((device) => !device.isDeleted() && !device.isBlacklisted() && !device.isDehydrated)
              .map((device) => ({ id: device.deviceId.toString(), crossSigned: device.isCrossSignedByOwner() }));
            return [id, devices] as const;
          }),
        ),
      ),
    identities: (ids) => shared((m) => Promise.all(ids.map(async (id) => [id, await masterKeyOf(m, id)] as const))),
    sync: ({ toDevice, changed, left, oneTimeKeyCounts, fallbackKeys, syncToken }) =>
      lock.exclusive(async () => {
        heldBack = [];
        try {
          await database?.together(syncToken, async () => {
            const lists = new rust.DeviceLists(users(changed), users(left));
            const fallback = fallbackKeys === null ? undefined : new Set(fallbackKeys);
            await opened().receiveSyncChanges(toDevice, lists, new Map(oneTimeKeyCounts), fallback);
          });
        } finally {
          const told = heldBack ?? [];
          heldBack = null;
          told.forEach(post);
        }
      }),

    bootstrapIdentity: (reset) =>
      shared(async (m) => {
        const requests = await m.bootstrapCrossSigning(reset);
        const upload = requests.uploadKeysRequest as OutgoingRequest | undefined;
        return [
          ...(upload === undefined ? [] : [toEngineRequest(upload)]),
          signingKeysUpload(requests.uploadSigningKeysRequest.body),
          toEngineRequest(requests.uploadSignaturesRequest),
        ].filter((request) => request !== null);
      }),
    ownKeys: () =>
      shared(async (m) => ({
        ed25519: m.identityKeys.ed25519.toBase64(),
        curve25519: m.identityKeys.curve25519.toBase64(),
      })),
    exportIdentity: () =>
      shared(async (m) => {
        const keys = await m.exportCrossSigningKeys();
        if (!keys?.masterKey || !keys.self_signing_key || !keys.userSigningKey) return null;
        return { master: keys.masterKey, selfSigning: keys.self_signing_key, userSigning: keys.userSigningKey };
      }),
    importIdentity: (keys) =>
      shared(async (m) => {
        try {
          const status = await m.importCrossSigningKeys(keys.master, keys.selfSigning, keys.userSigning);
          return status.hasMaster && status.hasSelfSigning && status.hasUserSigning;
        } catch {
          return false;
        }
      }),
    signOwnDevice: () =>
      shared(async (m) => {
        const device = await m.getDevice(new rust.UserId(self.user), new rust.DeviceId(self.device));
        const request = device && toEngineRequest(await device.verify());
        if (!request) throw new EngineError('engine');
        return request;
      }),
    ownIdentity: () =>
      shared(async (m) => {
        const identity = await m.getIdentity(new rust.UserId(self.user));
        if (!(identity instanceof rust.OwnUserIdentity)) return 'none';
        return identity.isVerified() && (await identity.trustsOurOwnDevice()) ? 'signs-us' : 'foreign';
      }),
    panic: () =>
      shared(async (m) => {
        await m.encryptRoomEvent(new rust.RoomId('!never-shared'), 'm.room.message', '{}');
      }),
  };
}

async function decrypt(machine: rust.OlmMachine, room: string, event: string): Promise<EngineDecrypted> {
  const settings = new rust.DecryptionSettings(rust.TrustRequirement.Untrusted);
  try {
    const decrypted = await machine.decryptRoomEvent(event, new rust.RoomId(room), settings);
    const shield = decrypted.shieldState(false);
    if (shield.code === rust.ShieldStateCode.MismatchedSender) return { kind: 'refused' };
    const unknown =
      shield.code === rust.ShieldStateCode.UnknownDevice ||
      shield.code === rust.ShieldStateCode.AuthenticityNotGuaranteed;
    return {
      kind: 'clear',
      event: decrypted.event,
      shield: shield.color === rust.ShieldColor.None ? 'none' : unknown ? 'unknown-device' : 'other',
      senderDevice: decrypted.senderDevice?.toString() ?? null,
      signedBy: await signerOf(machine, decrypted),
    };
  } catch (error) {
    if (!(error instanceof rust.MegolmDecryptionError)) throw error;
    const late =
      error.code === rust.DecryptionErrorCode.MissingRoomKey ||
      error.code === rust.DecryptionErrorCode.UnknownMessageIndex;
    if (!late) return { kind: 'refused' };
    return { kind: error.withheldCode === undefined ? 'missing-key' : 'withheld' };
  }
}

/**
 * Judged by the device and identity as they are known now, not by what the session remembers of them: a device that was signed
 * by an identity which was replaced since counts no more.
 */
async function signerOf(machine: rust.OlmMachine, event: rust.DecryptedRoomEvent): Promise<string | null> {
  const { sender, senderDevice, senderCurve25519Key } = event;
  if (senderDevice === undefined) return null;
  const id = sender.toString();
  const device = await machine.getDevice(sender, senderDevice);
  if (device === undefined || device.isDeleted() || !device.isCrossSignedByOwner()) return null;
  if (device.curve25519Key?.toBase64() !== senderCurve25519Key) return null;
  return masterKeyOf(machine, id);
}

async function masterKeyOf(machine: rust.OlmMachine, user: string): Promise<string | null> {
  const identity = await machine.getIdentity(new rust.UserId(user));
  if (identity === undefined) return null;
  const { keys } = JSON.parse(identity.masterKey) as { keys?: Record<string, string> };
  return Object.values(keys ?? {})[0] ?? null;
}
