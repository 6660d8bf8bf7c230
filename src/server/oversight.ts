import { oversightNotice } from '../bot/index.ts';
import { printWorksheet } from '../documents/index.ts';
import type { ActivityRecord } from '../flows/activityPort.ts';
import type { OfficersPort } from '../flows/incidentsPort.ts';
import { ActivityWatch } from '../flows/oversight/activityWatch.ts';
import { DeviceWatch } from '../flows/oversight/deviceWatch.ts';
import { Incidents } from '../flows/oversight/incidents.ts';
import { Reviews, type ReviewsFlow } from '../flows/oversight/reviews.ts';
import { whoCouldRead } from '../flows/oversight/whoCouldRead.ts';
import { Worksheets } from '../flows/oversight/worksheets.ts';
import type { RoomKeeping } from '../flows/rooms/roomKeeping.ts';
import type { TicketFlow } from '../flows/ticketFlow.ts';
import type { RoomId, UserId } from '../kernel/ids.ts';
import type { RunningMatrix } from '../matrix/index.ts';
import { dayAt } from '../policy/index.ts';
import type { AlarmTally } from './alarmTally.ts';
import type { OfficersRoom } from './officersRoom.ts';

/** How often administrators' devices are looked at, in milliseconds. */
const DEVICES_LOOK_MS = 30_000;

export interface OversightParts {
  readonly flow: TicketFlow;
  readonly matrix: Pick<RunningMatrix, 'attachments' | 'devices'>;
  readonly record: ActivityRecord;
  readonly officersRoom: OfficersRoom;
  readonly keeping: Pick<RoomKeeping, 'seen' | 'of'>;
  readonly policy: ReviewsFlow['policy'];
  readonly agreements: ReviewsFlow['agreements'];
  /** Whose devices are watched. */
  readonly members: () => readonly UserId[];
  readonly alarmTally: AlarmTally;
}

/** What privacy and security officers work with: incidents, what looks like one, and the weekly review. */
export function oversight(parts: OversightParts) {
  const { flow, matrix, record, officersRoom, keeping, policy, agreements } = parts;
  const { store, clock, alarms } = flow;
  const officers: OfficersPort = {
    tell: (id, told) => officersRoom.post(id, oversightNotice(told, officersRoom.officers())),
  };
  const incidents = new Incidents({ store, clock, policy, officers, alarms });
  const reviews = new Reviews({ store, clock, policy, agreements, record, officers, alarms });
  const worksheets = new Worksheets({
    store,
    clock,
    policy,
    readers: (room, range) => whoCouldRead({ record, seen: (id) => keeping.seen(id) }, room, range),
    roomName: (room) => nameIn(keeping, room),
    attachments: {
      upload: (name, type, bytes) => matrix.attachments.upload(name, type, bytes),
      post: (id, content) => officersRoom.post(id, content),
    },
    print: printWorksheet,
  });
  const watch = new ActivityWatch({ record, clock, policy, alarms, openDraft: (draft) => incidents.openDraft(draft) });
  const devices = new DeviceWatch({
    store,
    clock,
    members: parts.members,
    devices: (users) => matrix.devices(users),
  });
  let lookedAtDevices = Number.NEGATIVE_INFINITY;
  return {
    incidents,
    reviews,
    worksheets,
    /** Takes up what happened, and tells officers what they have to do. Where this process leads. */
    async look(): Promise<void> {
      const isTime = performance.now() - lookedAtDevices >= DEVICES_LOOK_MS;
      if (isTime) lookedAtDevices = performance.now();
      // A part that fails keeps no other from its work: a clock that runs out is told of whatever else is wrong.
      const looks = await Promise.allSettled([
        isTime ? devices.look() : undefined,
        watch.look().then((isCaughtUp) => reviews.look(isCaughtUp)),
        incidents.look(),
      ]);
      const failed = looks.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    /** Somebody's devices are others than before: looked at with the next look. */
    devicesChanged(): void {
      lookedAtDevices = Number.NEGATIVE_INFINITY;
    },
    /** Keeps how often which alarm was raised; in every process. */
    async countAlarms(): Promise<void> {
      const current = policy();
      if (current === null) return;
      await parts.alarmTally.flush((times) => record.addAlarms(dayAt(clock.now(), current.time_zone), times));
    },
  };
}

function nameIn(keeping: OversightParts['keeping'], room: RoomId): string | null {
  const subject = keeping.of(room)?.subject;
  return subject?.kind === 'room' ? subject.name : null;
}
