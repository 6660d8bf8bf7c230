/** The explicit list: a rule is one file and one line here. */
import type { GateRule } from '../gateRule.ts';
import { approvedTemplate } from './approvedTemplate.ts';
import { contact } from './contact.ts';
import { length } from './length.ts';
import { otherPerson } from './otherPerson.ts';
import { practiceAllows } from './practiceAllows.ts';
import { readable } from './readable.ts';
import { riskNotice } from './riskNotice.ts';
import { scope } from './scope.ts';
import { secondPerson } from './secondPerson.ts';
import { sender } from './sender.ts';
import { sensitive } from './sensitive.ts';
import { staffPhones } from './staffPhones.ts';
import { unreadable } from './unreadable.ts';

export const gateRules: readonly GateRule[] = [
  sender,
  approvedTemplate,
  readable,
  sensitive,
  contact,
  scope,
  practiceAllows,
  riskNotice,
  staffPhones,
  otherPerson,
  unreadable,
  secondPerson,
  length,
];
