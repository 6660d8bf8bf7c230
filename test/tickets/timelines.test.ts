import { accountId, eventId, operatorName, ticketId, type UserId, userId } from '../../src/kernel/ids.ts';
import { readTicket } from '../../src/tickets/readTicket.ts';
import type { TicketEvent } from '../../src/tickets/ticket.ts';
import {
  acknowledgement,
  at,
  clock,
  directory,
  dispatch,
  Life,
  posted,
  type Timeline,
  ticketById,
  timelines,
} from './fixtures.ts';

/** What of the data's signals a room or an operator can bring; texts and calls come with their channels. */
const ROOM_SIGNALS: Record<string, (who: UserId, choice: string | undefined) => TicketEvent | null> = {
  mcr_choice: (who, choice) =>
    choice === 'Send to backup' || choice === 'Reject'
      ? { type: 'declined', by: who }
      : { type: 'acknowledged', acknowledgement: acknowledgement(who) },
  patched: () => ({ type: 'patched', by: operatorName('op17'), eventId: eventId('operator:1') }),
  caller_repeat_call: () => ({ type: 'called_again', ticketId: ticketId('tkt_again'), urgency: 'stat' }),
  closed_by_dispatcher: () => ({ type: 'closed', by: operatorName('op17'), how: 'closed' }),
  wctp_accept: () => null,
  mx_sent: () => posted('ticket'),
  mx_delivered: () => posted('ticket'),
  mx_read: (who) => ({ type: 'seen', by: who }),
  mx_reaction: (who) => ({
    type: 'acknowledged',
    acknowledgement: acknowledgement(who, { how: 'reaction', strength: 'server' }),
  }),
  filed: (who) => ({ type: 'acknowledged', acknowledgement: acknowledgement(who) }),
};

const known = (who: string | undefined): UserId | null => {
  const person = who ? dispatch.people[who] : undefined;
  return person ? userId(person.mxid) : null;
};

/** Replays a timeline until its first signal that no room brings. */
function replay(timeline: Timeline): { life: Life; knownUntil: number } {
  const read = readTicket(ticketById(timeline.ticket), { now: at(timeline.t0), ownNumbers: [] });
  if (!read.ok) throw new Error('unreadable');
  const { account, urgency, flags, externalId } = read.value;
  const life = new Life({ acceptedAt: at(timeline.t0), account: accountId(account), urgency, flags, externalId });
  const first = life.ticket.due[0] as UserId;
  for (const input of timeline.inputs) {
    const signal = ROOM_SIGNALS[input.sig];
    const ms = clock(input.t);
    if (!signal || (input.who && !known(input.who))) return { life: life.until(ms - 1), knownUntil: ms };
    life.until(ms - 1);
    const event = signal(known(input.who) ?? first, input.choice);
    if (event) life.happens(ms, event);
  }
  return { life: life.until(24 * 3_600_000), knownUntil: Number.POSITIVE_INFINITY };
}

const SEEN_IN_A_ROOM = (
  expected: Record<string, unknown>,
): 'renotify' | 'todo' | 'dial' | 'room' | 'skipped' | 'stopped' | null => {
  const log = typeof expected.log === 'string' ? expected.log : '';
  if (log.startsWith('renotify')) return 'renotify';
  if (log === 'DIAL') return 'dial';
  if (log.startsWith('SM SMS') || log.startsWith('skipped')) return 'skipped';
  if (typeof expected.todo === 'string' && expected.todo === 'dispatcher') return 'todo';
  if (expected.escalation === 'stopped') return 'stopped';
  return null;
};

