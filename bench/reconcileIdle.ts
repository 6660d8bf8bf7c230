import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { HospitalInfo } from '../src/dev/hospitalInfo.ts';
import { House } from '../src/dev/house.ts';
import { withHospital } from '../src/dev/temporaryHospital.ts';
import { AccessLog, aboutRooms } from './accessLog.ts';
import { createRooms } from './keptRooms.ts';
import { type Ratio, round } from './ratios.ts';

const SIZES = [50, 200] as const;
/** Four of the looks for what was missed. */
const WINDOW_MS = 60_000;
/** Longer than from one such look to the next: what it found has been looked at, too. */
const REST_MS = 16_000;

/**
 * What one kept room costs while nothing is wrong in any: Wardroom's processor time per room with 200 rooms / with 50, over a minute in which
 * nobody says anything, or all requests to the homeserver per room, whichever grew more.
 * @throws when a request was about a room: as many as there are rooms would be next.
 */
export async function reconcileIdle(say: (line: string) => void): Promise<Ratio> {
  const data = fileURLToPath(new URL('./dispatch.yaml', import.meta.url));
  return withHospital({ name: 'bench', data, say }, (hospital) => measure(hospital, say));
}

async function measure(hospital: HospitalInfo, say: (line: string) => void): Promise<Ratio> {
  const log = new AccessLog(hospital);
  const parts: Record<string, number> = {};
  const perRoom: { readonly cpuMs: number; readonly requests: number }[] = [];
  let made = 0;
  for (const size of SIZES) {
    await makeRooms(hospital, made, size, say);
    made = size;
    await log.roomsAtRest(REST_MS);
    const [position, before] = [await log.position(), await processorSeconds(hospital)];
    await pause(WINDOW_MS);
    const cpuMs = ((await processorSeconds(hospital)) - before) * 1000;
    const requests = await log.since(position);
    const about = aboutRooms(requests);
    say(`  ${size} rooms: ${requests.length} requests a minute, ${about.length} about a room, ${round(cpuMs)} ms`);
    if (about.length > 0)
      throw new Error(`${about.length} requests about rooms in which nothing is wrong: ${about[0]?.path}`);
    perRoom.push({ cpuMs: cpuMs / size, requests: requests.length / size });
    parts[`requests_per_min_${size}`] = requests.length;
    parts[`cpu_ms_per_min_${size}`] = round(cpuMs, 0);
  }
  const [few, many] = perRoom;
  if (!few || !many) throw new Error('nothing was measured');
  return { value: round(Math.max(many.cpuMs / few.cpuMs, many.requests / few.requests)), parts };
}

/** Half of them for everybody, half for one of the professions; people's clients are gone when it resolves. */
async function makeRooms(hospital: HospitalInfo, from: number, to: number, say: (line: string) => void): Promise<void> {
  const house = new House(hospital);
  try {
    await house.open('dr.hawthorn', 'dr.juniper');
    const { user_id: clinician } = hospital.people.find(({ key }) => key === 'np.larch') ?? {};
    if (from === 0) await house.done(`role grant ${clinician} nurse`);
    const classOf = (index: number) => (index % 2 === 0 ? 'announcement' : 'clinical');
    await createRooms(house, { from, to, classOf }, say);
  } finally {
    await house.close();
  }
}

/** Of Wardroom's process, since it started. */
async function processorSeconds(hospital: HospitalInfo): Promise<number> {
  const text = await (await fetch(hospital.metrics_url)).text();
  return Number(/^process_cpu_seconds_total (\S+)$/m.exec(text)?.[1]);
}
