/** What commands about people's accounts and devices have in common. */
import type { ShownDevice } from '../flows/accounts/deviceDesk.ts';
import type { Piece } from './render.ts';
import { minuteOf } from './times.ts';

/** Of a service in front of the homeserver, what has to be done there (Matrix Authentication Service, "Admin API" and `mas-cli manage`). */
const AT_MAS =
  'There: `mas-cli manage kill-sessions USER` ends every session, `mas-cli manage lock-user USER` locks the account; single sessions end by its admin API ' +
  '(POST /api/admin/v1/oauth2-sessions/ID/finish, or compat-sessions). Wardroom hears of the deleted device by itself and gives it no key from then on.';

export const loginReasons: Readonly<Record<string, string>> = {
  'not-ours':
    'Devices and accounts of this person belong to the homeserver of their own organisation, over which Wardroom has no power. Ask that organisation ' +
    '(`partner list` names the contact). What you can do here: `role revoke`, which takes the person out of rooms, and changes their keys.',
  'is-wardroom': 'That is Wardroom itself. Its devices are kept by Wardroom; `doctor` says how they are.',
  'not-server-admin':
    'Wardroom is no server administrator of the homeserver, which this takes. Say `doctor`: it shows the one call that makes it one, or asks for the token of one. Until then the ' +
    'homeserver’s own administrators have to do it.',
  'admin-api-missing':
    'The homeserver does not serve its admin API to Wardroom: let the listener, or the proxy in front of it, pass /_synapse/admin on. `doctor` says where.',
  'sign-in-delegated': `People sign in at an authentication service in front of the homeserver: sessions and accounts are that service’s, and what was deleted here would come back with the next request. ${AT_MAS}`,
  'no-such-user': 'There is no such account at this homeserver.',
  'no-such-device':
    'This person has no such device. `device list` shows what there is; what is deleted already is not in it.',
  'for-yourself': 'Nobody locks themselves out. Another administrator has to.',
  'last-admin': 'Nobody else is administrator: nobody could let them in again. Give the role to somebody else first.',
  'locked-already': 'The account is locked already.',
  deactivated: 'The account is deactivated: nobody signs in with it any more, and it cannot be unlocked.',
  'no-such-successor':
    'Nobody whom schedules can call: name somebody else of `people` in dispatch.yaml who has not left, by Matrix id.',
  'homeserver-error': 'The homeserver did not do it. Say it again: what is done already stays done.',
  'homeserver-timeout': 'The homeserver did not answer in time. Say it again: what is done already stays done.',
  'homeserver-unreachable':
    'The homeserver does not answer. Say it again when it does: what is done already stays done.',
  'homeserver-unclear': 'What answered was not clearly the homeserver. Say it again; `doctor` may know more.',
  'rate-limited': 'The homeserver asked to wait. Say it again in a moment.',
};

const TRUST: Readonly<Record<ShownDevice['trust'], string>> = {
  verified: 'verified: signed by its owner',
  unsigned: 'UNSIGNED: gets no keys, unless so configured',
  'no-keys': 'cannot encrypt',
  waiting: 'keys that wait for a device to come',
};

export const devicesTable = (devices: readonly ShownDevice[]): Piece => ({
  head: ['Device', 'Name', 'Last seen', 'Trust', 'Client'],
  rows: devices.map((one) => [
    `\`${one.device_id}\``,
    one.display_name ?? '',
    one.last_seen === null ? 'not known' : minuteOf(one.last_seen),
    TRUST[one.trust],
    one.client ?? '',
  ]),
});

const UNREACHED: Readonly<Record<string, string>> = {
  downloaded:
    'what its client has downloaded, until it next reaches the homeserver: then it logs out and, as clients do, drops its data',
  offline: 'a phone that stays offline: nothing tells it; whoever unlocks it reads what is stored on it',
  'key-backup':
    'the key backup: who has the recovery key opens it from any device the person’s password lets in. If the phone may be open to somebody: change the password, ' +
    'reset identity and backup',
  notifications: 'notifications already shown on its screen; new ones end with the session',
  'other-clients':
    'what other people’s clients say: each begins a new key when it hears that the device is gone; Wardroom’s own next message has one already',
};

export const unreachedLines = (codes: unknown): readonly string[] =>
  (Array.isArray(codes) ? codes : []).map((code) => `- ${UNREACHED[String(code)] ?? String(code)}`);
