import { randomUUID } from 'node:crypto';
import type { ControlRoom } from '../flows/commandsPort.ts';
import type { EventId } from '../kernel/ids.ts';
import { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import { notice } from './render.ts';

/** A line for the control room. Codes and references only. */
export const alarmNotice = (text: string): Phi<Record<string, unknown>> => new Phi(notice([text]));

/** Shows operators a line in the control room. Codes and references only. */
export const alarmNotices =
  (room: ControlRoom) =>
  (text: string): Promise<Result<EventId, PortFailure>> =>
    room.post(`wr.notice.${randomUUID()}`, alarmNotice(text));
