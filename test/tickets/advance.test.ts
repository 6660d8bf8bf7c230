import { accountId, eventId } from '../../src/kernel/ids.ts';
import { advance } from '../../src/tickets/advance.ts';
import { buildDirectory } from '../../src/tickets/directory.ts';
import {
  acknowledgement,
  at,
  directory,
  dispatch,
  FENN,
  Life,
  MIN,
  posted,
  QUIST,
  ROOT,
  STRANGER,
  SURI,
  T0,
  TOLLIVER,
} from './fixtures.ts';

const acked = (by = FENN, id = '$a') =>
  ({ type: 'acknowledged', acknowledgement: acknowledgement(by, { eventId: eventId(id) }) }) as const;
const withdrawn = (id = '$a') => ({ type: 'withdrawn', eventId: eventId(id) }) as const;

describe('acceptance', () => {
  it('posts the ticket at once and mentions who is due', () => {
    const life = new Life();
    expect(life.of('post')).toEqual([{ type: 'post', kind: 'ticket', step: 0, repeat: 1, mention: [FENN], ms: 0 }]);
    expect(life.events).toEqual(['accepted', 'step_due']);
    expect(life.reports).toEqual(['accepted']);
    expect(life.ticket).toMatchObject({
      state: 'accepted',
      due: [FENN],
      done: 1,
      nextStepAt: T0 + 2 * MIN,
      protocol: 'LARK-CARD/STAT',
    });
  });

  it('posts without a mention where the step does not ask for one, and still counts who is due', () => {
    const life = new Life({ urgency: 'urgent' });
    expect(life.of('post')).toMatchObject([{ kind: 'ticket', step: 0, mention: [] }]);
    expect(life.ticket.due).toEqual([FENN]);
  });

  it.each(['fyi', 'routine'] as const)(
    'posts a %s ticket into the room although its protocol names no room',
    (urgency) => {
      const life = new Life({ urgency });
      expect(life.of('post')).toEqual([{ type: 'post', kind: 'ticket', step: null, repeat: 1, mention: [], ms: 0 }]);
      expect(life.ticket.due).toEqual([]);
    },
  );

  it('of an account without a schedule goes to the site’s default, tells the operator and raises an alarm', () => {
    const life = new Life({ account: accountId('TAMSIN-OB'), urgency: 'urgent' });
    expect(life.ticket).toMatchObject({
      protocol: 'SITE-DEFAULT/URGENT',
      flags: ['no_schedule'],
      due: ['@merrow:nightjar.example'],
    });
    expect(life.of('alarm').map((alarm) => alarm.code)).toEqual(['no-schedule']);
    expect(life.of('report')).toMatchObject([
      { status: 'accepted' },
      { status: 'todo', text: 'Account has no schedule, call the practice' },
    ]);
  });

  it('skips what is not configured, says so, and alarms when that leaves an urgent ticket with nobody', () => {
    const life = new Life({ account: accountId('ORRIN-HOME'), urgency: 'urgent' });
    expect(life.of('timeline')).toContainEqual({
      type: 'timeline',
      event: 'step_skipped',
      step: 0,
      code: 'not-configured',
      ms: 0,
    });
    expect(life.of('alarm')).toEqual([{ type: 'alarm', code: 'step-skipped', step: 0, ms: 0 }]);
    expect(life.of('post')).toHaveLength(1);
  });

  it('a second time changes nothing', () => {
    const { ticket } = new Life();
    expect(advance(ticket, { type: 'accepted' }, T0 + 1, directory)).toEqual({ ticket, effects: [] });
  });
});

