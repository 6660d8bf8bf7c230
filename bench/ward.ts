import { fileURLToPath } from 'node:url';
import type { HospitalInfo } from '../src/dev/hospitalInfo.ts';
import { Person } from '../src/dev/person.ts';
import { withHospital } from '../src/dev/temporaryHospital.ts';
import { loadConfig } from '../src/server/config/index.ts';
import { readRegistration } from '../src/server/registration.ts';

/** What is measured: a hospital, two people in a plain room, and the account's encrypted room with the same three people. */
export interface BenchWard {
  readonly hospital: HospitalInfo;
  readonly token: string;
  readonly encryptedRoom: string;
  readonly plainRoom: string;
  readonly sender: Person;
  readonly reader: Person;
  /** The people's clients stop syncing: from here on only requests and Wardroom use the machine. */
  quiet(): void;
}

/** Starts it in a folder of its own, measures, and leaves nothing behind. */
export async function withWard(
  measure: (ward: BenchWard) => Promise<void>,
  say: (line: string) => void,
): Promise<void> {
  const data = fileURLToPath(new URL('./dispatch.yaml', import.meta.url));
  await withHospital({ name: 'bench', data, say }, async (hospital) => {
    const service = hospital.services[0];
    const account = service?.accounts[0];
    const encryptedRoom = account?.room_id;
    if (!service || !encryptedRoom) throw new Error('no service');
    const people = await Promise.all(
      hospital.people.slice(0, 3).map((one) =>
        Person.logIn({
          url: hospital.homeserver_url,
          userId: one.user_id,
          password: one.password,
          recoveryKey: one.recovery_key,
        }),
      ),
    );
    const [sender, reader, third] = people;
    if (!sender || !reader || !third) throw new Error('people are missing');
    const { room_id: plainRoom } = await sender.api<{ room_id: string }>('POST', '/_matrix/client/v3/createRoom', {
      preset: 'private_chat',
      room_version: '12',
      invite: [reader.userId, third.userId],
    });
    await Promise.all([reader, third].map((person) => person.join(plainRoom)));
    // Same members as the account's room: what is compared is the message, not the room.
    for (const user of [account.voice_user_id, hospital.bot_user_id])
      if (user) await bringIn(hospital, sender, plainRoom, user);
    await Promise.all(people.map((person) => person.room(encryptedRoom)));
    const quiet = () => {
      for (const person of people) person.stop();
    };
    await measure({ hospital, token: service.token, encryptedRoom, plainRoom, sender, reader, quiet });
    quiet();
  });
}

/** Asks something of Wardroom's door for the embedded hospital. */
export async function control(hospital: HospitalInfo, what: 'pause' | 'resume' | 'look'): Promise<void> {
  const response = await fetch(new URL(`/dev/${what}`, hospital.metrics_url), { method: 'POST' });
  if (!response.ok) throw new Error(`${what} was answered ${response.status}`);
}

/** Speaks for every user of the application service. */
export const asToken = (hospital: HospitalInfo): string => readRegistration(registrationFile(hospital)).as.reveal();

/** A user of the application service joins with its token: nobody sits at a client for it. */
export async function bringIn(hospital: HospitalInfo, inviter: Person, room: string, user: string): Promise<void> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}`;
  await inviter.api('POST', `${path}/invite`, { user_id: user });
  const response = await fetch(`${hospital.homeserver_url}${path}/join?user_id=${encodeURIComponent(user)}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${asToken(hospital)}` },
    body: '{}',
  });
  if (!response.ok) throw new Error(`${user} could not join: ${response.status}`);
}

function registrationFile(hospital: HospitalInfo): string {
  const config = loadConfig(hospital.config_files);
  if (!config.ok) throw new Error('the hospital has no valid configuration');
  return config.value.appservice.registration_file;
}
