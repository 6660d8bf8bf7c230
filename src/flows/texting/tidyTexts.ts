import { durationMs, type Policy } from '../../policy/index.ts';
import type { TextingFlow } from './textingFlow.ts';
import { TEXT_ROOM_CLASS } from './textRooms.ts';

/**
 * What Wardroom still holds of texts themselves, those that nobody said whose they are, and those that were held: it goes when the messages of rooms
 * of texts do (45 CFR 164.310(d)(2), 164.502(b)). What is in a room is deleted with the room's messages.
 */
export async function tidyTexts(flow: TextingFlow, policy: Policy | null): Promise<void> {
  const lifetime = policy?.classes[TEXT_ROOM_CLASS]?.retention.max_age ?? 'never';
  if (lifetime === 'never') return;
  await flow.store.change(async (tx) => {
    const count = await tx.texts.forgetOlder(flow.clock.now() - durationMs(lifetime));
    if (count === 0) return null;
    return { value: null, audit: [{ action: 'text.forgotten', outcome: 'ok', actor: 'wardroom', detail: { count } }] };
  });
}
