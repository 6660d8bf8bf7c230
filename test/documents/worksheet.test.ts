import { inflateSync } from 'node:zlib';
import { printWorksheet } from '../../src/documents/index.ts';
import type { Worksheet } from '../../src/flows/oversight/worksheets.ts';
import type { RoomId, UserId } from '../../src/kernel/ids.ts';
import { foldIncident, type IncidentEvent, lastDay, notifications } from '../../src/policy/index.ts';

const at = Date.parse('2026-11-28T15:00:00Z');
const by = '@ash:example';
const nothing = { discovered: null, happened: null, rooms: [], people: [] };

function sheetOf(events: readonly IncidentEvent[], text: string, people = 3): Worksheet {
  const incident = foldIncident(
    7,
    events.map((event, number) => ({ number, event })),
  );
  const readers = Array.from({ length: people }, (_, n) => ({
    user: `@person${n}:example` as UserId,
    server: 'example',
    from: null,
    until: null,
    isMember: true,
    devices: [],
    messages: 0,
  }));
  return {
    name: 'INC-7',
    timeZone: 'America/New_York',
    incident,
    lastDay: lastDay(incident),
    entries: events.map((event) => ({ at: event.at, by: event.by, event, text })),
    rooms: [{ room: '!unit:example' as RoomId, name: '4 West 2', readers, servers: ['example'], laterToo: false }],
    notifications: notifications(incident),
    digest: 'ab'.repeat(32),
    printedAt: at,
    printedBy: by,
  };
}

/** Of every page the text's glyphs, as numbers of the embedded fonts; and how many pages there are. */
function look(pdf: Uint8Array) {
  const raw = Buffer.from(pdf).toString('latin1');
  const streams = [...raw.matchAll(/stream\n([\s\S]*?)\nendstream/g)].flatMap(([, data]) => {
    try {
      return [inflateSync(Buffer.from(data!, 'latin1')).toString('latin1')];
    } catch {
      return [];
    }
  });
  return { pages: [...raw.matchAll(/\/Type \/Page\b/g)].length, streams };
}

const opened: IncidentEvent = { type: 'opened', by, at, ...nothing, discovered: '2026-11-20' };

describe('the worksheet on paper', () => {
  it.each<[string, readonly IncidentEvent[]]>([
    ['open', [opened]],
    ['draft', [{ ...opened, type: 'drafted', rule: 'break-glass', person: by, what: 'x' } as IncidentEvent]],
    ['breach', [opened, { type: 'decided', by, at, decision: 'breach', affected: 3 }]],
    [
      'closed',
      [
        opened,
        { type: 'assessed', by, at, factor: 'acquired', level: 'low' },
        { type: 'proposed', by, at, decision: 'low-probability' },
        { type: 'closed', by, at, decision: 'low-probability', affected: null, notified: null, proposedBy: by },
      ],
    ],
  ])('can be printed in every state: %s', async (_, events) => {
    const pdf = (await printWorksheet(sheetOf(events, 'Łukasz Nguyễn'))).reveal();
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe('%PDF-');
    expect(look(pdf).pages).toBeGreaterThan(0);
  });

  it('has all of a text that is longer than a page, and of a list that is', async () => {
    const short = look((await printWorksheet(sheetOf([opened], 'x'))).reveal());
    const long = look((await printWorksheet(sheetOf([opened], 'A very long story. '.repeat(300), 150))).reveal());
    expect(long.pages).toBeGreaterThan(short.pages + 4);
    const glyphs = (streams: readonly string[]) =>
      streams
        .join('')
        .match(/<[0-9a-f]+>/g)
        ?.join('').length ?? 0;
    // Each letter of the story stands in it twice (what happened, and the record), each glyph as four digits.
    expect(glyphs(long.streams)).toBeGreaterThan('A very long story. '.length * 300 * 2 * 4 * 0.8);
  });

  it('shows marks for what nobody sees, and survives any text', async () => {
    for (const text of ['', '\0\u202e\u{e0041}', '😀'.repeat(50), 'x'.repeat(5_000), '\n'.repeat(300)])
      expect((await printWorksheet(sheetOf([opened], text))).reveal().length).toBeGreaterThan(1_000);
  });
});
