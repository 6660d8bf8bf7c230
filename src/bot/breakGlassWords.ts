import type { BreakGlassNotice, BreakGlassWording, PastMessage } from '../flows/breakGlassPort.ts';
import { isoInstant } from '../kernel/clock.ts';
import { Phi } from '../kernel/phi.ts';
import { notice } from './render.ts';
import { minuteOf, secondOf } from './times.ts';

/** A homeserver takes 65,536 bytes of an event; encrypted, the content grows by a third, and its JSON by marks that are escaped. */
const LARGEST_PIECE = 30_000;

/** What officers are told. Names, ids and times only. */
export const breakGlassNotice = (told: BreakGlassNotice): Phi<Record<string, unknown>> => {
  const lines =
    told.kind === 'granted'
      ? [
          `Emergency access ${told.use}: ${told.user} is in \`${told.roomName}\` until ${minuteOf(isoInstant(told.until))}.`,
          `Why: \`!wr breakglass list\` in the control room. To end it: \`!wr breakglass end ${told.room} ${told.user}\``,
        ]
      : [
          `Emergency access ${told.use} by ${told.user} was over ${told.days} ${told.days === 1 ? 'day' : 'days'} ago, and nobody has reviewed it. In the control room: \`!wr breakglass list\`, then \`!wr breakglass review ${told.use}\``,
        ];
  const part =
    told.kind === 'granted'
      ? { kind: 'breakglass', breakglass: told.use, user_id: told.user, room_id: told.room }
      : { kind: 'breakglass-unreviewed', breakglass: told.use, days: told.days };
  return new Phi({ ...notice(lines), 'm.mentions': {}, 'org.wardroom.oversight': part });
};

export const breakGlassWording: BreakGlassWording = {
  transcript(messages, { use, roomName, until }) {
    const unreadable = messages.filter(({ text }) => text === null).length;
    const intro = [
      `Emergency access ${use} to ${roomName}, until ${minuteOf(isoInstant(until))}. What follows was said there before you came in; times are UTC.`,
      'That you read it is recorded, and reviewed by somebody else. At the end it is deleted here, and you are taken out. Do not copy it.',
      messages.length === 0 ? 'Nothing was said there lately.' : `${messages.length} messages.`,
      ...(unreadable === 0 ? [] : [`${unreadable} of them could not be opened: Wardroom has no key for them.`]),
    ];
    return [intro.join('\n'), ...piecesOf(messages.map(lineOf))].map(
      (body) => new Phi<Record<string, unknown>>({ msgtype: 'm.notice', body, 'm.mentions': {} }),
    );
  },
  closing: (use) =>
    new Phi({
      msgtype: 'm.notice',
      body: `Emergency access ${use} is over. What stood here was deleted, and this room is closed.`,
      'm.mentions': {},
    }),
};

function lineOf({ sender, sentAt, text, attachment, isEdit }: PastMessage): string {
  const said =
    text === null
      ? '[could not be opened]'
      : [attachment === undefined ? '' : `[file: ${attachment.reveal()}]`, text.reveal()]
          .filter((one) => one !== '')
          .join(' ');
  return `${secondOf(isoInstant(sentAt))} ${sender}: ${isEdit ? '[edited] ' : ''}${said}`;
}

const bytes = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** Lines put together as far as they fit; one that does not fit by itself is cut into several. */
function piecesOf(lines: readonly string[]): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const part of lines.flatMap(cut)) {
    if (piece !== '' && bytes(piece) + bytes(part) > LARGEST_PIECE) {
      pieces.push(piece);
      piece = '';
    }
    piece = piece === '' ? part : `${piece}\n${part}`;
  }
  return piece === '' ? pieces : [...pieces, piece];
}

function cut(line: string): readonly string[] {
  if (bytes(line) <= LARGEST_PIECE) return [line];
  // A letter takes at most six bytes of JSON.
  const letters = [...line];
  const size = Math.floor(LARGEST_PIECE / 12);
  return Array.from({ length: Math.ceil(letters.length / size) }, (_, at) =>
    letters.slice(at * size, (at + 1) * size).join(''),
  );
}
