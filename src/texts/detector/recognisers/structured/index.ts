/** The explicit list: what has a form of its own. */
import type { Recogniser } from '../../recogniser.ts';
import { account, healthPlan, record } from './account.ts';
import { card } from './card.ts';
import { coordinates } from './coordinates.ts';
import { dea } from './dea.ts';
import { device } from './device.ts';
import { email } from './email.ts';
import { handle } from './handle.ts';
import { ip } from './ip.ts';
import { knownOther } from './knownOther.ts';
import { mbi } from './mbi.ts';
import { npi } from './npi.ts';
import { number } from './number.ts';
import { phone } from './phone.ts';
import { address, place, zip } from './place.ts';
import { script } from './script.ts';
import { ssn } from './ssn.ts';
import { url } from './url.ts';
import { plate, vin } from './vinAndPlate.ts';

export const structuredRecognisers: readonly Recogniser[] = [
  ssn,
  npi,
  mbi,
  card,
  phone,
  email,
  url,
  ip,
  zip,
  address,
  place,
  coordinates,
  record,
  healthPlan,
  account,
  number,
  vin,
  plate,
  dea,
  device,
  handle,
  knownOther,
  script,
];
