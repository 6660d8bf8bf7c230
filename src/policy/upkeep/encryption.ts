import { demand, type Upkeep } from '../upkeepRule.ts';
import { durationMs } from '../values.ts';

/** Encrypted, with keys that change as often as the class says. */
export const encryption: Upkeep = {
  name: 'encryption',
  regulation: '45 CFR 164.312(a)(2)(iv), (e)(2)(ii)',
  look: ({ room, roomClass }) =>
    demand(
      room,
      'm.room.encryption',
      {
        algorithm: 'm.megolm.v1.aes-sha2',
        rotation_period_ms: durationMs(roomClass.encryption.period),
        rotation_period_msgs: roomClass.encryption.messages,
      },
      room.event('m.room.encryption') === null ? 'unencrypted' : 'encryption-settings',
    ),
};
