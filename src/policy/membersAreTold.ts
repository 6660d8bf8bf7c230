import type { RoomClass } from './policySchema.ts';
import { durationMs } from './values.ts';

/** What members are told once per room: what is recorded, how long it lives, how long they may take something back. Plain text, no names. */
export function membersAreTold({ told, retention, recall }: RoomClass): string {
  const { max_age: maxAge, cross_org: crossOrg } = retention;
  const shorter = crossOrg === 'min_of_both' ? ", or sooner where the partner's time is shorter" : '';
  const kept =
    maxAge === 'never'
      ? 'Messages are kept.'
      : `Messages are deleted after ${words(maxAge)}${shorter}; urgent ones (STAT) that nobody acknowledged, and what is under a legal hold, are kept longer.`;
  const back =
    durationMs(recall) === 0
      ? 'What was sent cannot be taken back.'
      : `You can take back what you wrote for ${words(recall)} (!recall).`;
  return `${told} ${kept} ${back}`;
}

const UNIT = { s: 'second', m: 'minute', h: 'hour', d: 'day', y: 'year' } as const;

/** `30 days` of `30d`. */
function words(duration: string): string {
  const count = Number.parseInt(duration, 10);
  const unit = UNIT[duration.at(-1) as keyof typeof UNIT];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
