/** The end-to-end encryption door: the only file of this folder that others import. */
export type {
  CryptoCode,
  CryptoSettings,
  Decrypted,
  DecryptFailure,
  VoiceCrypto,
  VoiceCryptoOptions,
} from './types.ts';
export { createVoiceCrypto } from './voiceCrypto.ts';
