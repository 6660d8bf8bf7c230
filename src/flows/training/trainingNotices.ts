import { createHash } from 'node:crypto';
import { type Clock, isoInstant } from '../../kernel/clock.ts';
import type { RoomId, UserId } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import type { PortFailure, Result } from '../../kernel/result.ts';
import { type Demand, demands, type Facts, type Policy, type TrainingEvent } from '../../policy/index.ts';
import type { FactReads } from '../policyFacts.ts';
import type { Store, Voices } from '../ports.ts';

export interface TrainingNoticesFlow {
  readonly store: Store;
  readonly clock: Clock;
  readonly facts: (read: FactReads) => Promise<Facts | null>;
  readonly voices: Pick<Voices, 'bot' | 'encrypt' | 'send'>;
  /** The room of somebody and the bot alone. */
  readonly directRoom: (person: UserId) => Promise<Result<RoomId, PortFailure>>;
  /** Classes of rooms that are kept: what no room asks for concerns nobody. */
  readonly classesInUse: () => readonly string[];
  /** The line for administrators; the same id is one message. */
  readonly tellAdministrators: (id: string, text: string) => Promise<boolean>;
}

const DAY_MS = 86_400_000;
/** Who has no device that could read it is tried again after so long. */
const UNREACHABLE_MS = 5 * 60_000;

/** One thing that somebody is to be told, once. */
interface Notice {
  readonly user: UserId;
  /** What it is about: the same again is not said again. */
  readonly key: string;
  readonly text: string;
  /** In one line, for administrators. */
  readonly line: string;
}

/**
 * Tells people what keeps them out of rooms that their roles would open, and what to do about it, each thing once, in a room of their own; and before a
 * course ends, as many days before as agreements are warned of (`warn_before`). Administrators are told in one line.
 */
export class TrainingNotices {
  readonly #flow: TrainingNoticesFlow;
  readonly #rooms = new Map<RoomId, UserId>();
  readonly #unreachable = new Map<UserId, number>();
  #loaded = false;

  constructor(flow: TrainingNoticesFlow) {
    this.#flow = flow;
  }

  /** Whether a room is one of a person and Wardroom: commands are heard there. */
  isDirect(room: RoomId): boolean {
    return this.#rooms.has(room);
  }

  async load(): Promise<void> {
    for (const { user, room } of await this.#flow.store.read.training.directRooms()) this.#rooms.set(room, user);
    this.#loaded = true;
  }

  /** Call it now and then in the process that leads. */
  async look(): Promise<void> {
    if (!this.#loaded) await this.load();
    const { store, facts: factsOf, classesInUse } = this.#flow;
    const facts = await factsOf(store.read);
    if (facts === null) return;
    const all = demands(facts, classesInUse());
    if (all.length === 0) return;
    const events = await store.read.training.events();
    const told = new Set(events.flatMap((one) => (one.type === 'told' ? [`${one.user} ${one.key}`] : [])));
    const due = noticesOf(all, facts, events).filter(({ user, key }) => !told.has(`${user} ${key}`));
    for (const notice of due) await this.#tell(notice, facts.now);
  }

  async #tell(notice: Notice, now: number): Promise<void> {
    const { store, voices, directRoom, tellAdministrators } = this.#flow;
    const { user, key, text, line } = notice;
    const triedAt = this.#unreachable.get(user);
    if (triedAt !== undefined && now - triedAt >= 0 && now - triedAt < UNREACHABLE_MS) return;
    const room = await directRoom(user);
    if (!room.ok) return;
    this.#rooms.set(room.value, user);
    const content = new Phi<Record<string, unknown>>({
      msgtype: 'm.text',
      body: text,
      'm.mentions': { user_ids: [user] },
    });
    const made = await voices.encrypt(voices.bot, room.value, 'm.room.message', content);
    if (!made.ok) return;
    const id = createHash('sha256').update(`${user} ${key}`).digest('base64url').slice(0, 24);
    if ((made.value.readers[user] ?? []).length === 0) {
      this.#unreachable.set(user, now);
      return;
    }
    const sent = await voices.send(voices.bot, room.value, 'm.room.encrypted', `wr.training.${id}`, made.value.content);
    if (!sent.ok || !(await tellAdministrators(`wr.training.admins.${id}`, line))) return;
    await store.change<true>(async (tx) => {
      await tx.training.saveDirectRoom(user, room.value);
      await tx.training.append({ type: 'told', user, key, at: now });
      const about = { room: room.value, event: sent.value, detail: { user, key } };
      return { value: true, audit: [{ action: 'training.told', outcome: 'ok', actor: 'wardroom', ...about }] };
    });
  }
}

/** Everything that somebody should have been told by now. `events`: what happened. A course that was passed since and is lacking again is told again. */
export function noticesOf(
  all: readonly Demand[],
  facts: Pick<Facts, 'policy' | 'now'>,
  events: readonly TrainingEvent[],
): readonly Notice[] {
  const passed = new Map<string, number>();
  for (const one of events) {
    if (one.type !== 'passed') continue;
    const key = `${one.user} ${one.course}`;
    passed.set(key, (passed.get(key) ?? 0) + 1);
  }
  const timesPassed = (user: UserId, course: string) => passed.get(`${user} ${course}`) ?? 0;
  return [...all.flatMap((one) => missing(one, facts.policy, timesPassed)), ...ending(all, facts)];
}

function missing(
  { user, class: name, lacking }: Demand,
  policy: Policy,
  timesPassed: (user: UserId, course: string) => number,
): readonly Notice[] {
  const { courses, terms } = lacking;
  if (courses.length + terms.length === 0) return [];
  const attempts = courses.map((one) => [one, timesPassed(user, one)]);
  const versions = terms.map((one) => [one, policy.terms[one]?.version ?? 0]);
  const title = policy.classes[name]?.title ?? name;
  const text = [
    `Rooms of class "${title}" are closed to you until this is done:`,
    ...courses.map((course) => `- Pass the course "${course}", and have an administrator record it.`),
    ...terms.flatMap((one) => {
      const of = policy.terms[one];
      return of === undefined
        ? []
        : [`- Accept "${of.title}" (version ${of.version}):`, of.text, `  To accept, write: !accept ${one}`];
    }),
    'You are let in within seconds after that.',
  ].join('\n');
  const line = `${user} is kept out of rooms of class ${name}: ${[...courses.map((one) => `course ${one}`), ...terms.map((one) => `terms ${one}`)].join(', ')}. They were told.`;
  return [{ user, key: JSON.stringify(['lacking', name, attempts, versions]), text, line }];
}

/** The nearest of the days before the end that is reached; those before it are passed over. */
function ending(all: readonly Demand[], { policy, now }: Pick<Facts, 'policy' | 'now'>): readonly Notice[] {
  const notices = new Map<string, Notice>();
  for (const { user, ends } of all) {
    for (const { course, until } of ends) {
      const reached = policy.warn_before.filter((days) => until - now <= days * DAY_MS);
      if (reached.length === 0) continue;
      const [days, end] = [Math.min(...reached), isoInstant(until).slice(0, 10)];
      const key = JSON.stringify(['ends', course, until, days]);
      const text = `Your course "${course}" counts until ${end}. After that, rooms that ask for it are closed to you. Pass it again, and have an administrator record it.`;
      notices.set(`${user} ${key}`, {
        user,
        key,
        text,
        line: `The course ${course} of ${user} counts until ${end}. They were told.`,
      });
    }
  }
  return [...notices.values()];
}
