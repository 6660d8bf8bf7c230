import type { RequestListener } from 'node:http';
import type { AccountRooms } from '../flows/accountRooms.ts';
import type { DeadlineKeeper } from '../flows/deadlines.ts';
import type { Dispatcher } from '../flows/dispatcher.ts';
import { isoInstant } from '../kernel/clock.ts';
import { accountId, type ServiceId, type UserId } from '../kernel/ids.ts';
import type { RunningMatrix } from '../matrix/index.ts';
import type { BusinessClock } from './businessClock.ts';

/** What the embedded hospital may ask of the Wardroom it runs. */
export interface DevParts {
  readonly clock: BusinessClock;
  readonly deadlines: DeadlineKeeper;
  readonly dispatcher: Dispatcher;
  readonly matrix: RunningMatrix;
  readonly rooms: AccountRooms;
  readonly services: readonly { readonly id: ServiceId; readonly accounts: readonly string[] }[];
  readonly controlMembers: () => readonly UserId[];
  readonly officers: () => readonly UserId[];
}

/** The door of the `dev` commands, on the loopback listener of the metrics; what it does not know goes on to `next`. */
export function devControl(dev: DevParts, next: RequestListener): RequestListener {
  const routes: Readonly<Record<string, () => Promise<unknown>>> = {
    'POST /dev/clock': () => reloadClock(dev),
    'GET /dev/rooms': () => describeRooms(dev),
    'POST /dev/look': () => look(dev),
    'POST /dev/panic': () => panic(dev),
    'POST /dev/pause': () => pause(dev, true),
    'POST /dev/resume': () => pause(dev, false),
  };
  return (request, response) => {
    const route = routes[`${request.method} ${request.url?.split('?')[0]}`];
    if (!route) return next(request, response);
    route().then(
      (answer) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)),
      () => response.writeHead(503).end(),
    );
  };
}

/** Reads the clock file again and does every step that is due by it before answering. */
async function reloadClock({ clock, deadlines }: DevParts): Promise<unknown> {
  clock.reload();
  await deadlines.poke();
  return { now: isoInstant(clock.now()) };
}

/** Answers when every voice knows of the devices that were there when it was asked. */
async function look({ matrix }: DevParts): Promise<unknown> {
  await matrix.lookForTest();
  return {};
}

/** Ends the crypto engines as a fault inside them would; answers when they are dead. */
async function panic({ matrix }: DevParts): Promise<unknown> {
  await matrix.panicForTest();
  return {};
}

/** Nothing is posted and nobody is told while it is paused. */
async function pause({ dispatcher }: DevParts, isPaused: boolean): Promise<unknown> {
  dispatcher.pause(isPaused);
  return {};
}

async function describeRooms(dev: DevParts): Promise<unknown> {
  const control = await dev.matrix.rooms.ensureControlRoom(dev.controlMembers());
  const audit = await dev.matrix.rooms.ensureAuditRoom(dev.controlMembers());
  const privacy = await dev.matrix.rooms.ensurePrivacyRoom(dev.officers());
  const accounts: Record<string, { room_id: string | null; voices: Record<string, UserId> }> = {};
  for (const service of dev.services) {
    for (const account of service.accounts) {
      const room = await dev.rooms.roomOf(accountId(account));
      accounts[account] ??= { room_id: room.ok ? room.value : null, voices: {} };
      accounts[account].voices[service.id] = dev.matrix.voices.userOf(service.id);
    }
  }
  return {
    bot_user_id: dev.matrix.bot,
    control_room_id: control.ok ? control.value : null,
    audit_room_id: audit.ok ? audit.value : null,
    privacy_room_id: privacy.ok ? privacy.value : null,
    accounts,
  };
}
