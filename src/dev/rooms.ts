import { z } from 'zod';
import { pollUntil } from './wait.ts';

/** What Wardroom's development listener says of its rooms, once all of them are there. */
const roomsSchema = z.object({
  control_room_id: z.string(),
  audit_room_id: z.string(),
  privacy_room_id: z.string(),
  bot_user_id: z.string(),
  accounts: z.record(z.string(), z.object({ room_id: z.string(), voices: z.record(z.string(), z.string()) })),
});
export type Rooms = z.output<typeof roomsSchema>;

/** Asks Wardroom for its rooms until it has made them all; it tries anew to make what is missing each time it is asked. */
export async function ensureRooms(metricsBase: string): Promise<Rooms> {
  let rooms: Rooms | undefined;
  await pollUntil(
    'the rooms of Wardroom',
    async () => {
      const response = await fetch(`${metricsBase}/dev/rooms`, { signal: AbortSignal.timeout(60_000) });
      rooms = response.ok ? roomsSchema.safeParse(await response.json()).data : undefined;
      return rooms !== undefined;
    },
    { deadlineMs: 90_000, everyMs: 250 },
  );
  return rooms!;
}
