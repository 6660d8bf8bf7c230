import { type BotAnswer, command } from './controlDesk.ts';
import type { HospitalInfo } from './hospitalInfo.ts';
import { Person } from './person.ts';

/** A hospital of the embedded ones as its people live it: two administrators at the control room, others at their clients. */
export class House {
  readonly hospital: HospitalInfo;
  readonly #people = new Map<string, Promise<Person>>();
  readonly #comes: (key: string) => Promise<Person>;
  #administrators: readonly [Person, Person] | null = null;

  /** `comes`: how somebody gets a device, where it is not this house that takes it away again. */
  constructor(hospital: HospitalInfo, comes?: (key: string) => Promise<Person>) {
    this.hospital = hospital;
    this.#comes = comes ?? ((key) => this.#logIn(key));
  }

  get serverName(): string {
    return this.hospital.server_name;
  }

  /** The two administrators come to the control room. */
  async open(first: string, second: string): Promise<void> {
    this.#administrators = await Promise.all([this.person(first), this.person(second)]);
  }

  /** On a device of their own, verified; the same one however often they are asked for. */
  person(key: string): Promise<Person> {
    const known = this.#people.get(key) ?? this.#comes(key);
    this.#people.set(key, known);
    return known;
  }

  /** Who gives commands, and who confirms what takes two. */
  administrators(): readonly [Person, Person] {
    if (this.#administrators === null) throw new Error('nobody is in the control room');
    return this.#administrators;
  }

  /** A command by the first administrator; what has to be confirmed is, by the second where it takes two. */
  async say(words: string): Promise<BotAnswer> {
    const room = this.hospital.control_room_id;
    if (this.#administrators === null || room === null) throw new Error('nobody is in the control room');
    const [first, second] = this.#administrators;
    const answer = await command(first, room, words);
    if (answer.outcome !== 'confirm') return answer;
    return command(answer.data.second_person === true ? second : first, room, `confirm ${answer.confirm}`);
  }

  /** The same; anything but "done" is a failure. */
  async done(words: string): Promise<BotAnswer> {
    const answer = await this.say(words);
    if (answer.outcome !== 'ok') throw new Error(`${words}: ${answer.outcome}, ${answer.code}`);
    return answer;
  }

  /** Everybody switches off. */
  async close(): Promise<void> {
    for (const person of this.#people.values()) (await person).stop();
  }

  async #logIn(key: string): Promise<Person> {
    const found = this.hospital.people.find((one) => one.key === key);
    if (!found) throw new Error(`${key} is missing`);
    const { user_id: userId, password, recovery_key: recoveryKey } = found;
    return Person.logIn({ url: this.hospital.homeserver_url, userId, password, recoveryKey, lazyMembers: true });
  }
}

/** Who is in a room, as one of them sees it. */
export async function joinedIn(room: string, reader: Person): Promise<readonly string[]> {
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/joined_members`;
  return Object.keys((await reader.api<{ joined: Record<string, unknown> }>('GET', path)).joined);
}

/** The Megolm session that an event was encrypted with. */
export async function sessionOf(event: string, room: string, reader: Person): Promise<string> {
  return String(((await reader.stored(room, event)).content as { session_id?: unknown }).session_id);
}
