import { devClock } from '../commands.ts';
import type { House } from '../house.ts';
import type { Person } from '../person.ts';
import { pollUntil } from '../wait.ts';
import { searchDatabase } from './canary.ts';
import { short } from './scenes.ts';
import type { Timeline } from './timeline.ts';

export interface ForgettingStory {
  readonly house: House;
  readonly room: string;
  /** Somebody of the hospital that keeps the room, and somebody of the other one. */
  readonly here: Person;
  readonly there: Person;
  readonly dir: string;
  readonly timeline: Timeline;
  /** A command, by two people where it takes two. */
  readonly say: (house: House, words: string) => Promise<unknown>;
}

/** Longer than the lifetime of messages in a room for consults. */
const LATER_MS = 15 * 24 * 3_600_000;

/** What was said is taken back; what is old is forgotten, by the clock, unless a legal hold covers it. */
export async function playForgetting({ house, room, here, there, dir, timeline, say }: ForgettingStory): Promise<void> {
  timeline.heading('Something is taken back');
  const wrong = await there.say(room, 'Wait, that was another patient.');
  await here.waitFor(({ eventId }) => eventId === wrong);
  await there.say(room, '!recall', { replyTo: wrong });
  timeline.happened(short(there.userId), 'replies !recall to their own message', performance.now());
  for (const person of [here, there]) await until(person, room, wrong, 'redacted');
  timeline.check('it is empty at both homeservers', true);

  timeline.heading('A legal hold, and what is old is forgotten');
  const old = await here.say(room, 'The echo of September showed nothing.');
  await there.waitFor(({ eventId }) => eventId === old);
  const { content } = (await here.stored(room, old)) as { content: { ciphertext: string } };
  const isStored = async () =>
    (await searchDatabase(house.hospital.processes.synapse.database_url, [content.ciphertext.slice(20, 60)])).found
      .length > 0;
  const held = (await house.done(`hold place ${room} --reason Letter of counsel`)).data;
  timeline.happened('marshgate, admins', `!wr hold place: ${String(held.hold_id)}`, performance.now());
  const later = Date.now() + LATER_MS;
  await devClock({ dir, change: { set: later } });
  timeline.happened('the clock', `is at ${new Date(later).toISOString()}`, performance.now());
  await say(house, 'retention run');
  timeline.check('under the hold it stays, encrypted as it was', await isStored());
  await say(house, `hold release ${String(held.hold_id)}`);
  const { body } = await house.done('retention run');
  timeline.happened('marshgate, admins', '!wr retention run', performance.now());
  timeline.check('released, it is gone from the homeserver, byte by byte', !(await isStored()));
  await until(there, room, old, 'redacted');
  timeline.check('and empty at the partner, which was asked by redaction', body.includes('partner-servers'));
}

/** Until an event is so at somebody's homeserver. */
const until = (person: Person, room: string, event: string, wanted: 'redacted') =>
  pollUntil(
    `${event} to be ${wanted}`,
    async () => {
      const found = await person.stored(room, event).catch(() => null);
      return (found?.unsigned as { redacted_because?: unknown } | undefined)?.redacted_because !== undefined;
    },
    { deadlineMs: 30_000, everyMs: 100 },
  );
