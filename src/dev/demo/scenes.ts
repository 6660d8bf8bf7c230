/** What the stories of the demonstration have in common. */
import type { HospitalInfo } from '../hospitalInfo.ts';
import { Person, type SeenEvent } from '../person.ts';
import { searchDatabase, searchHospital } from './canary.ts';
import { wardroom } from './cli.ts';
import type { Timeline } from './timeline.ts';

/** The word is nowhere but in encrypted events, and the search does find what is there. */
export async function checkNowhere(
  hospital: HospitalInfo,
  timeline: Timeline,
  canary: string,
  room: string,
): Promise<void> {
  const { found, tables, rows, files, bytes } = await searchHospital(hospital, [canary]);
  const looked = `${tables} tables with ${rows} rows, ${files} files with ${Math.round(bytes / 1024)} kB`;
  timeline.check(
    'the canary is nowhere in databases, media and logs',
    found.length === 0,
    found.length === 0 ? looked : found.join(', '),
  );
  const control = await searchDatabase(hospital.processes.synapse.database_url, [room]);
  timeline.check(
    'the same search does find what is there (the room id)',
    control.found.length > 0,
    `${control.found.length} tables`,
  );
}

export async function checkAudit(timeline: Timeline, hospital: HospitalInfo): Promise<void> {
  const fsck = await wardroom(
    ['audit', 'fsck', '--json', ...hospital.config_files.flatMap((file) => ['--config', file])],
    { quiet: true },
  );
  const report = JSON.parse(fsck.stdout || '{}') as { ok?: boolean; entries?: number; root?: string };
  timeline.check(
    'the audit log holds',
    fsck.code === 0 && report.ok === true && (report.entries ?? 0) > 0,
    `${report.entries} entries, root ${report.root}`,
  );
}

/** On a device of their own, verified. */
export async function logIn(hospital: HospitalInfo, key: string): Promise<Person> {
  const person = hospital.people.find((one) => one.key === key);
  if (!person) throw new Error(`${key} is missing`);
  return Person.logIn({
    url: hospital.homeserver_url,
    userId: person.user_id,
    password: person.password,
    recoveryKey: person.recovery_key,
  });
}

export const ticketPart = (event: SeenEvent) =>
  (event.content['org.wardroom.ticket'] ?? {}) as { ticket_id?: string; kind?: string };
export const mentions = (event: SeenEvent) =>
  (event.content['m.mentions'] as { user_ids?: string[] } | undefined)?.user_ids ?? [];
export const threadOf = (event: SeenEvent) =>
  (event.content['m.relates_to'] as { event_id?: string } | undefined)?.event_id;
export const arrived = (event: SeenEvent) => (event.readableAt ?? event.receivedAt) - performance.timeOrigin;
export const short = (userId: string) => userId.split(':')[0] ?? userId;
