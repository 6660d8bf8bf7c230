import { createPublicKey, verify } from 'node:crypto';
import { canonicalBytes } from '../../audit/commitment.ts';
import type { UserId } from '../../kernel/ids.ts';
import { type Check, type Finding, fault, warning, well } from './finding.ts';
import { type ShownKeys, VoiceStores } from './voiceStore.ts';

interface Keys {
  readonly device_keys?: Record<string, Record<string, SignedKey>>;
  readonly self_signing_keys?: Record<string, SignedKey>;
  readonly master_keys?: Record<string, SignedKey>;
}
interface SignedKey {
  readonly keys?: Record<string, string>;
  readonly signatures?: Record<string, Record<string, string>>;
  readonly [key: string]: unknown;
}

/**
 * Every voice's device is at the homeserver, its keys are those of the crypto store, and the voice's cross-signing identity has
 * signed it (MSC4153).
 */
export const voiceDevices: Check = async (patient) => {
  const { database, asUser, voices, botUser, place } = patient;
  if (database === null || asUser === null || database.schema < database.expectedSchema) return [];
  const findings: Finding[] = [];
  let waiting = 0;
  const stores = new VoiceStores(patient);
  for (const voice of [botUser, ...voices]) {
    const row = database.voices.find((one) => one.voice === voice);
    if (!row?.deviceId || !row.ready) {
      waiting += 1;
      continue;
    }
    const answer = await asUser(voice)('POST', '/_matrix/client/v3/keys/query', {
      body: { device_keys: { [voice]: [] } },
    }).catch(() => null);
    if (answer?.status !== 200) {
      const why = answer === null ? 'no answer' : `status ${answer.status}`;
      findings.push(
        fault('voices', `the keys of ${voice} cannot be asked for (${why})`, 'mend the registration first'),
      );
      continue;
    }
    const problem = problemOf(answer.body as Keys, voice, row.deviceId);
    const inStore =
      problem === null ? await stores.problemOf(voice, shownKeys(answer.body as Keys, voice, row.deviceId)) : null;
    if (inStore !== null) findings.push(inStore);
    if (problem !== null)
      findings.push(
        fault(
          'voices',
          `${voice}: ${problem}`,
          'restart Wardroom: it makes a new device, signed by the identity that people know',
        ),
      );
  }
  const strangers = database.voices.filter(({ voice }) => voice !== botUser && !voices.includes(voice as UserId));
  if (strangers.length > 0)
    findings.push(
      warning(
        'voices-other',
        `the database has voices that this configuration does not name: ${strangers.map(({ voice }) => voice).join(', ')}`,
        `a service was removed, or this is another installation's database: ${place('services')}, ${place('homeserver.server_name')}`,
      ),
    );
  if (findings.some(({ severity }) => severity === 'error')) return findings;
  const what =
    waiting > 0 ? `${waiting} voices get their device at the next start` : 'every voice has its signed device';
  return [...findings, well('voices', what)];
};

function shownKeys(answer: Keys, voice: UserId, deviceId: string): ShownKeys {
  const keys = answer.device_keys?.[voice]?.[deviceId]?.keys;
  return {
    ed25519: keys?.[`ed25519:${deviceId}`],
    curve25519: keys?.[`curve25519:${deviceId}`],
    masterKey: Object.values(answer.master_keys?.[voice]?.keys ?? {})[0],
  };
}

function problemOf(answer: Keys, voice: UserId, deviceId: string): string | null {
  const device = answer.device_keys?.[voice]?.[deviceId];
  if (!device) return `its device ${deviceId} is not at the homeserver`;
  const [keyId, key] = Object.entries(answer.self_signing_keys?.[voice]?.keys ?? {})[0] ?? [];
  if (!keyId || !key) return 'it has no cross-signing identity';
  const signature = device.signatures?.[voice]?.[keyId];
  if (!signature || !isSignedBy(device, key, signature)) return `its device ${deviceId} is not signed by its identity`;
  return null;
}

/** Matrix specification, "Signing JSON". */
function isSignedBy(object: SignedKey, key: string, signature: string): boolean {
  const { signatures: _signatures, unsigned: _unsigned, ...signed } = object;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key, 'base64').toString('base64url') };
  try {
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    return verify(null, canonicalBytes(signed), publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}
