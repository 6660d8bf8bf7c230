import { signInOf } from '../../matrix/index.ts';
import { type Check, warning, well } from './finding.ts';

/** Who signs people in, and so who can end a session or an account. */
export const signIn: Check = async ({ asUser, botUser }) => {
  if (asUser === null) return [];
  const found = await signInOf(asUser(botUser));
  // That it does not answer is said by another check.
  if (!found.ok) return [];
  switch (found.value) {
    case 'homeserver':
      return [
        well('sign-in', 'the homeserver itself signs people in: their devices and accounts can be ended by command'),
      ];
    case 'identity-provider':
      return [
        warning(
          'sign-in',
          'people sign in by an identity provider: a device that is wiped signs in again while its session there lasts',
          'when a phone is lost or somebody leaves, end the session at the identity provider, too (docs/lost-phone.md)',
        ),
      ];
    case 'delegated':
      return [
        warning(
          'sign-in',
          'people sign in at an authentication service in front of the homeserver (MAS): Wardroom cannot delete devices, lock accounts or finish an offboarding',
          'do these there: mas-cli manage kill-sessions, mas-cli manage lock-user, or its admin API (docs/lost-phone.md, "Behind an authentication service")',
        ),
      ];
  }
};
