import type { ClinicianCommand } from '../clinicianCommand.ts';
import { accept } from './accept.ts';
import { ack } from './ack.ts';
import { breakglass } from './breakglass.ts';
import { consent } from './consent.ts';
import { done } from './done.ts';
import { onCall } from './onCall.ts';
import { pass } from './pass.ts';
import { patient } from './patient.ts';
import { recall } from './recall.ts';
import { send } from './send.ts';
import { tickets } from './tickets.ts';

/** Every command of clinicians. */
export const clinicianCommands: readonly ClinicianCommand[] = [
  ack,
  pass,
  done,
  recall,
  accept,
  tickets,
  onCall,
  breakglass,
  patient,
  send,
  consent,
];