describe.each(timelines.map((one) => [one.id, one] as const))('timeline %s', (_id, timeline) => {
  const { life, knownUntil } = replay(timeline);
  const entries = life.of('timeline');
  const checks = timeline.expect.flatMap((expected) => {
    const kind = SEEN_IN_A_ROOM(expected);
    const t = expected.t;
    return kind && typeof t === 'string' && clock(t) < knownUntil ? [{ kind, ms: clock(t), expected }] : [];
  });

  it('has the protocol that the data say', () => {
    expect(life.ticket.protocol).toBe(timeline.protocol);
  });

  it('does what is expected of a room and an operator when it is expected', () => {
    for (const { kind, ms, expected } of checks) {
      const then = entries.filter((entry) => entry.ms === ms);
      const absent = expected.absent === true;
      if (kind === 'renotify') expect(then.some((entry) => entry.event === 'renotified')).toBe(!absent);
      if (kind === 'todo') expect(then.some((entry) => entry.event === 'todo')).toBe(!absent);
      if (kind === 'dial') expect(then.some(({ event, code }) => event === 'todo' && code === 'DIAL')).toBe(!absent);
      if (kind === 'skipped') expect(then.some((entry) => entry.event === 'step_skipped')).toBe(!absent);
      if (kind === 'stopped') {
        expect(['acknowledged', 'closed']).toContain(life.ticket.state);
        expect(entries.filter((entry) => entry.ms > ms)).toEqual([]);
      }
    }
  });

  it('alerts whom the data say is on call', () => {
    const [first] = timeline.expect.flatMap((expected) =>
      typeof expected.resolve === 'string' && expected.t === undefined ? [expected.resolve] : [],
    );
    if (first === undefined) return;
    const roomFirst = life.ticket.plan[0]?.do === 'room';
    if (roomFirst) expect(life.of('timeline').find(({ event }) => event === 'step_due')?.who).toBe(known(first));
    else {
      const account = life.ticket.account;
      const found = directory.resolve(account, 'primary.cell', at(timeline.t0));
      expect(found).toMatchObject({ kind: 'people', people: [{ person: first }] });
    }
    for (const expected of timeline.expect) {
      if (typeof expected.room !== 'string' || typeof expected.resolve !== 'string' || typeof expected.t !== 'string')
        continue;
      if (clock(expected.t) >= knownUntil) continue;
      const then = entries.filter((entry) => entry.ms === clock(expected.t as string) && entry.event === 'step_due');
      expect(then.map(({ who }) => who)).toContain(known(expected.resolve));
    }
  });

  it('ends as the data say, where rooms alone decide it', () => {
    if (knownUntil !== Number.POSITIVE_INFINITY || timeline.final === 'reported' || timeline.final === undefined)
      return;
    expect(life.ticket.state).toBe(timeline.final);
  });
});

describe('the timelines', () => {
  it('are replayed to the end where nothing but rooms is needed', () => {
    const whole = timelines.filter((one) => replay(one).knownUntil === Number.POSITIVE_INFINITY).map((one) => one.id);
    expect(whole).toEqual(
      expect.arrayContaining([
        'reaction-before-the-text',
        'nobody-answers',
        'restricted-account',
        'decline-hands-over',
        'repeat-call-jumps-ahead',
        'call-in-text-without-patient-data',
      ]),
    );
  });

  it('tell an operator by 155:00 when nobody answers a STAT', () => {
    const { life } = replay(timelines.find((one) => one.id === 'nobody-answers')!);
    const end = life.of('report').at(-1)!;
    expect(end.status).toBe('undelivered');
    expect(end.ms).toBeGreaterThanOrEqual(clock('145:00'));
    expect(end.ms).toBeLessThanOrEqual(clock('155:00'));
    expect(life.of('report').filter((one) => one.status === 'renotified')).toHaveLength(5);
  });

  it('keep wall times of digest and report', () => {
    const due = (id: string) => {
      const timeline = timelines.find((one) => one.id === id)!;
      return replay(timeline).life.ticket.plan[0]!.dueAt;
    };
    expect(due('fyi-waits-for-the-digest')).toBe(at('2026-11-30T07:30:00-05:00'));
    expect(due('refill-waits-for-the-office')).toBe(at('2026-11-30T08:00:00-05:00'));
    expect(directory.placeOf(accountId('ORRIN-HOME')).tz).toBe('America/New_York');
  });
});
