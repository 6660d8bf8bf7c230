import * as rust from '@matrix-org/matrix-sdk-crypto-wasm';
import type { DurableIndexedDb } from './durableIndexedDb.ts';

/** Where matrix-sdk-crypto-wasm 18.9.0 keeps the sessions that open events. A test finds out when an upgrade moves them. */
const INBOUND_SESSIONS = 'inbound_group_sessions3';

/**
 * Destroys the key of one inbound Megolm session; whether it was there. The engine has no call for it, and its store knows the record by a keyed hash
 * only. So the engine is asked about an event of the session, which makes it look the record up, and the record that it asked for is deleted.
 * Throws when the engine did not look, or still knows the session afterwards: then nobody may believe that the key is gone.
 */
export async function eraseSession(
  machine: rust.OlmMachine,
  database: DurableIndexedDb,
  room: string,
  sessionId: string,
): Promise<boolean> {
  const { asked, erased } = await database.erase(INBOUND_SESSIONS, () => isKnown(machine, room, sessionId));
  if (asked === 0) throw new Error('the engine did not look the session up');
  if (erased > 0 && (await isKnown(machine, room, sessionId))) throw new Error('the session is still known');
  return erased > 0;
}

/** Tells nothing apart but whether there is a key: what the event says is no ciphertext of anybody's. */
const isKnown = (machine: rust.OlmMachine, room: string, sessionId: string): Promise<boolean> =>
  machine.getRoomEventEncryptionInfo(JSON.stringify(eventOf(sessionId)), new rust.RoomId(room)).then(
    () => true,
    () => false,
  );

const eventOf = (sessionId: string) => ({
  type: 'm.room.encrypted',
  event_id: '$none',
  sender: '@nobody:invalid',
  origin_server_ts: 0,
  content: { algorithm: 'm.megolm.v1.aes-sha2', session_id: sessionId, ciphertext: EMPTY_MESSAGE },
});

const MAC_BYTES = 8;
const SIGNATURE_BYTES = 64;
/** Well formed, and of nothing: version 3, message index 0, a ciphertext of no bytes, and what would sign it (Matrix specification, "Megolm", "Message format"). */
const EMPTY_MESSAGE = Buffer.from([3, 0x08, 0, 0x12, 0, ...new Uint8Array(MAC_BYTES + SIGNATURE_BYTES)])
  .toString('base64')
  .replaceAll('=', '');
