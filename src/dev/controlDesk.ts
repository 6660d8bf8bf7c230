import type { Person, SeenEvent } from './person.ts';

/** What the bot answered (contract.md, "Bot"), and as people read it. */
export interface BotAnswer {
  readonly command: string;
  readonly outcome: string;
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly confirm?: string;
  readonly expires_at?: string;
  readonly body: string;
}

/** Gives a command in a control room and resolves to its final answer. */
export async function command(person: Person, room: string, words: string, timeoutMs = 30_000): Promise<BotAnswer> {
  const id = await person.say(room, `!wr ${words}`);
  const partOf = (event: SeenEvent) => event.content['org.wardroom.answer'] as Omit<BotAnswer, 'body'> | undefined;
  const repliesTo = (event: SeenEvent) => {
    const relation = event.content['m.relates_to'] as { 'm.in_reply_to'?: { event_id?: string } } | undefined;
    return relation?.['m.in_reply_to']?.event_id === id;
  };
  const first = await person.waitFor((event) => partOf(event) !== undefined && repliesTo(event), { timeoutMs });
  const replaces = (event: SeenEvent) => {
    const relation = event.content['m.relates_to'] as { rel_type?: string; event_id?: string } | undefined;
    return relation?.rel_type === 'm.replace' && relation.event_id === first.eventId;
  };
  const shown = partOf(first)?.outcome === 'running' ? await person.waitFor(replaces, { timeoutMs }) : first;
  const content = (shown.content['m.new_content'] ?? shown.content) as Record<string, unknown>;
  const answer = content['org.wardroom.answer'] as Omit<BotAnswer, 'body'> | undefined;
  if (answer === undefined) throw new Error('the bot answered without saying what');
  return { ...answer, body: String(content.body) };
}
