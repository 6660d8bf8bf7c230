import type { CryptoLease, CryptoStore } from '../flows/cryptoPort.ts';
import { err, ok } from '../kernel/result.ts';
import { VoiceLease } from './cryptoLease.ts';
import { takeSessionLock } from './sessionLock.ts';

/**
 * The crypto store in PostgreSQL. Each voice has a connection of its own, which holds a session advisory lock on the voice and
 * carries all its writes: a process that lost the lock has lost the connection, and with it the ability to write.
 * The connection must reach the server directly or through a pooler in session mode.
 */
export function createCryptoStore(url: string): CryptoStore {
  return {
    async acquire(voice, options = {}) {
      const { wait = false, signal } = options;
      const taken = await takeSessionLock({
        url,
        name: `wardroom.crypto ${voice}`,
        session: 'wardroom-crypto',
        wait,
        signal,
      });
      if (!taken.ok) return taken;
      const lock = taken.value;
      try {
        await lock.client.query('INSERT INTO wardroom.crypto_voice (voice) VALUES ($1) ON CONFLICT DO NOTHING', [
          voice,
        ]);
        return ok<CryptoLease>(new VoiceLease(voice, lock));
      } catch {
        lock.giveUp();
        return err('unavailable');
      }
    },
  };
}
