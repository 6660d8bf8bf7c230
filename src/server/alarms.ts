import type { Alarms } from '../flows/ports.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from './log.ts';

/** The same alarm about the same account is shown in the control room once in this time; the log and the figures have every one. */
const QUIET_MS = 60_000;
/** What could not be shown for longer is old news: the log and the figures have it. */
const STALE_MS = 3_600_000;

/** What to look at, where the alarm itself does not say enough. */
const LOOK_AT: Readonly<Record<string, string>> = {
  'held-message-redacted-by-hand': 'docs/retention.md',
  'schedule-gap': 'wardroom oncall gaps',
  'oncall-unreachable': 'wardroom oncall gaps',
};

/** Shows a line in the control room; not ok when it could not. */
export type Notify = (text: string) => Promise<{ readonly ok: boolean }>;

export interface AlarmDesk extends Alarms {
  /** Where notices go once the control room can be reached. */
  notifyBy(notify: Notify): void;
  /** Shows what could not be shown when it was raised. */
  showAgain(): Promise<void>;
}

/** Alarms: a log line, a count, and a notice in the control room. Codes and references only. */
export function createAlarms(log: Log, count: (code: string) => void, clock: Clock): AlarmDesk {
  const shown = new Map<string, number>();
  const unshown = new Map<string, { readonly text: string; readonly at: number }>();
  let notify: Notify | null = null;

  const show = async (key: string, text: string, at: number): Promise<void> => {
    const done = notify === null ? { ok: false } : await notify(text).catch(() => ({ ok: false }));
    if (done.ok) unshown.delete(key);
    else unshown.set(key, { text, at });
  };
  return {
    notifyBy(next) {
      notify = next;
    },
    async showAgain() {
      for (const [key, { text, at }] of unshown) {
        const age = clock.now() - at;
        if (age >= 0 && age < STALE_MS) await show(key, text, at);
        else {
          log.warn({ code: 'alarm.not_shown', alarm: key.split('|')[0] }, 'alarm not shown in the control room');
          unshown.delete(key);
        }
      }
    },
    raise(code, about) {
      count(code);
      log.warn({ code: 'alarm', alarm: code, ...about }, 'alarm');
      const key = `${code}|${about.account ?? ''}`;
      const now = clock.now();
      const before = shown.get(key);
      // A clock that was put back keeps nothing quiet.
      if (before !== undefined && now >= before && now - before < QUIET_MS) return;
      shown.set(key, now);
      const where = [
        about.account && `account ${about.account}`,
        about.ticket && `ticket ${about.ticket}`,
        !about.account && about.room && `room ${about.room}`,
      ]
        .filter(Boolean)
        .join(', ');
      const hint = LOOK_AT[code];
      void show(key, `Alarm: ${code}${where ? ` (${where})` : ''}${hint ? `: see \`${hint}\`` : ''}`, now);
    },
  };
}
