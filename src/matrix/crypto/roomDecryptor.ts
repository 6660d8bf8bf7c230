import type { CryptoLease } from '../../flows/cryptoPort.ts';
import { deviceId, masterKey, type RoomId } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Courier } from './courier.ts';
import { DeviceUnusable } from './courier.ts';
import { type Engine, EngineDied, EngineFailed } from './engine.ts';
import type { EngineDecrypted } from './engineProtocol.ts';
import { messageIndex } from './messageIndex.ts';
import type { Decrypted, DecryptFailure } from './types.ts';

interface EncryptedEvent {
  readonly event_id: string;
  readonly sender: string;
  readonly content: { readonly session_id: string; readonly ciphertext: string };
}

/** Opens room events with one engine. */
export class RoomDecryptor {
  readonly #engine: Engine;
  readonly #courier: Courier;
  readonly #lease: CryptoLease;

  constructor(engine: Engine, courier: Courier, lease: CryptoLease) {
    this.#engine = engine;
    this.#courier = courier;
    this.#lease = lease;
  }

  /** Rejects with EngineDied. */
  async decrypt(room: RoomId, event: object): Promise<Result<Decrypted, DecryptFailure>> {
    if (!isEncryptedEvent(event)) return err('refused');
    const { session_id: sessionId, ciphertext } = event.content;
    const index = messageIndex(ciphertext);
    if (index === null) return err('refused');
    const opened = await this.#open(room, event).catch((error: unknown): EngineDecrypted => {
      if (error instanceof EngineFailed) return { kind: 'refused' };
      throw error;
    });
    if (opened.kind !== 'clear') return err(opened.kind);
    if (await this.#isReplay(`${room} ${sessionId}`, index, event.event_id)) return err('replayed');
    const clear = JSON.parse(opened.event) as { type?: unknown; content?: unknown };
    if (typeof clear.type !== 'string' || typeof clear.content !== 'object' || clear.content === null)
      return err('refused');
    return ok({
      clear: { type: clear.type, content: new Phi(clear.content as Record<string, unknown>) },
      crossSigned: opened.shield === 'none',
      senderDevice: opened.senderDevice === null ? null : deviceId(opened.senderDevice),
      signedBy: opened.signedBy === null ? null : masterKey(opened.signedBy),
      sessionId,
    });
  }

  /** An event from a device that is unknown or unsigned is judged again after asking: what we know of its owner may be old. */
  async #open(room: RoomId, event: EncryptedEvent): Promise<EngineDecrypted> {
    const message = { room, event: JSON.stringify(event) };
    const first = await this.#engine.call('decrypt', message);
    if (first.kind !== 'clear' || (first.shield === 'none' && first.signedBy !== null)) return first;
    try {
      await this.#engine.call('trackUsers', [event.sender]);
      await this.#engine.call('devicesChanged', [event.sender]);
      await this.#courier.drain();
    } catch (error) {
      if (error instanceof EngineDied || error instanceof DeviceUnusable) throw new EngineDied();
      return first;
    }
    return this.#engine.call('decrypt', message);
  }

  async #isReplay(session: string, index: number, event: string): Promise<boolean> {
    try {
      return await this.#lease.isReplay({ session, index, event });
    } catch {
      throw new EngineDied();
    }
  }
}

function isEncryptedEvent(event: object): event is EncryptedEvent {
  const { event_id, sender, content } = event as Record<string, unknown>;
  if (typeof event_id !== 'string' || typeof sender !== 'string' || typeof content !== 'object' || content === null)
    return false;
  const { session_id, ciphertext, algorithm } = content as Record<string, unknown>;
  return algorithm === 'm.megolm.v1.aes-sha2' && typeof session_id === 'string' && typeof ciphertext === 'string';
}
