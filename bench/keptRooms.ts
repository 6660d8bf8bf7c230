import type { House } from '../src/dev/house.ts';
import { atOnce } from './load.ts';

/** As many commands at once as a few administrators give. */
const AT_ONCE = 4;

/** Makes rooms by command, `CLASS NAME FROM` to `CLASS NAME TO - 1`; resolves to their ids when all of them are as they have to be. */
export async function createRooms(
  house: House,
  { from, to, classOf }: { readonly from: number; readonly to: number; readonly classOf: (index: number) => string },
  say: (line: string) => void,
): Promise<readonly string[]> {
  const rooms: string[] = [];
  let next = from;
  await atOnce(to - from, AT_ONCE, async () => {
    const index = next++;
    const { data } = await house.done(`room create ${classOf(index)} Ward ${index}`);
    rooms.push(String(data.room_id));
    if (rooms.length % 50 === 0) say(`  ${rooms.length} of ${to - from} rooms made`);
  });
  return rooms;
}