describe('a report', () => {
  it('is posted when it is due, alerts nobody, and ends the ticket as reported', () => {
    const life = new Life({ urgency: 'fyi' });
    life.happens(1000, posted('ticket', [], null));
    life.until(24 * 60 * MIN);
    expect(life.of('post').map(({ kind, mention }) => [kind, mention])).toEqual([
      ['ticket', []],
      ['report', []],
    ]);
    expect(life.ticket.state).toBe('sent');
    life.happens(24 * 60 * MIN, posted('report'));
    expect(life.ticket).toMatchObject({ state: 'reported', nextStepAt: null, due: [] });
    expect(life.reports).toEqual(['accepted', 'sent', 'reported']);
    expect(life.happens(24 * 60 * MIN + 1, posted('report')).effects).toEqual([]);
  });

  it('is no step without a room to go to', () => {
    const copy = structuredClone(dispatch);
    copy.protocols['LARK-CARD/FYI']!.steps[0]!.to = 'oncall-cardiology';
    const life = new Life({ urgency: 'fyi' }, buildDirectory(copy)).until(24 * 60 * MIN);
    expect(life.of('timeline')).toContainEqual(
      expect.objectContaining({ event: 'step_skipped', code: 'no-report-room' }),
    );
  });
});

describe('the ladder', () => {
  it('reminds, escalates, tells the operator, and gives up when nobody answers', () => {
    const life = new Life().until(200 * MIN);
    const posts = life
      .of('post')
      .map(({ kind, ms, repeat, mention, step }) => [kind, ms / MIN, repeat, mention[0], step]);
    expect(posts).toEqual([
      ['ticket', 0, 1, FENN, 0],
      ['renotify', 2, 1, FENN, 1],
      ['renotify', 4, 2, FENN, 1],
      ['renotify', 6, 3, FENN, 1],
      ['renotify', 8, 4, FENN, 1],
      ['renotify', 10, 5, FENN, 1],
      ['escalation', 15, 1, SURI, 5],
      ['escalation', 20, 1, undefined, 6],
    ]);
    expect(
      life
        .of('report')
        .filter((one) => one.status === 'todo')
        .map((one) => one.ms / MIN),
    ).toEqual([10, 15, 20, 25, 35, 45, 55, 65, 75, 85, 95, 105, 115, 125, 135, 145]);
    expect(
      life
        .of('report')
        .filter((one) => one.status === 'todo')
        .map((one) => one.text)
        .slice(0, 4),
    ).toEqual([
      'DIAL dr.fenn +12125550177',
      'DIAL dr.fenn +12125550178',
      'DIAL hospitalist-night at fenwickvale.example (COV-2026-014)',
      'Call alternates, stay on board',
    ]);
    expect(
      life
        .of('timeline')
        .filter((one) => one.event === 'step_skipped')
        .map((one) => [one.step, one.code]),
    ).toEqual([[2, 'not-configured']]);
    expect(life.of('report').at(-1)).toEqual({ type: 'report', status: 'undelivered', step: 8, ms: 155 * MIN });
    expect(life.of('alarm').map((alarm) => [alarm.code, alarm.step])).toEqual([['undelivered', 8]]);
    expect(life.ticket).toMatchObject({ state: 'undelivered', nextStepAt: null, due: [FENN, SURI] });
  });

  it('is not stopped by being posted, delivered, seen or replied to', () => {
    const life = new Life();
    life.happens(1000, posted('ticket'));
    life.happens(2000, { type: 'seen', by: FENN });
    life.happens(3000, { type: 'replied', by: FENN });
    expect(life.ticket.nextStepAt).toBe(T0 + 2 * MIN);
    expect(life.until(2 * MIN).reports).toContain('renotified');
  });

  it('does nothing before its time, and nothing twice', () => {
    const life = new Life();
    expect(life.happens(2 * MIN - 1, { type: 'deadline' }).effects).toEqual([]);
    expect(life.happens(2 * MIN, { type: 'deadline' }).effects).not.toEqual([]);
    expect(life.happens(2 * MIN, { type: 'deadline' }).effects).toEqual([]);
    // The clock stepped back.
    expect(life.happens(MIN, { type: 'deadline' }).effects).toEqual([]);
  });

  it('does what fell due while it was away once each, in order, marked late', () => {
    const life = new Life();
    const { effects } = life.happens(16 * MIN, { type: 'deadline' });
    expect(effects.flatMap((one) => (one.type === 'post' ? [`${one.kind} ${one.repeat}`] : []))).toEqual([
      'renotify 1',
      'renotify 2',
      'renotify 3',
      'renotify 4',
      'renotify 5',
      'escalation 1',
    ]);
    expect(effects.every((one) => one.type !== 'timeline' || one.late === true)).toBe(true);
    expect(life.ticket.nextStepAt).toBe(T0 + 20 * MIN);
  });

  it('is late only after five seconds', () => {
    const lateness = (ms: number) =>
      new Life().happens(2 * MIN + ms, { type: 'deadline' }).effects.some((one) => one.type === 'timeline' && one.late);
    expect(lateness(5000)).toBe(false);
    expect(lateness(5001)).toBe(true);
  });

  it('asks who is due when the step falls due, and never drops a step because of a name', () => {
    const using = structuredClone(dispatch);
    using.protocols['LARK-CARD/STAT'] = {
      steps: [
        { at: '0m', do: 'room', to: 'oncall-nobody', mention: true },
        { at: '1m', do: 'room', to: 'dispatcher' },
      ],
    };
    const life = new Life({}, buildDirectory(using)).until(MIN);
    expect(life.of('post')).toMatchObject([{ kind: 'ticket', mention: [FENN] }]);
    expect(life.of('alarm')).toMatchObject([{ code: 'target-unknown' }]);
    expect(life.of('report').at(-1)).toMatchObject({ status: 'todo', step: 1 });
  });

  it('that has nobody to remind skips the reminder and says so', () => {
    const using = structuredClone(dispatch);
    using.protocols['LARK-CARD/STAT'] = {
      steps: [
        { at: '0m', do: 'sms', to: 'primary.cell' },
        { every: '1m', times: 1, do: 'renotify' },
      ],
    };
    const life = new Life({}, buildDirectory(using)).until(MIN);
    expect(life.of('timeline').at(-1)).toMatchObject({ event: 'step_skipped', code: 'nobody-alerted', step: 1 });
    expect(life.of('post')).toHaveLength(1);
  });
});

