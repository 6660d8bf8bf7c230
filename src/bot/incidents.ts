/** What commands about incidents have in common. */
import type { SaidFacts } from '../flows/oversight/incidents.ts';
import { type RoomId, roomId, type UserId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Arguments, BadArgument, OptionKind } from './arguments.ts';
import type { BotApi } from './command.ts';
import type { Piece } from './render.ts';
import { roomIdNamed, roomNamed } from './rooms.ts';
import { minuteOf } from './times.ts';
import { userNamed } from './users.ts';

type Data = Readonly<Record<string, unknown>>;

/** In the order of 45 CFR 164.402(2). */
export const FACTORS = ['information', 'recipient', 'acquired', 'mitigated'] as const;
export const LEVELS = ['low', 'medium', 'high'] as const;

export const incidentNeeds = 'an administrator, a privacy officer or a security officer';

/** The number of an incident, as somebody typed it: `INC-7` or `7`. */
export function incidentNamed(given: Arguments): Result<number, BadArgument> {
  const digits = /^(?:inc-?)?([1-9]\d{0,8})$/i.exec(given.word('ID'))?.[1];
  return digits === undefined ? err({ argument: 'ID' }) : ok(Number(digits));
}

/** Facts that may be said of an incident at any time. */
export const factOptions: Readonly<Record<string, OptionKind>> = {
  discovered: 'DATE',
  from: 'TIME',
  until: 'TIME',
  room: 'ROOM...',
  user: 'USER...',
};

export function factsIn(given: Arguments, api: Pick<BotApi, 'rooms'>): Result<SaidFacts, BadArgument> {
  const [from, until] = [given.option('from'), given.option('until')];
  if ((from === null) !== (until === null))
    return err({ argument: from === null ? '--from' : '--until', why: 'missing' });
  const rooms: RoomId[] = [];
  for (const typed of listed(given.options('room'), ',')) {
    const room = anyRoom(typed, api);
    if (!room.ok) return err({ ...room.error, argument: '--room' });
    rooms.push(room.value);
  }
  const people: UserId[] = [];
  for (const typed of listed(given.options('user'), /[\s,]+/)) {
    const user = userNamed(typed, '--user');
    if (!user.ok) return user;
    people.push(user.value);
  }
  const happened = from === null || until === null ? null : { from, until };
  return ok({ discovered: given.option('discovered'), happened, rooms, people });
}

/** A kept room by name, id or link; of others the id is enough: incidents happen there, too. */
function anyRoom(typed: string, api: Pick<BotApi, 'rooms'>): Result<RoomId, BadArgument> {
  const id = roomIdNamed(typed);
  return id.ok ? ok(roomId(id.value)) : roomNamed(typed.split(' '), api);
}

const listed = (values: readonly string[], between: string | RegExp): readonly string[] =>
  values.flatMap((value) => value.split(between).map((one) => one.trim())).filter((one) => one !== '');

export const incidentReasons: Readonly<Record<string, string>> = {
  'policy-unreadable':
    'The policy cannot be read, so nobody knows which day it is here. `wardroom config check` says what is wrong with it.',
  'no-such-incident': 'There is no such incident. `incident list --all` shows them.',
  'in-the-future': 'That day has not come yet.',
  'still-a-draft':
    'This is a draft of a rule. Take it over first (`incident take`), or dismiss it (`incident dismiss`).',
  'no-draft': 'This is no draft any more.',
  'incident-closed':
    'This incident is closed. A note can still be added; what is new enough for a decision is a new incident.',
  'not-assessed':
    'A decision takes all four factors (45 CFR 164.402(2)): without them it is presumed to be a breach. Assess those that are missing: `incident assess`.',
  'breach-decided':
    'It was decided that this is a breach. Close it as one, with the day on which the last of those were told: `--notified`.',
  'told-before-discovered': 'Nobody can have been told before it was discovered.',
};

export const STATES: Readonly<Record<string, string>> = {
  draft: 'draft, nobody has taken it over',
  open: 'open',
  breach: 'breach, those whom it concerns have to be told',
  closed: 'closed',
  dismissed: 'dismissed',
};

export const clockOf = ({ days_left: left, last_day: last }: Data): string => {
  if (typeof left !== 'number') return '';
  if (left < 0) return `OVERDUE since ${String(last)}`;
  return left === 0 ? `LAST DAY is today` : `${left} ${left === 1 ? 'day' : 'days'} left, until ${String(last)}`;
};

/** What is known of an incident, in lines. */
export function factLines(data: Data): readonly Piece[] {
  const {
    incident,
    state,
    decision,
    discovered,
    opened_by,
    opened_at,
    about,
    affected,
    notified,
    closed_by,
    proposed_by,
  } = data;
  const decided =
    decision === null
      ? ''
      : `, decided: ${decision === 'breach' ? 'a breach' : 'low probability that the information was compromised'}`;
  const happened = data.happened as { readonly from: string; readonly until: string } | null;
  const [rooms, people, missing] = [data.rooms, data.people, data.missing].map(
    (one) => (one ?? []) as readonly string[],
  );
  return [
    `${String(incident)}: ${STATES[String(state)] ?? String(state)}${decided}`,
    `Discovered ${String(discovered)}; opened ${minuteOf(String(opened_at))} by ${String(opened_by)}.`,
    ...(about === null ? [] : [`What the rule ${String(data.rule)} found: ${String(about)}`]),
    ...(clockOf(data) === '' ? [] : [`60 days (45 CFR 164.404(b)): ${clockOf(data)}.`]),
    ...(happened === null ? [] : [`Happened between ${minuteOf(happened.from)} and ${minuteOf(happened.until)}.`]),
    ...(rooms!.length === 0 ? [] : [`Rooms: ${rooms!.map((one) => `\`${one}\``).join(', ')}`]),
    ...(people!.length === 0 ? [] : [`People: ${people!.join(', ')}`]),
    ...(missing!.length === 0 ? [] : [`Not assessed yet: ${missing!.join(', ')}.`]),
    ...(affected === null ? [] : [`People whom it concerns: ${String(affected)}.`]),
    ...(notified === null ? [] : [`The last of them was told on ${String(notified)}.`]),
    ...(closed_by === null
      ? []
      : [`Ended by ${String(closed_by)}${proposed_by === null ? '' : `; proposed by ${String(proposed_by)}`}.`]),
  ];
}

const WHOM: Readonly<Record<string, string>> = {
  individuals: 'the people whom it concerns',
  hhs: 'the Secretary of HHS',
  media: 'prominent media of the state',
};

/** Who has to be told of a breach. */
export const notificationTable = (data: Data): Piece => ({
  head: ['If it is a breach, to be told', 'Until', 'When', 'Rule'],
  rows: (data.notifications as readonly Data[]).map(({ whom, by, when, cite }) => [
    WHOM[String(whom)] ?? String(whom),
    String(by),
    String(when),
    String(cite),
  ]),
});
