import { own } from '../observedRoom.ts';
import { blank, clear, demand, type Found, type Upkeep } from '../upkeepRule.ts';

/** Name, topic and picture are readable by every homeserver: the name it was given, and nothing else. */
export const naming: Upkeep = {
  name: 'naming',
  regulation: '45 CFR 164.502(b), 164.312(e)(1)',
  look: ({ room, facts }) => [
    ...demand(room, 'm.room.name', { name: facts.room.name }, 'name'),
    ...(facts.room.topic === undefined
      ? noTopic(room.event('m.room.topic')?.content)
      : demand(room, 'm.room.topic', { topic: facts.room.topic }, 'topic')),
    ...clear(room, ['m.room.avatar'], 'avatar'),
  ],
};

function noTopic(content: unknown): readonly Found[] {
  if (content === undefined || blank(content)) return [];
  const only = typeof content === 'object' && content !== null && Object.keys(content).length === 1;
  if (only && own(content as Record<string, unknown>, 'topic') === '') return [];
  return [{ kind: 'set-state', fault: 'topic', type: 'm.room.topic', stateKey: '', content: { topic: '' } }];
}