describe('delivery', () => {
  it('is sent, then delivered when everyone due has the key', () => {
    const life = new Life();
    life.happens(1000, posted('ticket'));
    expect(life.reports).toEqual(['accepted', 'sent', 'delivered']);
    expect(life.ticket).toMatchObject({ state: 'delivered', rootEventId: ROOT });
  });

  it('is never claimed while nobody is due', () => {
    const life = new Life({ urgency: 'fyi' });
    life.happens(1000, posted('ticket'));
    expect(life.reports).toEqual(['accepted', 'sent']);
    expect(life.ticket.state).toBe('sent');
  });

  it('is undecryptable when somebody due has no device with the key: the service, an operator and the alarm are told', () => {
    const life = new Life();
    life.happens(1000, posted('ticket', [FENN]));
    expect(life.of('report')).toMatchObject([
      { status: 'accepted' },
      { status: 'sent' },
      { status: 'undecryptable', by: FENN },
      { status: 'todo', text: 'Message cannot be read, ring cell' },
    ]);
    expect(life.of('alarm').map((one) => one.code)).toEqual(['undecryptable']);
    expect(life.ticket).toMatchObject({ state: 'undecryptable', cannotRead: [FENN] });
    life.happens(2000, posted('renotify', [FENN], 1));
    expect(life.of('alarm')).toHaveLength(1);
  });

  it('is delivered after the ticket was posted again for the new device', () => {
    const life = new Life();
    life.happens(1000, posted('ticket', [FENN]));
    const { effects } = life.happens(60_000, { type: 'readable', by: FENN });
    expect(effects).toEqual([
      { type: 'timeline', event: 'posted_again', who: FENN },
      { type: 'post', kind: 'posted_again', step: null, repeat: 1, mention: [FENN] },
    ]);
    expect(life.happens(60_001, { type: 'readable', by: FENN }).effects).toEqual([]);
    expect(life.ticket.state).toBe('undecryptable');
    life.happens(61_000, posted('posted_again'));
    expect(life.ticket).toMatchObject({ state: 'delivered', cannotRead: [], postingAgain: [] });
    expect(life.reports.filter((one) => one === 'delivered')).toHaveLength(1);
  });

  it('can be tried again when the posted-again message did not reach the person either', () => {
    const life = new Life();
    life.happens(1000, posted('ticket', [FENN]));
    life.happens(2000, { type: 'readable', by: FENN });
    life.happens(3000, posted('posted_again', [FENN]));
    expect(life.ticket.state).toBe('undecryptable');
    expect(life.happens(4000, { type: 'readable', by: FENN }).effects).toHaveLength(2);
  });

  it('turns undecryptable when the ladder reaches somebody without a device', () => {
    const life = new Life().until(0);
    life.happens(1000, posted('ticket'));
    life.until(15 * MIN);
    life.happens(15 * MIN + 500, posted('escalation', [SURI], 5));
    expect(life.ticket.state).toBe('undecryptable');
    life.happens(15 * MIN + 600, { type: 'readable', by: SURI });
    life.happens(15 * MIN + 900, posted('posted_again'));
    expect(life.ticket.state).toBe('delivered');
  });

  it('does not post again for somebody who is not due', () => {
    const life = new Life();
    life.happens(1000, posted('ticket'));
    expect(life.happens(2000, { type: 'readable', by: TOLLIVER }).effects).toEqual([]);
  });

  it('happens once: the same root again changes nothing', () => {
    const life = new Life();
    life.happens(1000, posted('ticket'));
    expect(life.happens(2000, posted('ticket')).effects).toEqual([]);
    expect(life.happens(2000, posted('ticket', [FENN])).effects).toEqual([]);
  });

  it('never takes back that it was seen, acknowledged or undelivered', () => {
    for (const before of ['seen', 'acknowledged', 'undelivered'] as const) {
      const life = new Life();
      if (before === 'undelivered') life.until(200 * MIN);
      else if (before === 'seen') life.happens(500, { type: 'seen', by: FENN });
      else life.happens(500, acked());
      life.happens(201 * MIN, posted('ticket', [FENN]));
      expect(life.ticket.state).toBe(before);
      expect(life.reports).toContain('sent');
    }
  });

  it('of a text of several messages posts the further ones after the first, each time', () => {
    const life = new Life({ parts: 3 });
    life.happens(1000, posted('ticket', [FENN]));
    expect(life.of('post').slice(1)).toMatchObject([
      { kind: 'notice', repeat: 1, mention: [] },
      { kind: 'notice', repeat: 2, mention: [] },
    ]);
    expect(life.happens(1500, posted('notice', [], null)).effects).toEqual([]);
    life.happens(2000, { type: 'readable', by: FENN });
    life.happens(3000, posted('posted_again'));
    expect(life.of('post').slice(4)).toMatchObject([
      { kind: 'notice', repeat: 1 },
      { kind: 'notice', repeat: 2 },
    ]);
  });
});

