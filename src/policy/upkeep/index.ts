/** The explicit list: a part of a room that is kept is one file and one line here. */
import type { Upkeep } from '../upkeepRule.ts';
import { aliases } from './aliases.ts';
import { encryption } from './encryption.ts';
import { guestAccess } from './guestAccess.ts';
import { historyVisibility } from './historyVisibility.ts';
import { intruders } from './intruders.ts';
import { joinRules } from './joinRules.ts';
import { naming } from './naming.ts';
import { people } from './people.ts';
import { powerLevels } from './powerLevels.ts';
import { retention } from './retention.ts';
import { serverAcl } from './serverAcl.ts';
import { upgrade } from './upgrade.ts';
import { voices } from './voices.ts';

export const upkeep: readonly Upkeep[] = [
  powerLevels,
  encryption,
  joinRules,
  historyVisibility,
  guestAccess,
  serverAcl,
  naming,
  aliases,
  intruders,
  retention,
  people,
  voices,
  upgrade,
];
