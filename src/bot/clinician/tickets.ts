import type { ListedTicket } from '../../flows/clinicianDesk.ts';
import { err, ok } from '../../kernel/result.ts';
import type { ClinicianCommand } from '../clinicianCommand.ts';

export const tickets: ClinicianCommand = {
  name: 'tickets',
  usage: '',
  prepare: (words, desk) =>
    words.trim() === '' ? ok((tx, said) => desk.tickets(tx, said)) : err({ argument: 'nothing more', why: 'too-many' }),
  say(data) {
    const waiting = data.tickets as readonly ListedTicket[];
    const inHand = data.in_hand as readonly ListedTicket[];
    const more = Number(data.more);
    if (waiting.length + inHand.length === 0) return ['No ticket waits for you, and you have none in hand.'];
    return [
      ...(waiting.length > 0 ? ['Waiting for you:', ...waiting.map(line)] : []),
      ...(inHand.length > 0 ? ['In your hands, not closed (`!done`):', ...inHand.map(line)] : []),
      ...(more > 0 ? [`And ${more} more.`] : []),
    ];
  },
};

function line({
  number,
  account,
  urgency,
  state,
  age_seconds: age,
  room_id: room,
  event_id: event,
  alerted,
}: ListedTicket) {
  const which = number === null ? '' : `\`${number}\` `;
  const link = room === null || event === null ? 'not posted yet' : permalink(room, event);
  return `${which}${urgency.toUpperCase()} ${account}, ${waited(age)}, ${state}: ${link}${alerted === null ? '' : ` ${alerted}`}`;
}

/** Matrix specification, "matrix.to navigation". A room id may have no server (MSC4291). */
const permalink = (room: string, event: string) =>
  `https://matrix.to/#/${encodeURIComponent(room)}/${encodeURIComponent(event)}`;

function waited(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