describe('seen', () => {
  it('is told once per person, and only of people who are due or may acknowledge', () => {
    const life = new Life();
    life.happens(1000, posted('ticket'));
    for (const by of [FENN, STRANGER, FENN, QUIST]) life.happens(2000, { type: 'seen', by });
    expect(
      life
        .of('report')
        .filter((one) => one.status === 'seen')
        .map((one) => one.by),
    ).toEqual([FENN, QUIST]);
    expect(life.ticket.state).toBe('seen');
  });

  it('does not take back an acknowledgement or the end of the ladder', () => {
    const life = new Life();
    life.happens(1000, acked());
    life.happens(2000, { type: 'seen', by: QUIST });
    expect(life.ticket.state).toBe('acknowledged');
    const late = new Life().until(200 * MIN);
    late.happens(201 * MIN, { type: 'seen', by: QUIST });
    expect(late.ticket).toMatchObject({ state: 'undelivered', nextStepAt: null });
  });
});

describe('acknowledgement', () => {
  it('stops the ladder and is reported with who, how sure and at which step', () => {
    const life = new Life().until(15 * MIN);
    life.happens(16 * MIN, acked(TOLLIVER));
    expect(life.ticket).toMatchObject({ state: 'acknowledged', nextStepAt: null });
    expect(life.of('report').at(-1)).toEqual({
      type: 'report',
      status: 'acknowledged',
      by: TOLLIVER,
      strength: 'device',
      step: 5,
      ms: 16 * MIN,
    });
    expect(life.happens(300 * MIN, { type: 'deadline' }).effects).toEqual([]);
  });

  it('counts from anyone the protocol can name, due or not, and from nobody else', () => {
    const life = new Life();
    expect(life.happens(1000, acked(STRANGER)).effects).toEqual([]);
    expect(life.ticket.state).toBe('accepted');
    life.happens(2000, acked(QUIST));
    expect(life.ticket.state).toBe('acknowledged');
  });

  it('of a second person is recorded, not reported again', () => {
    const life = new Life();
    life.happens(1000, acked(FENN, '$a'));
    life.happens(2000, acked(QUIST, '$b'));
    expect(life.reports.filter((one) => one === 'acknowledged')).toHaveLength(1);
    expect(
      life
        .of('timeline')
        .filter((one) => one.event === 'acknowledged')
        .map((one) => one.who),
    ).toEqual([FENN, QUIST]);
    expect(life.ticket.acknowledgements).toHaveLength(2);
  });

  it('that arrives twice counts once', () => {
    const life = new Life();
    life.happens(1000, acked());
    expect(life.happens(1001, acked()).effects).toEqual([]);
  });

  it('still counts after the ladder gave up', () => {
    const life = new Life().until(200 * MIN);
    life.happens(201 * MIN, acked());
    expect(life.ticket.state).toBe('acknowledged');
    expect(life.reports.at(-1)).toBe('acknowledged');
  });
});

