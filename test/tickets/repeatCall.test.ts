import { ticketId } from '../../src/kernel/ids.ts';
import { canJoin } from '../../src/tickets/repeatCall.ts';
import type { Urgency } from '../../src/tickets/ticket.ts';
import { acknowledgement, FENN, Life, MIN, posted, SURI } from './fixtures.ts';

const again = (urgency: Urgency = 'stat') =>
  ({ type: 'called_again', ticketId: ticketId('tkt_again'), urgency }) as const;
const started = () => {
  const life = new Life();
  life.happens(0, posted('ticket'));
  return life;
};
const at = (life: Life, event: string) =>
  life
    .of('timeline')
    .filter((entry) => entry.event === event)
    .map(({ ms }) => ms / MIN);

describe('a caller who rings again', () => {
  it('makes the clock read 15 minutes: what is due by then is done at once, what comes later as much sooner', () => {
    const life = started().until(11 * MIN);
    life.happens(12 * MIN, again());
    life.until(200 * MIN);
    expect(at(life, 'step_due')).toEqual([0, 12, 17]);
    expect(life.of('post').find(({ ms, kind }) => ms === 12 * MIN && kind === 'escalation')?.mention).toEqual([SURI]);
    const todos = life.of('report').filter(({ status, text }) => status === 'todo' && !text?.startsWith('DIAL'));
    expect(todos[0]?.ms).toBe(22 * MIN);
    expect(life.of('report').at(-1)).toMatchObject({ status: 'undelivered', ms: 152 * MIN });
  });

  it('is read by those who are due before anybody else is called, and repeats of one step come once', () => {
    const life = started();
    life.happens(MIN, again());
    const then = life.log.filter(({ ms }) => ms === MIN).map(({ effect }) => effect);
    expect(then.find(({ type }) => type === 'words')).toEqual({ type: 'words', mention: [FENN] });
    expect(then.findIndex(({ type }) => type === 'words')).toBeLessThan(then.findIndex(({ type }) => type === 'post'));
    expect(then.filter((effect) => effect.type === 'post' && effect.kind === 'renotify')).toHaveLength(1);
    expect(life.of('timeline').filter(({ late }) => late)).toEqual([]);
  });

  it('never sets the clock back', () => {
    const life = started().until(18 * MIN);
    const { nextStepAt } = life.ticket;
    life.happens(18 * MIN, again());
    expect(life.ticket.nextStepAt).toBe(nextStepAt);
  });

  it('a second time does not do again what was done', () => {
    const life = started();
    life.happens(5 * MIN, again());
    life.happens(6 * MIN, again());
    expect(at(life, 'step_due')).toEqual([0, 5]);
    expect(life.ticket.joined).toHaveLength(2);
  });

  it('with something for information presses nobody, nor where the protocol says nothing of it', () => {
    const life = started();
    life.happens(MIN, again('fyi'));
    expect(life.ticket.nextStepAt).toBe(life.ticket.acceptedAt + 2 * MIN);
    const urgent = new Life({ urgency: 'urgent' });
    const { nextStepAt } = urgent.ticket;
    urgent.happens(MIN, again('urgent'));
    expect(urgent.ticket.nextStepAt).toBe(nextStepAt);
  });

  it('joins no ladder that has ended, that is in hand, or that is of a lesser urgency', () => {
    const life = started();
    expect(canJoin(life.ticket, 'stat')).toBe(true);
    expect(canJoin(new Life({ urgency: 'routine' }).ticket, 'urgent')).toBe(false);
    expect(canJoin(started().until(200 * MIN).ticket, 'stat')).toBe(false);
    life.happens(MIN, { type: 'acknowledged', acknowledgement: acknowledgement(FENN) });
    expect(canJoin(life.ticket, 'stat')).toBe(false);
  });
});
