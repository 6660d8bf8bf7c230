import type { CryptoCode } from './crypto/index.ts';

const signedAnew =
  'a new device, signed by the identity that people know, takes its place; nothing is to be done for it';

/** What an operator must look at: a device or identity that clinicians trusted is gone or disputed, or a voice cannot speak. */
export const cryptoAlarms: ReadonlyMap<CryptoCode, { readonly what: string; readonly remedy: string }> = new Map([
  [
    'crypto.store_lost',
    {
      what: "the device's keys are not in the database",
      remedy: `${signedAnew}; find out who emptied the database`,
    },
  ],
  [
    'crypto.store_stale',
    {
      what: "the database came back from a backup or was set back in time: the homeserver has seen more of this voice's device",
      remedy: `${signedAnew}; what happened after that time is not in the database: tell the answering services`,
    },
  ],
  [
    'crypto.store_damaged',
    {
      what: "the device's keys in the database were changed or are incomplete",
      remedy: `${signedAnew}; look after the database's disk, then run wardroom audit fsck`,
    },
  ],
  [
    'crypto.store_foreign',
    {
      what: 'the keys in the database are of another device than the one at the homeserver',
      remedy: `${signedAnew}; make sure that no other Wardroom uses this registration`,
    },
  ],
  [
    'crypto.passphrase_wrong',
    {
      what: 'crypto.passphrase does not fit what is stored',
      remedy: 'put the right file back from the backup; nothing was changed',
    },
  ],
  [
    'crypto.device_conflict',
    {
      what: 'the homeserver holds other keys of this device',
      remedy: `${signedAnew}; was the database set back in time?`,
    },
  ],
  [
    'crypto.device_gone',
    { what: "somebody deleted the voice's device at the homeserver", remedy: `${signedAnew}; find out who did it` },
  ],
  [
    'crypto.identity_reset',
    {
      what: 'the voice has a new identity: the old one was lost, or replaced at the homeserver',
      remedy: 'people who verified the voice must do so again; find out why',
    },
  ],
  [
    'crypto.lease_lost',
    {
      what: 'the connection to the database that gives this process the right to speak is gone',
      remedy: 'it is taken again by itself; if that happens often, look at the database and the network before it',
    },
  ],
  [
    'crypto.engine_died',
    { what: 'an encryption engine ended', remedy: 'it starts again by itself; report it if it does so often' },
  ],
]);
