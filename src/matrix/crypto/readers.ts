import { type DeviceId, deviceId } from '../../kernel/ids.ts';
import type { EngineRequest } from './engineProtocol.ts';

/** Devices per user. */
export type Readers = Map<string, Set<string>>;

/** The devices that a request brings the room key to. Those that are told that they will not get it do not count. */
export function readersOf(request: EngineRequest): Readers {
  const readers: Readers = new Map();
  if (!request.path.includes('/sendToDevice/m.room.encrypted/')) return readers;
  const body = JSON.parse(request.body) as { messages?: Record<string, Record<string, unknown>> };
  for (const [user, devices] of Object.entries(body.messages ?? {})) readers.set(user, new Set(Object.keys(devices)));
  return readers;
}

export function addReaders(to: Readers, more: Readers): void {
  for (const [user, devices] of more) to.set(user, new Set([...(to.get(user) ?? []), ...devices]));
}

export const readersRecord = (readers: Readers): Record<string, readonly DeviceId[]> =>
  Object.fromEntries([...readers].map(([user, devices]) => [user, [...devices].sort().map(deviceId)]));
