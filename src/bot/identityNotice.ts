import { createHash } from 'node:crypto';
import type { Administrator, AdministratorNotices } from '../flows/administratorsPort.ts';
import type { ControlRoom } from '../flows/commandsPort.ts';
import type { UserId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import { ok } from '../kernel/result.ts';
import { fingerprint } from './fingerprint.ts';
import { notice } from './render.ts';

/** Tells the control room of an administrator's identity, and the others how to confirm it. */
export const identityNotices = (room: ControlRoom): AdministratorNotices => ({
  async post(administrator, others) {
    // Keys are not given later: a message that nobody can open when it is sent is never read.
    if ((await room.readers(others)).length === 0) return ok(null);
    const { userId, masterKey, pinnedAt } = administrator;
    const id = createHash('sha256')
      .update(JSON.stringify([userId, masterKey, pinnedAt]))
      .digest('hex')
      .slice(0, 32);
    return room.post(`wr.admin.${id}`, content(administrator, others));
  },
});

function content(administrator: Administrator, others: readonly UserId[]): Phi<Record<string, unknown>> {
  const { userId, masterKey, state, previousKey } = administrator;
  const what =
    state === 'changed'
      ? [
          `The identity of administrator ${userId} CHANGED. Their commands are suspended. If they did not reset it themselves, somebody else did.`,
          ...(previousKey === null ? [] : [`It was: \`${fingerprint(previousKey)}\``]),
        ]
      : [`The identity of administrator ${userId} was seen for the first time and is pinned.`];
  return new Phi({
    ...notice([
      ...what,
      `Fingerprint (cross-signing master key): \`${fingerprint(masterKey)}\``,
      `Another administrator meets or rings ${userId}, who reads it from their own client (README, "The first two administrators"); never take it from this message alone. If all of it is the same:`,
      `\`!wr admin confirm ${userId} FINGERPRINT\` with the first four groups as they were read to you, or more.`,
    ]),
    // They have something to do.
    'm.mentions': { user_ids: [...others] },
    'org.wardroom.administrator': {
      user_id: userId,
      state,
      fingerprint: masterKey,
      ...(previousKey === null ? {} : { previous: previousKey }),
    },
  });
}
