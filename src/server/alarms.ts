import type { Alarms } from '../flows/ports.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from './log.ts';

/** The same alarm about the same account is shown in the control room once in this time; the log and the figures have every one. */
const QUIET_MS = 60_000;

export interface AlarmDesk extends Alarms {
  /** Where notices go once the control room can be reached. */
  notifyBy(notify: (text: string) => Promise<unknown>): void;
}

/** Alarms: a log line, a count, and a notice in the control room. Codes and references only. */
export function createAlarms(log: Log, count: (code: string) => void, clock: Clock): AlarmDesk {
  const shown = new Map<string, number>();
  let notify: ((text: string) => Promise<unknown>) | null = null;
  return {
    notifyBy(next) {
      notify = next;
    },
    raise(code, about) {
      count(code);
      log.warn({ code: 'alarm', alarm: code, ...about }, 'alarm');
      const key = `${code}|${about.account ?? ''}`;
      const now = clock.now();
      const before = shown.get(key);
      // A clock that was put back keeps nothing quiet.
      const isRepeated = before !== undefined && now >= before && now - before < QUIET_MS;
      if (!notify || isRepeated) return;
      shown.set(key, now);
      const where = [about.account && `account ${about.account}`, about.ticket && `ticket ${about.ticket}`]
        .filter(Boolean)
        .join(', ');
      notify(`Alarm: ${code}${where ? ` (${where})` : ''}`).catch((error: unknown) => {
        log.warn(
          { code: 'alarm.not_shown', alarm: code, cause: error instanceof Error ? error.name : 'unknown' },
          'alarm not shown',
        );
      });
    },
  };
}