describe('a withdrawn acknowledgement', () => {
  it('lets the ladder go on from where it stood', () => {
    const life = new Life();
    life.happens(500, posted('ticket'));
    life.happens(1000, acked());
    life.happens(MIN, withdrawn());
    expect(life.ticket).toMatchObject({ state: 'delivered', nextStepAt: T0 + 2 * MIN });
    expect(life.of('report').at(-1)).toEqual({ type: 'report', status: 'unacknowledged', by: FENN, step: 0, ms: MIN });
    expect(
      life
        .until(2 * MIN)
        .of('post')
        .at(-1),
    ).toMatchObject({ kind: 'renotify' });
  });

  it('does at once what fell due meanwhile, repeated reminders only once', () => {
    const life = new Life().until(3 * MIN);
    life.happens(3.5 * MIN, acked());
    const { effects } = life.happens(16 * MIN, withdrawn());
    expect(effects.flatMap((one) => (one.type === 'post' ? [`${one.kind} ${one.repeat}`] : []))).toEqual([
      'renotify 5',
      'escalation 1',
    ]);
    const skipped = effects.filter((one) => one.type === 'timeline' && one.code === 'overtaken');
    expect(skipped).toHaveLength(3);
    expect(life.ticket.nextStepAt).toBe(T0 + 20 * MIN);
  });

  it('changes nothing while another stands', () => {
    const life = new Life();
    life.happens(1000, acked(FENN, '$a'));
    life.happens(2000, acked(QUIST, '$b'));
    const { effects } = life.happens(3000, withdrawn('$a'));
    expect(effects).toEqual([{ type: 'timeline', event: 'unacknowledged', who: FENN }]);
    expect(life.ticket.state).toBe('acknowledged');
    life.happens(4000, withdrawn('$b'));
    expect(life.reports.at(-1)).toBe('unacknowledged');
    expect(life.ticket.nextStepAt).toBe(T0 + 2 * MIN);
  });

  it('does not come back when its event is handed over again, before or after', () => {
    const life = new Life();
    life.happens(1000, acked());
    life.happens(2000, withdrawn());
    expect(life.happens(3000, acked()).effects).toEqual([]);
    expect(life.happens(3000, withdrawn()).effects).toEqual([]);
    const other = new Life();
    other.happens(1000, withdrawn());
    expect(other.happens(2000, acked()).effects).toEqual([]);
    expect(other.ticket.nextStepAt).not.toBeNull();
  });

  it('after the ladder gave up tells the operator again', () => {
    const life = new Life().until(200 * MIN);
    life.happens(201 * MIN, acked());
    life.happens(202 * MIN, withdrawn());
    expect(life.ticket).toMatchObject({ state: 'undelivered', nextStepAt: null });
    expect(life.reports.slice(-2)).toEqual(['unacknowledged', 'undelivered']);
  });

  it('posts again for who could not read it, since what was on its way may have been dropped', () => {
    const life = new Life();
    life.happens(500, posted('ticket', [FENN]));
    life.happens(600, { type: 'readable', by: FENN });
    life.happens(1000, acked(QUIST));
    expect(life.happens(2000, withdrawn()).effects).toContainEqual({
      type: 'post',
      kind: 'posted_again',
      step: null,
      repeat: 1,
      mention: [FENN],
    });
  });

  it('keeps that somebody has seen it', () => {
    const life = new Life();
    life.happens(500, posted('ticket'));
    life.happens(700, { type: 'seen', by: FENN });
    life.happens(1000, acked());
    life.happens(2000, withdrawn());
    expect(life.ticket.state).toBe('seen');
  });
});

