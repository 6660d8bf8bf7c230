import type { RoomId, UserId } from '../../src/kernel/ids.ts';
import { userId } from '../../src/kernel/ids.ts';
import { Phi } from '../../src/kernel/phi.ts';
import type { DecryptFailure, VoiceCrypto } from '../../src/matrix/crypto/index.ts';

type Keys = readonly { readonly room: RoomId; readonly sessionId: string }[];

/** A voice whose keys the test hands out. The ciphertext is the clear content as JSON. */
export class FakeCrypto implements Partial<VoiceCrypto> {
  readonly user: UserId;
  readonly deviceId = null;
  readonly has = new Set<string>();
  readonly joined: string[] = [];
  readonly left: string[] = [];
  failure: DecryptFailure = 'missing-key';
  tries = 0;
  looks = 0;
  #listeners = new Set<(keys: Keys) => void>();
  #tried: (() => void)[] = [];

  constructor(user: string) {
    this.user = userId(user);
  }

  decrypt: VoiceCrypto['decrypt'] = async (_room, event) => {
    const { content } = event as { content: { session_id: string; ciphertext: string } };
    this.tries += 1;
    for (const resolve of this.#tried.splice(0)) resolve();
    if (!this.has.has(content.session_id)) return { ok: false, error: this.failure };
    const clear = JSON.parse(content.ciphertext) as { type?: string; content: Record<string, unknown> };
    return {
      ok: true,
      value: {
        clear: { type: clear.type ?? 'm.room.message', content: new Phi(clear.content) },
        crossSigned: true,
        senderDevice: null,
        signedBy: null,
        sessionId: content.session_id,
      },
    };
  };

  /** Resolves when the next event was tried. */
  tried(): Promise<void> {
    return new Promise((resolve) => this.#tried.push(resolve));
  }

  give(room: string, sessionId: string): void {
    this.has.add(sessionId);
    for (const listener of this.#listeners) listener([{ room: room as RoomId, sessionId }]);
  }

  onRoomKeys: VoiceCrypto['onRoomKeys'] = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  lookNow: VoiceCrypto['lookNow'] = () => {
    this.looks += 1;
  };
  membersJoined: VoiceCrypto['membersJoined'] = (_room, users) => void this.joined.push(...users);
  membersLeft: VoiceCrypto['membersLeft'] = (_room, users) => void this.left.push(...users);
}
