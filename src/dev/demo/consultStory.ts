import { devClock } from '../commands.ts';
import type { HospitalInfo } from '../hospitalInfo.ts';
import { House, joinedIn, sessionOf } from '../house.ts';
import type { Person } from '../person.ts';
import { pollUntil } from '../wait.ts';
import { playForgetting } from './forgettingStory.ts';
import { arrived, checkAudit, short } from './scenes.ts';
import type { Timeline } from './timeline.ts';

export interface ConsultStory {
  readonly hospitals: readonly [HospitalInfo, HospitalInfo];
  readonly dir: string;
  readonly timeline: Timeline;
}

const LAST_DAY = '2027-06-30';
const AFTERWARDS = Date.parse('2027-07-01T00:01:00Z');

/** A consult of two hospitals: an agreement lets people in, a role that ends lets one out, what was said is forgotten in time, the agreement's end lets all out. */
export async function playConsult({ hospitals, dir, timeline }: ConsultStory): Promise<void> {
  const [marsh, river] = hospitals.map((hospital) => new House(hospital)) as [House, House];
  timeline.heading('Second act. Two hospitals, each with its homeserver and its Wardroom');
  try {
    await Promise.all([marsh.open('dr.ashdown', 'dr.birchall'), river.open('dr.dunmore', 'dr.ellery')]);
    const [ashdown, dunmore, ellery] = await Promise.all([
      marsh.person('dr.ashdown'),
      river.person('dr.dunmore'),
      river.person('dr.ellery'),
    ]);
    const by = (house: House) => (house === marsh ? 'marshgate, admins' : 'riverbend, admins');
    const say = async (house: House, words: string) => {
      const answer = await house.done(words);
      timeline.happened(by(house), `!wr ${words.length > 60 ? `${words.slice(0, 57)}...` : words}`, performance.now());
      return answer;
    };

    timeline.heading('An agreement is put on file, on both sides, by two people each');
    const terms = `--baa BAA-2026-9 --from 2026-01-01 --until ${LAST_DAY} --classes consult`;
    await say(marsh, `role grant ${ashdown.userId} physician`);
    for (const person of [dunmore, ellery]) await say(river, `role grant ${person.userId} physician`);
    await say(marsh, `partner add ${river.serverName} ${terms}`);
    await say(river, `partner add ${marsh.serverName} ${terms}`);
    const made = await say(marsh, `room create consult Consult 1 --members ${ashdown.userId}`);
    const room = String(made.data.room_id);
    await ashdown.room(room);

    timeline.heading('Physicians of the other hospital come in by their role');
    for (const person of [dunmore, ellery]) {
      await comeIn(person, room, marsh.serverName);
      timeline.happened(short(person.userId), 'joined from the other homeserver', performance.now());
    }
    const sent = performance.now();
    const question = await dunmore.say(room, 'Could you look at this echo tonight?');
    const seen = await ashdown.waitFor(({ eventId }) => eventId === question);
    timeline.happened(short(ashdown.userId), 'reads it, decrypted', arrived(seen), { at: sent, of: 'it was sent' });
    timeline.check('it crossed encrypted', seen.encrypted);
    const before = await ashdown.say(room, 'Send it over.');
    await dunmore.waitFor(({ eventId }) => eventId === before);

    timeline.heading('A role is revoked');
    const revoking = performance.now();
    await say(river, `role revoke ${dunmore.userId} physician`);
    await out(room, ashdown, (user) => user !== dunmore.userId);
    const tookMs = performance.now() - revoking;
    await seesLeave(ashdown, room, dunmore.userId);
    timeline.happened('Wardroom', `has them out of the room`, performance.now(), { at: revoking, of: 'the command' });
    timeline.check('within five seconds', tookMs < 5_000, `${Math.round(tookMs)} ms`);
    const after = await ashdown.say(room, 'It shows an effusion.');
    await ellery.waitFor(({ eventId }) => eventId === after);
    const [old, fresh] = await Promise.all([sessionOf(before, room, ashdown), sessionOf(after, room, ashdown)]);
    timeline.check('the next message has another key', old !== fresh, `${old.slice(0, 8)}..., ${fresh.slice(0, 8)}...`);
    timeline.check('and does not reach them', !dunmore.events.all().some(({ eventId }) => eventId === after));

    await playForgetting({ house: marsh, room, here: ashdown, there: ellery, dir, timeline, say });

    timeline.heading('The agreement ends by the clock');
    await devClock({ dir, change: { set: AFTERWARDS } });
    timeline.happened('the clock', `is at ${new Date(AFTERWARDS).toISOString()}`, performance.now());
    await out(room, ashdown, (user) => !user.endsWith(`:${river.serverName}`));
    timeline.happened('Wardroom', 'has the other hospital out of the room', performance.now());
    await ellery.out(room);
    const refused = await ellery.join(room, [marsh.serverName]).then(
      () => false,
      () => true,
    );
    timeline.check('nobody of it comes in again', refused);
    await checkAudit(timeline, marsh.hospital);
  } finally {
    await Promise.all([marsh.close(), river.close()]);
  }
}

/** The partner's Wardroom needs a moment to bring its people into the space that opens the room. */
const comeIn = (person: Person, room: string, via: string) =>
  pollUntil(
    `${person.userId} in the room`,
    () =>
      person.join(room, [via]).then(
        () => true,
        () => false,
      ),
    { deadlineMs: 30_000, everyMs: 200 },
  );

/** A client changes its key when it has heard of it. */
const seesLeave = (person: Person, room: string, user: string) =>
  person.waitFor(
    ({ roomId, type, stateKey, content }) =>
      roomId === room && type === 'm.room.member' && stateKey === user && content.membership === 'leave',
  );

const out = (room: string, reader: Person, isAllowed: (user: string) => boolean) =>
  pollUntil('people out of the room', async () => (await joinedIn(room, reader)).every(isAllowed), {
    deadlineMs: 30_000,
    everyMs: 50,
  });
