import type { Worksheet, WorksheetEntry } from '../flows/oversight/worksheets.ts';
import { Phi } from '../kernel/phi.ts';
import type { IncidentEvent } from '../policy/incidents/incident.ts';
import { Page } from './page.ts';

/**
 * The worksheet of an incident, for the file and for whoever asks for the burden of proof (45 CFR 164.414(b), 164.530(j)): all that is known of it, in
 * the order in which a reader asks. It holds what people wrote.
 */
export async function printWorksheet(sheet: Worksheet): Promise<Phi<Uint8Array>> {
  const page = new Page(`Incident worksheet ${sheet.name}`, new Date(sheet.printedAt));
  const when = instants(sheet.timeZone);
  page.title(
    `Incident worksheet ${sheet.name}`,
    `Confidential: may hold protected health information. Times are of ${sheet.timeZone}. Printed ${when(sheet.printedAt)} for ${sheet.printedBy}.`,
  );
  facts(page, sheet, when);
  assessment(page, sheet, when);
  decision(page, sheet, when);
  record(page, sheet, when);
  readers(page, sheet, when);
  return new Phi(await page.end(`${sheet.name}, record ${sheet.digest}`));
}

type When = (at: number) => string;

/** As the clocks there show it, with their distance from UTC. */
function instants(timeZone: string): When {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  return (at) => format.format(at).replace(', ', ' ');
}

const STATES = {
  draft: 'Draft of a rule',
  open: 'Open',
  breach: 'Breach; those whom it concerns have to be told',
  closed: 'Closed',
  dismissed: 'Dismissed',
} as const;

function facts(page: Page, { incident, lastDay, entries, rooms }: Worksheet, when: When): void {
  page.heading('What happened');
  for (const { text } of entries.filter(({ event }) => event.type === 'opened')) if (text !== null) page.text(text);
  if (incident.rule !== null)
    page.text(`Found by the rule "${incident.rule.name}" about ${incident.rule.person}: ${incident.rule.what}.`);
  const { happened } = incident;
  page.table(
    [
      { head: 'Fact', share: 2 },
      { head: 'On record', share: 5 },
    ],
    [
      ['State', STATES[incident.state]],
      ['Opened', `${when(incident.openedAt)} by ${incident.openedBy}`],
      ['Discovered', incident.discovered],
      ['Last of the 60 days', `${lastDay} (45 CFR 164.404(b), 164.408, 164.410(b))`],
      ['Happened', happened === null ? 'not said' : `${when(happened.from)} to ${when(happened.until)}`],
      ['Rooms', rooms.map(({ room, name }) => (name === null ? room : `${name} (${room})`)).join('\n') || 'none named'],
      ['People involved', incident.people.join('\n') || 'none named'],
    ],
  );
}

const FACTORS = [
  ['information', '(i) Nature and extent of the information: identifiers, likelihood of recognising people'],
  ['recipient', '(ii) The unauthorised person who used it or to whom it was disclosed'],
  ['acquired', '(iii) Whether it was actually acquired or viewed'],
  ['mitigated', '(iv) Extent to which the risk was mitigated'],
] as const;

function assessment(page: Page, { incident, entries }: Worksheet, when: When): void {
  page.heading('Risk assessment (45 CFR 164.402(2))');
  page.table(
    [
      { head: 'Factor', share: 5 },
      { head: 'Risk', share: 1.4 },
      { head: 'Because', share: 6 },
      { head: 'Assessed by', share: 4 },
    ],
    FACTORS.map(([factor, title]) => {
      const assessed = incident.factors[factor];
      if (assessed === undefined) return [title, 'not assessed', '', ''];
      const { level, by, at } = assessed;
      const reason = entries.findLast(({ event }) => event.type === 'assessed' && event.factor === factor)?.text;
      return [title, level, reason ?? '', `${by}\n${when(at)}`];
    }),
  );
}