describe('a reply that acknowledges nothing', () => {
  it('means seen, is passed on, and stops nothing', () => {
    const life = new Life();
    life.happens(500, posted('ticket'));
    life.happens(1000, { type: 'replied', by: FENN });
    expect(life.reports.slice(-2)).toEqual(['seen', 'replied']);
    expect(life.events.slice(-2)).toEqual(['seen', 'reply']);
    expect(life.ticket).toMatchObject({ state: 'seen', nextStepAt: T0 + 2 * MIN });
  });
});

describe('a delay', () => {
  it('is told once', () => {
    const life = new Life();
    life.happens(60_000, { type: 'delayed' });
    life.happens(70_000, { type: 'delayed' });
    expect(life.reports.filter((one) => one === 'delayed')).toHaveLength(1);
    expect(life.ticket.state).toBe('accepted');
  });
});

describe('a hole in the schedule', () => {
  const inTheHole = {
    account: accountId('ORRIN-HOME'),
    urgency: 'urgent',
    acceptedAt: at('2026-11-28T20:30:20-05:00'),
  } as const;

  it('is told to the operator at once and once, though only a text and a call name who is on call', () => {
    const life = new Life(inTheHole);
    expect(life.of('report')).toMatchObject([
      { status: 'accepted' },
      { status: 'todo', text: 'Nobody is on call by the schedule, the default list was called: tell the practice' },
    ]);
    life.until(30 * MIN);
    expect(life.of('timeline').filter(({ code }) => code === 'schedule-hole')).toHaveLength(1);
    // Every step that falls to somebody else raises the alarm.
    expect(life.of('alarm').filter(({ code }) => code === 'schedule-hole')).toHaveLength(2);
  });

  it('is not told when somebody is on call', () => {
    const life = new Life({ ...inTheHole, acceptedAt: at('2026-11-28T21:30:20-05:00') }).until(30 * MIN);
    expect(life.of('timeline').filter(({ code }) => code === 'schedule-hole')).toEqual([]);
  });
});

describe('a report as a step of a ladder', () => {
  const reported = (urgency: 'stat' | 'urgent' | 'routine', isCalled: boolean) => {
    const life = new Life({ urgency });
    if (!isCalled) life.ticket = { ...life.ticket, due: [], alerted: [] };
    life.happens(1000, posted('ticket'));
    life.happens(2000, posted('report'));
    return life.ticket;
  };

  it.each([
    ['stat', true],
    ['stat', false],
    ['urgent', true],
  ] as const)('takes a ticket off nobody’s hands: %s, somebody called: %s', (urgency, isCalled) => {
    expect(reported(urgency, isCalled).nextStepAt).not.toBeNull();
  });

  it('ends what asks for no acknowledgement', () => {
    expect(reported('urgent', false).state).toBe('reported');
    expect(reported('routine', false).state).toBe('reported');
  });
});
