import { accountId, eventId, type UserId } from '../../src/kernel/ids.ts';
import { buildDirectory } from '../../src/tickets/directory.ts';
import { acknowledgement, dispatch, FENN, Life, MIN, posted, QUIST, STRANGER, SURI, T0, TOLLIVER } from './fixtures.ts';

const declined = (by: UserId) => ({ type: 'declined', by }) as const;
const passed = (by: UserId, to: UserId) => ({ type: 'passed', by, to }) as const;
const taken = (by: UserId, ms: number, id = '$a') =>
  ({ type: 'acknowledged', acknowledgement: acknowledgement(by, { eventId: eventId(id), at: T0 + ms }) }) as const;

/** On Saturday Dr Fenn is on call for LARK-CARD, Dr Van Tongeren is the backup. */
const started = () => {
  const life = new Life();
  life.happens(0, posted('ticket'));
  return life;
};
const escalations = (life: Life) =>
  life
    .of('post')
    .filter(({ kind }) => kind === 'escalation')
    .map(({ ms, step, mention }) => [ms / MIN, step, ...mention]);

describe('declining', () => {
  it('calls the backup at once, tells the service, and the same step is not repeated later', () => {
    const life = started();
    life.happens(MIN / 2, declined(FENN));
    expect(escalations(life)).toEqual([[0.5, 5, SURI]]);
    expect(life.reports.slice(-3)).toEqual(['seen', 'declined', 'escalated']);
    expect(life.of('report').find(({ status }) => status === 'declined')).toMatchObject({ by: FENN, step: 0 });
    life.until(24 * MIN);
    expect(escalations(life)).toEqual([
      [0.5, 5, SURI],
      [20, 6],
    ]);
    expect(life.ticket.state).toBe('seen');
  });

  it('leaves reminders to those who are waited for', () => {
    const life = started();
    life.happens(MIN / 2, declined(FENN));
    life.until(3 * MIN);
    expect(life.of('post').find(({ kind }) => kind === 'renotify')?.mention).toEqual([SURI]);
  });

  it('twice by the same person changes nothing more', () => {
    const life = started();
    life.happens(MIN / 2, declined(FENN));
    const { ticket } = life;
    expect(life.happens(MIN, declined(FENN))).toEqual({ ticket, effects: [] });
  });

  it('by the backup, too, goes on to the other organisation, then to a human operator', () => {
    const life = started();
    life.happens(MIN, declined(FENN));
    life.happens(2 * MIN, declined(SURI));
    expect(escalations(life)).toEqual([
      [1, 5, SURI],
      [2, 6],
    ]);
    life.happens(3 * MIN, declined(SURI));
    expect(life.of('report').at(-1)).toMatchObject({ status: 'todo', ms: 3 * MIN });
    expect(life.of('report').at(-1)?.text).toMatch(/nobody else/);
  });

  it('by somebody whose place another took already is only told', () => {
    const life = started().until(16 * MIN);
    const before = escalations(life);
    life.happens(16 * MIN, declined(FENN));
    expect(escalations(life)).toEqual(before);
    expect(life.reports.at(-1)).toBe('declined');
  });

  it('where the backup is the same person goes further', () => {
    const same = structuredClone(dispatch);
    Object.assign(same.practices['LARK-CARD']!, { default: ['dr.fenn', 'dr.fenn'] });
    Object.assign(same.practices['LARK-CARD']!.roles['oncall-cardiology']!, {
      backup: { type: 'daily', anchor: '2026-11-02', handover: '19:00', order: ['dr.fenn'] },
    });
    const life = new Life({}, buildDirectory(same));
    life.happens(0, posted('ticket'));
    life.happens(MIN, declined(FENN));
    expect(escalations(life)).toEqual([[1, 6]]);
  });

  it('where the ladder names nobody else tells the operator', () => {
    const life = new Life({
      account: accountId('VESPER-RECOVERY'),
      acceptedAt: Date.parse('2026-11-30T23:05:20-08:00'),
    });
    life.happens(0, posted('ticket'));
    life.happens(MIN, declined(life.ticket.due[0]!));
    expect(life.of('report').at(-1)).toMatchObject({ status: 'todo', ms: MIN });
    expect(life.ticket.nextStepAt).not.toBeNull();
  });

  it('counts for nothing from somebody who was not called', () => {
    const life = started();
    for (const who of [QUIST, STRANGER]) life.happens(MIN, declined(who));
    expect(escalations(life)).toEqual([]);
    expect(life.reports).not.toContain('declined');
  });

  it('by the one who took it gives it back, and the ladder stands where it stood', () => {
    const life = started();
    life.happens(MIN, taken(FENN, MIN));
    life.happens(41 * MIN, declined(FENN));
    expect(life.reports.slice(-3)).toEqual(['unacknowledged', 'declined', 'escalated']);
    expect(escalations(life)).toEqual([[41, 5, SURI]]);
    life.until(59 * MIN);
    expect(escalations(life)).toHaveLength(1);
    life.until(60 * MIN);
    expect(escalations(life).at(-1)).toEqual([60, 6]);
  });

  it('while another’s acknowledgement stands takes back one’s own and nothing else', () => {
    const life = started();
    life.happens(MIN, taken(FENN, MIN));
    life.happens(2 * MIN, taken(SURI, 2 * MIN, '$b'));
    life.happens(3 * MIN, declined(FENN));
    expect(life.ticket).toMatchObject({ state: 'acknowledged', nextStepAt: null, acknowledgements: [{ by: SURI }] });
    expect(escalations(life)).toEqual([]);
  });
});

describe('handing over', () => {
  it('calls the colleague, who is due from then on', () => {
    const life = started();
    life.happens(MIN, passed(FENN, QUIST));
    expect(escalations(life)).toEqual([[1, null, QUIST]]);
    expect(life.of('timeline')).toContainEqual(
      expect.objectContaining({ event: 'step_due', who: QUIST, code: 'passed' }),
    );
    expect(life.of('report').at(-1)).toMatchObject({ status: 'declined', by: FENN });
    expect(life.ticket.due).toEqual([FENN, QUIST]);
    life.until(2 * MIN);
    expect(life.of('post').at(-1)).toMatchObject({ kind: 'renotify', mention: [QUIST] });
    life.until(15 * MIN);
    expect(escalations(life).at(-1)).toEqual([15, 5, SURI]);
  });

  it('gives the colleague the time that is left, when one had taken the ticket', () => {
    const life = started();
    life.happens(3 * MIN, taken(FENN, 3 * MIN));
    life.happens(63 * MIN, passed(FENN, TOLLIVER));
    expect(life.ticket).toMatchObject({ state: 'seen', alerted: [TOLLIVER] });
    expect(life.ticket.nextStepAt).toBe(life.ticket.acceptedAt + 64 * MIN);
    life.happens(64 * MIN, taken(TOLLIVER, 64 * MIN, '$b'));
    expect(life.ticket.state).toBe('acknowledged');
  });

  it.each([
    ['to somebody who may not take it', FENN, STRANGER],
    ['to oneself', FENN, FENN],
    ['by somebody who has not got it', TOLLIVER, FENN],
  ])('%s is not possible', (_what, by, to) => {
    const life = started();
    life.happens(MIN, passed(by, to));
    expect(escalations(life)).toEqual([]);
    expect(life.reports).not.toContain('declined');
  });
});
