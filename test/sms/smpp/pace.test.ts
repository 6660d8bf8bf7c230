import { InOrder } from '../../../src/sms/smpp/inOrder.ts';
import { Pace } from '../../../src/sms/smpp/pace.ts';
import { Pending } from '../../../src/sms/smpp/pending.ts';
import { Turns } from '../../../src/sms/smpp/turns.ts';
import { settle, TurnedTimers } from './turnedTimers.ts';

describe('the pace of submits', () => {
  let timers: TurnedTimers;
  beforeEach(() => {
    timers = new TurnedTimers();
  });

  /** Takes turns for `count`, each done at once, and says when each went. */
  const goes = (turns: Turns, count: number): number[] => {
    const at: number[] = [];
    for (let index = 0; index < count; index += 1)
      void turns.take().then((mayGo) => {
        if (mayGo) at.push(timers.now());
        turns.done();
      });
    return at;
  };

  it.each([1, 7, 30, 250, 3_000])('lets at most %s go in any second, and hardly fewer', async (perSecond) => {
    const turns = new Turns(10, new Pace(perSecond, timers), timers);
    turns.open();
    const count = perSecond * 4;
    const at = goes(turns, count);
    await timers.turn(10_000);
    expect(at).toHaveLength(count);
    expect(at.at(-1)).toBeLessThanOrEqual(4_000);
    for (let index = 0; index + perSecond + 1 < at.length; index += 1)
      expect((at[index + perSecond + 1] as number) - (at[index] as number)).toBeGreaterThanOrEqual(998.99);
  });

  it('does not save up while nothing is sent', async () => {
    const turns = new Turns(100, new Pace(10, timers), timers);
    turns.open();
    await timers.turn(60_000);
    const at = goes(turns, 30);
    await timers.turn(1_000);
    expect(at.length).toBeLessThanOrEqual(11);
  });

  it('goes at half the pace when it was too fast, a full window of "throttled" being one reason, and comes back', async () => {
    const pace = new Pace(100, timers);
    const turns = new Turns(10, pace, timers);
    turns.open();
    expect(pace.slowDown()).toBe(2_000);
    for (let again = 0; again < 9; again += 1) expect(pace.slowDown()).toBe(2_000);
    const slow = goes(turns, 500);
    await timers.turn(1_000);
    expect(slow.length).toBeGreaterThan(40);
    expect(slow.length).toBeLessThan(62);
    for (let second = 0; second < 20; second += 1) {
      pace.slowDown();
      await timers.turn(1_000);
    }
    expect(pace.slowDown()).toBe(16_000);
    await timers.turn(30_000);
    const fast = goes(turns, 500);
    await timers.turn(1_000);
    expect(fast.length).toBeGreaterThan(95);
  });

  it('never has more going than the window, and serves in the order of asking', async () => {
    const turns = new Turns(3, new Pace(1_000_000, timers), timers);
    turns.open();
    const served: number[] = [];
    for (let index = 0; index < 8; index += 1) void turns.take().then(() => served.push(index));
    await timers.turn(10);
    expect(served).toEqual([0, 1, 2]);
    turns.done();
    await timers.turn(10);
    expect(served).toEqual([0, 1, 2, 3]);
  });

  it('sends away who waits when the connection is lost, and takes nobody until there is one', async () => {
    const turns = new Turns(1, new Pace(1_000, timers), timers);
    expect(await turns.take()).toBe(false);
    turns.open();
    expect(await turns.take()).toBe(true);
    const second = turns.take();
    turns.shut();
    expect(await second).toBe(false);
    turns.done();
    turns.open();
    const third = turns.take();
    await timers.turn(10);
    expect(await third).toBe(true);
    expect(timers.waiting).toBe(0);
  });
});

describe('requests that wait for an answer', () => {
  it('are answered once: a second and a late answer meet nobody', async () => {
    const timers = new TurnedTimers();
    const pending = new Pending(timers);
    const one = pending.add(1_000);
    const two = pending.add(1_000);
    expect(one.sequence).not.toBe(two.sequence);
    const ok = { kind: 'answered', command: 1, status: 0, body: Buffer.alloc(0) } as const;
    expect(pending.answered(one.sequence, ok)).toBe(true);
    expect(pending.answered(one.sequence, ok)).toBe(false);
    expect(await one.answer).toBe(ok);
    await timers.turn(1_000);
    expect(await two.answer).toEqual({ kind: 'late' });
    expect(pending.answered(two.sequence, ok)).toBe(false);
    const three = pending.add(1_000);
    let isEmpty = false;
    pending.whenEmpty(() => {
      isEmpty = true;
    });
    expect(isEmpty).toBe(false);
    pending.lose();
    expect(await three.answer).toEqual({ kind: 'lost' });
    expect([isEmpty, timers.waiting]).toEqual([true, 0]);
  });
});

describe('work in order', () => {
  it('is done one after the other for one key, at once for others, and goes on after a failure', async () => {
    const inOrder = new InOrder();
    const done: string[] = [];
    const first = Promise.withResolvers<void>();
    const fails = inOrder.run('a', () => first.promise);
    void inOrder.run('a', async () => void done.push('a2'));
    void inOrder.run('b', async () => void done.push('b1'));
    await settle();
    expect(done).toEqual(['b1']);
    first.reject(new Error('no'));
    await expect(fails).rejects.toThrow('no');
    await settle();
    expect(done).toEqual(['b1', 'a2']);
  });
});
