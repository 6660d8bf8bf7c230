import type { DeviceId, UserId } from '../kernel/ids.ts';
import type { Message } from './ports.ts';

/** The kinds of message that carry the ticket's text. */
const carriesText = (message: Message) => message.kind === 'ticket' || message.kind === 'posted_again';

/** Who holds, on which devices, the key of a posted message with the ticket's text. */
export function textReaders(messages: readonly Message[]): ReadonlyMap<UserId, ReadonlySet<DeviceId>> {
  const readers = new Map<UserId, Set<DeviceId>>();
  for (const message of messages) {
    if (!carriesText(message) || message.state !== 'sent' || !message.readers) continue;
    for (const [user, devices] of Object.entries(message.readers)) {
      if (devices.length === 0) continue;
      const known = readers.get(user as UserId) ?? new Set<DeviceId>();
      for (const device of devices) known.add(device);
      readers.set(user as UserId, known);
    }
  }
  return readers;
}
