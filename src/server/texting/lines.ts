import { carrierName } from '../../flows/texting/carrierPort.ts';
import type { PhonePerson, TextLine } from '../../flows/texting/textingFlow.ts';
import { lineName } from '../../flows/texting/textsPort.ts';
import type { Clock } from '../../kernel/clock.ts';
import { accountId, type PhoneNumber, personKey, phoneNumber, type UserId, userId } from '../../kernel/ids.ts';
import { samePhone } from '../../kernel/phone.ts';
import type { Dispatch } from '../../tickets/dispatchSchema.ts';
import type { Directory } from '../../tickets/ticket.ts';
import type { CarrierSettings, Config, LineSettings } from '../config/index.ts';

/** Kinds that reach telephones of the United States' carriers, which want a registered campaign. */
const REGISTERED: ReadonlySet<CarrierSettings['kind']> = new Set(['twilio', 'telnyx', 'smpp']);
const DAY_MS = 86_400_000;

/** The lines that are configured. */
export const linesOf = ({ texting }: Pick<Config, 'texting'>, clock: Clock): readonly TextLine[] =>
  Object.entries(texting.lines).map(([name, line]) => ({
    name: lineName(name),
    number: phoneNumber(line.number),
    carrier: carrierName(line.carrier),
    practice: line.practice,
    callBack: phoneNumber(line.call_back),
    timeZone: line.time_zone,
    accounts: line.accounts.map(accountId),
    barred: () => barOf(line, texting.carriers[line.carrier], clock.now()),
  }));

/** Why nothing may leave by a line now; null: it may (45 CFR 164.308(b)(1); law.md 6). */
export function barOf(line: LineSettings, carrier: CarrierSettings | undefined, now: number): string | null {
  if (carrier === undefined) return 'carrier-gone';
  // The telephone on the page is the hospital's own.
  if (carrier.kind === 'local') return null;
  const { agreement } = carrier;
  if (agreement === undefined) return 'no-agreement';
  if (now < Date.parse(agreement.from)) return 'agreement-not-begun';
  if (now >= Date.parse(agreement.until) + DAY_MS) return 'agreement-ended';
  if (REGISTERED.has(carrier.kind) && line.campaign?.status !== 'ACTIVE') return 'campaign-not-active';
  return null;
}

/** Who answers a line's texts: whoever a ladder of its accounts can call, and whom it names. */
export function teamOfLine(
  { texting, dispatch }: Pick<Config, 'texting' | 'dispatch'>,
  directory: Pick<Directory, 'members'>,
  line: string,
): readonly UserId[] {
  const settings = texting.lines[line];
  if (settings === undefined) return [];
  const called = settings.accounts.flatMap((account) =>
    directory.members(accountId(account)).map(({ userId: id }) => id),
  );
  const named = settings.team.flatMap((key) => dispatch.people[key]?.mxid ?? []);
  return [...new Set([...called, ...named.map(userId)])];
}

/** Whose telephone it is among the people of the directory. */
export function phonePerson({ people }: Pick<Dispatch, 'people'>, number: PhoneNumber): PhonePerson | null {
  const found = Object.entries(people).find(([, { cell, second }]) =>
    [cell, second].some((one) => one !== undefined && samePhone(one, number)),
  );
  return found === undefined ? null : { person: personKey(found[0]), userId: userId(found[1].mxid) };
}