function decision(page: Page, { incident, entries, notifications }: Worksheet, when: When): void {
  page.heading('Decision and notification');
  const { closed, affected, notified } = incident;
  if (incident.state === 'dismissed') page.text('The draft was dismissed.', 'bold');
  else if (incident.decision === null)
    page.text('Not decided. Without a decision it is presumed to be a breach (45 CFR 164.402(2)).', 'bold');
  else if (incident.decision === 'breach') page.text('A breach.', 'bold');
  else page.text('A low probability that the information was compromised: no breach.', 'bold');
  const reasons = entries.filter(({ event, text }) => text !== null && DECIDING.includes(event.type));
  for (const { text, by, at } of reasons) page.text(`${text} (${by}, ${when(at)})`);
  if (closed !== null)
    page.text(
      `Ended ${when(closed.at)} by ${closed.by}${closed.proposedBy === null ? '' : `, proposed by ${closed.proposedBy}`}.`,
    );
  if (affected !== null) page.text(`People whom it concerns: ${affected}.`);
  if (notified !== null) page.text(`The last of them was told on ${notified}.`);
  if (incident.decision === 'low-probability' || incident.state === 'dismissed') return;
  page.table(
    [
      { head: 'To be told of a breach', share: 3 },
      { head: 'Until', share: 2 },
      { head: 'When', share: 4 },
      { head: 'Rule', share: 3 },
    ],
    notifications.map(({ whom, by, when: condition, cite }) => [WHOM[whom], by, condition, cite]),
  );
}

const DECIDING: readonly IncidentEvent['type'][] = ['proposed', 'decided', 'closed', 'taken', 'dismissed'];
const WHOM = {
  individuals: 'The people whom it concerns',
  hhs: 'The Secretary of HHS',
  media: 'Prominent media of the state',
} as const;

function record(page: Page, { entries }: Worksheet, when: When): void {
  page.heading('Everything on record, in order');
  page.table(
    [
      { head: 'When', share: 3 },
      { head: 'Who', share: 4 },
      { head: 'What', share: 3 },
      { head: 'In their words', share: 6 },
    ],
    entries.map((entry) => [when(entry.at), entry.by, whatOf(entry), entry.text ?? '']),
  );
}

function whatOf({ event }: WorksheetEntry): string {
  switch (event.type) {
    case 'assessed':
      return `${event.factor}: ${event.level}`;
    case 'proposed':
    case 'decided':
    case 'closed':
      return `${event.type}: ${event.decision}`;
    case 'noted':
      return [
        'noted',
        ...(event.discovered === null ? [] : [`discovered ${event.discovered}`]),
        ...(event.rooms.length === 0 ? [] : [`rooms: ${event.rooms.join(', ')}`]),
        ...(event.people.length === 0 ? [] : [`people: ${event.people.join(', ')}`]),
      ].join('\n');
    case 'told':
      return event.of === 'draft' ? 'officers told of the draft' : `officers reminded (${event.of} days)`;
    case 'exported':
      return `exported, SHA-256 ${event.digest.slice(0, 16)}…`;
    default:
      return event.type;
  }
}

function readers(page: Page, { rooms, incident }: Worksheet, when: When): void {
  page.heading('Who could have read it');
  if (rooms.length === 0) page.text('No room is named.');
  else
    page.text(
      `By the record of members${incident.happened === null ? ', at any time' : ' at the time it happened'}, and by whose devices were given keys of Wardroom’s own messages. Messages of people are encrypted by their clients: to whose devices is not known here.`,
      'small',
    );
  for (const { room, name, readers: people, servers, laterToo } of rooms) {
    page.text(name === null ? room : `${name} (${room})`, 'bold');
    page.text(`Servers with an encrypted copy: ${servers.join(', ') || 'none on record'}.`);
    if (laterToo) page.text('Whoever came in later could read what was said before, too.');
    page.table(
      [
        { head: 'Person', share: 5 },
        { head: 'In the room from', share: 3 },
        { head: 'until', share: 3 },
        { head: 'Devices that got keys', share: 4 },
      ],
      people.map(({ user, from, until, isMember, devices, messages }) => [
        user,
        isMember ? (from === null ? 'before the record began' : when(from)) : 'no member on record',
        isMember ? (until === null ? 'still there' : when(until)) : '',
        devices.length === 0 ? 'none' : `${devices.join(', ')} (${messages} messages)`,
      ]),
    );
  }
}
