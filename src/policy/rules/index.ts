/** The explicit list: a rule is one file and one line here. */
import type { Rule } from '../rule.ts';
import { commandRole } from './commandRole.ts';
import { covered } from './covered.ts';
import { emergency } from './emergency.ts';
import { encryptedOnly } from './encryptedOnly.ts';
import { excludedRole } from './excludedRole.ts';
import { grantable } from './grantable.ts';
import { inviter } from './inviter.ts';
import { knownClass } from './knownClass.ts';
import { knownUser } from './knownUser.ts';
import { memberRole } from './memberRole.ts';
import { partnerAgreement } from './partnerAgreement.ts';
import { posting } from './posting.ts';
import { recallWindow } from './recallWindow.ts';
import { roomName } from './roomName.ts';
import { roomRoles } from './roomRoles.ts';
import { termsAccepted } from './termsAccepted.ts';
import { trained } from './trained.ts';

export const rules: readonly Rule[] = [
  knownClass,
  knownUser,
  memberRole,
  excludedRole,
  partnerAgreement,
  inviter,
  encryptedOnly,
  posting,
  recallWindow,
  roomName,
  roomRoles,
  trained,
  termsAccepted,
  covered,
  grantable,
  commandRole,
  emergency,
];
