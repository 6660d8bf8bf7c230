/** The end-to-end encryption door: the only file of this folder that others import. */
export { inspectStore, type StoreInspection } from './inspectStore.ts';
export type {
  CryptoCode,
  CryptoSettings,
  Decrypted,
  DecryptFailure,
  VoiceCrypto,
  VoiceCryptoOptions,
} from './types.ts';
export { createVoiceCrypto } from './voiceCrypto.ts';
export { passphraseOpens } from './voiceKeys.ts';
export { epochAtHomeserver } from './witness.ts';
