/** What a week's record says, for somebody to look at and sign (45 CFR 164.308(a)(1)(ii)(D)). Counts, codes and ids: no health information. */

/** How often something happened. */
export interface ActivityCount {
  readonly action: string;
  readonly outcome: string;
  /** Empty: none. */
  readonly code: string;
  readonly times: number;
}

export interface ReviewLine {
  readonly what: string;
  readonly times: number;
}

export interface ReviewGroup {
  readonly title: string;
  readonly lines: readonly ReviewLine[];
}

/** Kept as it was when it was made. */
export interface ReviewSummary {
  readonly review: string;
  readonly from: string;
  /** Excluded. */
  readonly to: string;
  readonly time_zone: string;
  readonly groups: readonly ReviewGroup[];
  readonly incidents: readonly { readonly id: string; readonly state: string; readonly last_day: string }[];
  readonly agreements_ending: readonly { readonly domain: string; readonly days_left: number }[];
  readonly roles_due: readonly { readonly user_id: string; readonly role: string; readonly overdue: boolean }[];
  /** What Wardroom cannot know. */
  readonly not_known: readonly string[];
}

/** In the order in which they are read: what may be wrong first. The first that fits counts. */
const kinds: readonly { readonly title: string; readonly fits: (action: string) => boolean; readonly always?: true }[] =
  [
    { title: 'Alarms', fits: (action) => action === 'alarm', always: true },
    { title: 'Emergency access', fits: starts('breakglass.'), always: true },
    { title: 'Exports', fits: (action) => ['audit.exported', 'incident.exported'].includes(action), always: true },
    { title: 'Incidents', fits: starts('incident.'), always: true },
    { title: 'Reviews', fits: starts('review.') },
    { title: 'Administrators', fits: starts('admin.'), always: true },
    { title: 'Devices', fits: starts('device.'), always: true },
    { title: 'Roles', fits: starts('role.', 'roles.'), always: true },
    { title: 'Policy', fits: starts('policy.'), always: true },
    { title: 'Agreements', fits: starts('agreement.') },
    { title: 'Legal holds', fits: starts('hold.'), always: true },
    { title: 'Deletion and recall', fits: starts('retention.', 'recall.', 'message.', 'media.') },
    { title: 'Training and terms', fits: starts('training.', 'terms.') },
    { title: 'Accounts and devices', fits: starts('user.') },
    { title: 'Rooms and members', fits: starts('room.', 'member.', 'space.') },
    { title: 'Commands', fits: starts('command.') },
    { title: 'Tickets', fits: starts('ticket.', 'wctp.', 'callback.') },
    { title: 'Other', fits: () => true },
  ];

function starts(...prefixes: readonly string[]): (action: string) => boolean {
  return (action) => prefixes.some((prefix) => action.startsWith(prefix));
}

const REFUSALS = 'Refusals by code';

/**
 * Every count is in exactly one group, so that nothing that was done can be missing from the summary; refusals are listed once more by code.
 * Groups that a reviewer looks for are there even when nothing happened.
 */
export function groupsOf(counts: readonly ActivityCount[]): readonly ReviewGroup[] {
  const lines = new Map<string, Map<string, number>>(
    kinds.flatMap(({ title, always }) => (always ? [[title, new Map<string, number>()] as const] : [])),
  );
  const add = (title: string, what: string, times: number) => {
    const group = lines.get(title) ?? new Map<string, number>();
    lines.set(title, group.set(what, (group.get(what) ?? 0) + times));
  };
  for (const { action, outcome, code, times } of counts) {
    const kind = kinds.find(({ fits }) => fits(action))!;
    const what = action === 'alarm' ? code : outcome === 'ok' ? action : `${action}, ${outcome}`;
    add(kind.title, what, times);
    if (outcome === 'refused') add(REFUSALS, code === '' ? 'without a code' : code, times);
  }
  if (!lines.has(REFUSALS)) lines.set(REFUSALS, new Map());
  const order = [kinds[0]!.title, REFUSALS, ...kinds.slice(1).map(({ title }) => title)];
  return order.flatMap((title) => {
    const group = lines.get(title);
    if (group === undefined) return [];
    const sorted = [...group].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
    return [{ title, lines: sorted.map(([what, times]) => ({ what, times })) }];
  });
}

export const NOT_KNOWN: readonly string[] = [
  'Log-ins, and those that failed: only the homeserver or the identity provider knows them. Look there.',
  'What people read in their clients, and what they copied out of them.',
];
