/** What commands about legal holds have in common. */
import { type TicketId, ticketId } from '../kernel/ids.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { HoldScope } from '../policy/index.ts';
import type { Arguments, BadArgument } from './arguments.ts';
import type { BotApi } from './command.ts';
import { personNamed } from './people.ts';
import { classNamed, roomIdNamed, roomNamed } from './rooms.ts';

/** Days as `--from`, `--to`, `--until` name them. */
export function dayGiven(given: Arguments, name: string): Result<string | null, BadArgument> {
  const typed = given.option(name);
  if (typed === null) return ok(null);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(typed) && !Number.isNaN(Date.parse(`${typed}T00:00:00Z`));
  return isDay ? ok(typed) : err({ argument: `--${name}` });
}

/** A ticket by its id in Wardroom. */
const ticketNamed = (typed: string): Result<TicketId, BadArgument> =>
  /^[A-Za-z0-9_-]{6,64}$/.test(typed) ? ok(ticketId(typed)) : err({ argument: '--ticket' });

/** What a hold covers, without its days: those are days of the policy's time zone. */
export function scopeGiven(given: Arguments, api: Pick<BotApi, 'rooms' | 'retention'>): Result<HoldScope, BadArgument> {
  const words = given.all('ROOM');
  const room = words.length === 0 ? ok(undefined) : anyRoom(words, api);
  if (!room.ok) return room;
  const typedClass = given.option('class');
  const roomClass = typedClass === null ? ok(undefined) : classNamed(typedClass, api);
  if (!roomClass.ok) return err({ ...roomClass.error, argument: '--class' });
  const typedPerson = given.option('person');
  const person = typedPerson === null ? ok(undefined) : personNamed(typedPerson);
  if (!person.ok) return err({ argument: '--person' });
  const typedTicket = given.option('ticket');
  const ticket = typedTicket === null ? ok(undefined) : ticketNamed(typedTicket);
  if (!ticket.ok) return ticket;
  const patient = given.option('patient');
  return ok({
    room: room.value,
    class: roomClass.value,
    person: person.value,
    ticket: ticket.value,
    patient: patient === null ? undefined : api.retention.patientDigest(patient),
  });
}

/** People's own rooms and those of reports have no name here: by their id any room can be held. */
function anyRoom(words: readonly string[], api: Pick<BotApi, 'rooms'>): ReturnType<typeof roomNamed> {
  const id = roomIdNamed(words.join(' '));
  return id.ok ? id : roomNamed(words, api);
}
