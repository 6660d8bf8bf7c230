export { epochAtHomeserver, passphraseOpens } from './crypto/index.ts';
export { HomeserverClient } from './homeserverClient.ts';
export type { MatrixRequest } from './matrixRequest.ts';
export type {
  MatrixMetrics,
  MatrixOptions,
  MatrixReadiness,
  RoomsByPurpose,
  RunningMatrix,
} from './options.ts';
export { findRooms } from './roomFinder.ts';
export { purposeKey } from './roomRecipe.ts';
export { signInOf } from './signIn.ts';
export { startMatrix } from './start.ts';
export { lineVoice, voiceUser } from './voices.ts';
