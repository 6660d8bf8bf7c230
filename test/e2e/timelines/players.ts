/** How each signal of timelines.yaml is brought about in the real stack. */
import type { Person } from '../../../src/dev/person.ts';
import { ticketPart } from '../../../src/dev/roomHistory.ts';
import { shortRef } from '../../../src/flows/texting/stepTexts.ts';
import type { TicketId } from '../../../src/kernel/ids.ts';
import { dispatch, type Timeline } from '../../tickets/fixtures.ts';
import { sendText, textOn } from '../support/telephone.ts';
import type { Replay } from './replay.ts';
import { mainTicket, type Run } from './run.ts';

export type Input = Timeline['inputs'][number] & {
  readonly from?: string;
  readonly to?: string;
  readonly ticket?: string;
};

type Player = (replay: Replay, run: Run, input: Input) => Promise<void>;

const personOf = (replay: Replay, key: string): Person => {
  const person = replay.stage.people.get(key);
  if (!person) throw new Error(`${key} has no client`);
  return person;
};

/** Whom the input names, else whom the ticket is for. */
function actor(replay: Replay, run: Run, who: string | undefined): Person {
  if (who !== undefined) return personOf(replay, who);
  const first = run.samples.at(-1)?.ticket.timeline.find(({ event }) => event === 'step_due')?.who;
  const { people } = replay.stage.ward.hospital;
  return personOf(replay, people.find(({ user_id: id }) => id === first)?.key ?? '');
}

const rootOf = (run: Run, person: Person) =>
  person.waitFor((event) => {
    const part = ticketPart(event.content);
    return part?.ticket_id === mainTicket(run) && part.kind === 'ticket';
  });

const says =
  (words: (input: Input, body: string) => string, event: string): Player =>
  async (replay, run, input) => {
    const phone = input.from;
    const byPhone = Object.entries(dispatch.people).find(([, person]) => person.cell === phone)?.[0];
    const person = actor(replay, run, input.who ?? (phone === undefined ? undefined : byPhone));
    const root = await rootOf(run, person);
    await person.say(run.room, words(input, String(root.content.body)), { thread: root.eventId });
    await replay.until(run, ({ timeline }) =>
      timeline.some((entry) => entry.event === event && entry.who === person.userId),
    );
  };

/** An operator who has the clinician on the telephone says so. */
const operator =
  (event: Readonly<Record<string, unknown>>, becomes: string): Player =>
  async (replay, run) => {
    const { status } = await replay.stage.ward.tell(mainTicket(run), event, run.service);
    if (status !== 200) throw new Error(`the operator was answered ${status}`);
    await replay.until(run, ({ timeline }) => timeline.some((entry) => entry.event === becomes));
  };

/** What Wardroom does by itself is waited for. */
const happens =
  (event: string): Player =>
  async (replay, run) =>
    void (await replay.until(run, ({ timeline }) => timeline.some((entry) => entry.event === event)));

export const PLAYERS: Readonly<Record<string, Player>> = {
  wctp_accept: happens('accepted'),
  mx_sent: happens('sent'),
  mx_delivered: happens('delivered'),
  mx_read: async (replay, run, { who }) => {
    const person = actor(replay, run, who);
    const root = await rootOf(run, person);
    await person.read(run.room, root.eventId);
    await replay.until(run, ({ timeline }) =>
      timeline.some((entry) => entry.event === 'seen' && entry.who === person.userId),
    );
  },
  mx_reaction: async (replay, run, input) => {
    // Nobody of another organisation has an account here yet: the operator rang there, and connected the caller.
    if (input.who?.includes(' at ')) return operator({ type: 'patched' }, 'acknowledged')(replay, run, input);
    const person = actor(replay, run, input.who);
    const root = await rootOf(run, person);
    await person.react(run.room, root.eventId, '\u2705');
    await replay.until(run, ({ state }) => state === 'acknowledged');
  },
  mcr_choice: (replay, run, input) => {
    const declines = input.choice === 'Send to backup' || input.choice === 'Reject';
    return says(({ choice }) => choice ?? '', declines ? 'declined' : 'acknowledged')(replay, run, input);
  },
  filed: says(() => '!ack', 'acknowledged'),
  /** The token of the latest text on that telephone, and ok: taken, or too late and passed on. */
  sms_reply: async (replay, run, input) => {
    const { hospital } = replay.stage.ward;
    const { body } = await textOn(hospital, String(input.from), (text) =>
      text.body.includes(`Ref ${shortRef({ ticketId: mainTicket(run) as TicketId })}`),
    );
    const status = await sendText(hospital, String(input.from), `${/Reply (\d+) ok/.exec(body)?.[1]} ok`);
    if (status !== 200) throw new Error(`the carrier was answered ${status}`);
    await replay.until(run, ({ timeline }) =>
      timeline.some(({ event }) => event === 'acknowledged' || event === 'reply'),
    );
  },
  voice_answered: operator({ type: 'note', text: 'Somebody or something answered, no key was pressed.' }, 'note'),
  voice_keypress: (replay, run, input) =>
    operator(input.key === '1' ? { type: 'patched' } : { type: 'note', text: 'Another key.' }, 'acknowledged')(
      replay,
      run,
      input,
    ),
  patched: operator({ type: 'patched' }, 'acknowledged'),
  closed_by_dispatcher: operator({ type: 'closed' }, 'closed'),
  caller_repeat_call: async (replay, run, { ticket = '' }) => {
    run.tickets.set(ticket, await replay.post(run.timeline, ticket));
    await replay.until(run, ({ timeline }) => timeline.some(({ event }) => event === 'repeat_call'));
  },
  caller_cancels: async (replay, run, { ticket = '' }) => {
    run.tickets.set(ticket, await replay.post(run.timeline, ticket));
    await operator({ type: 'cancelled', text: 'The caller needs nobody any more.' }, 'closed')(replay, run, {
      t: '',
      sig: '',
    });
  },
  device_new: async (replay, run, { who = '' }) => {
    replay.stage.people.set(who, await replay.stage.ward.person(who));
    await happens('posted_again')(replay, run, { t: '', sig: '' });
  },
  undecryptable: happens('undecryptable'),
  process_killed: (replay) => replay.kill(),
  process_started: (replay) => replay.start(),
};
