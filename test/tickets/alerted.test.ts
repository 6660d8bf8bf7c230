import type { UserId } from '../../src/kernel/ids.ts';
import { admit } from '../../src/tickets/admit.ts';
import { type Happened, whoIsAlerted } from '../../src/tickets/alerted.ts';
import { composeMessage } from '../../src/tickets/composeMessage.ts';
import { sayAlerted } from '../../src/tickets/lines.ts';
import type { Ticket } from '../../src/tickets/ticket.ts';
import { acknowledgement, admission, at, directory, FENN, Life, MIN, SURI, T0 } from './fixtures.ts';

const TZ = 'America/New_York';
/** The timeline that a life has left behind. */
const happened = (life: Life): readonly Happened[] =>
  life.of('timeline').map(({ ms, event, who, code }) => ({
    at: life.ticket.acceptedAt + ms,
    event,
    who: who ?? null,
    code: code ?? null,
  }));
const say = (life: Life, ms: number) =>
  sayAlerted(whoIsAlerted(life.ticket, happened(life), directory), life.ticket.acceptedAt + ms, TZ)?.plain ?? null;

describe('who was alerted, and who comes next', () => {
  it('follows the ladder to the other organisation and to a human operator', () => {
    const life = new Life();
    const said: (string | null)[] = [];
    for (const ms of [0, 2, 11, 15, 20].map((minutes) => minutes * MIN)) {
      life.until(ms);
      const now = say(life, ms);
      if (now !== said.at(-1)) said.push(now);
    }
    expect(said).toEqual([
      'Alerted: dr.fenn 10:30. Next: dr.vantongeren 10:45.',
      'Alerted: dr.fenn 10:30; dr.vantongeren 10:45. Next: fenwickvale.example 10:50.',
      'Alerted: dr.fenn 10:30; dr.vantongeren 10:45. Next: the answering service\u2019s operator 10:55.',
    ]);
  });

  it('names nobody next once somebody took it, and names again who comes when it is given back', () => {
    const life = new Life().until(MIN);
    const taken = acknowledgement(FENN);
    life.happens(2 * MIN, { type: 'acknowledged', acknowledgement: taken });
    expect(say(life, 3 * MIN)).toBe('Alerted: dr.fenn 10:30.');
    life.happens(4 * MIN, { type: 'withdrawn', eventId: taken.eventId });
    expect(say(life, 4 * MIN)).toContain('Next: ');
  });

  it('names each person once, with the first time, and the day where it is another', () => {
    const rows: Happened[] = [0, 5, 9].map((minute) => ({
      at: T0 + minute * MIN,
      event: 'step_due',
      who: minute === 9 ? SURI : FENN,
      code: null,
    }));
    const { ticket } = admit(admission(), directory);
    const { soFar } = whoIsAlerted(ticket, rows, directory);
    const next = { soFar, next: null };
    expect(sayAlerted(next, T0, TZ)?.plain).toBe('Alerted: dr.fenn 10:30; dr.vantongeren 10:39.');
    expect(sayAlerted(next, at('2026-11-29T00:10:00-05:00'), TZ)?.plain).toBe(
      'Alerted: dr.fenn Sat 28 Nov 10:30; dr.vantongeren Sat 28 Nov 10:39.',
    );
    expect(sayAlerted({ soFar: [], next: null }, T0, TZ)).toBeNull();
  });

  it('never says a telephone number', () => {
    const life = new Life().until(30 * MIN);
    const everything = JSON.stringify(whoIsAlerted(life.ticket, happened(life), directory));
    expect(everything).toContain('dr.fenn');
    expect(everything).not.toMatch(/555|\+1/);
  });

  it('counts those whom there is no room to name', () => {
    const soFar = Array.from({ length: 40 }, (_, index) => ({ who: { name: `w${index}`, userId: null }, at: T0 }));
    const line = sayAlerted({ soFar, next: null }, T0, TZ)?.plain;
    expect(line).toMatch(/^Alerted: 28 before; w28 10:30; .*w39 10:30\.$/);
  });

  it.each(['escalation', 'renotify', 'posted_again'] as const)(
    'stands in a message of the kind %s: links that mention nobody else, and names that are inert',
    (kind) => {
      const { ticket } = admit(admission(), directory);
      const evil = '<b>@room</b>' as UserId;
      const message = (alerted: Ticket['due']) =>
        composeMessage({
          text: {},
          ticket,
          kind,
          step: 1,
          repeat: 1,
          mention: [SURI],
          now: T0,
          alerted: {
            soFar: alerted.map((userId) => ({ who: { name: userId, userId }, at: T0 })),
            next: { who: [{ name: 'fenwickvale.example', userId: null }], at: T0 + MIN },
            tz: TZ,
          },
        }) as { body: string; formatted_body: string; 'm.mentions': unknown };
      const { body, formatted_body: html, 'm.mentions': mentions } = message([FENN, evil]);
      expect(body.split('\n')).toContain(
        'Alerted: @fenn:larkmoor.example 10:30; <b>@room</b> 10:30. Next: fenwickvale.example 10:31.',
      );
      expect(html).toContain(
        '<a href="https://matrix.to/#/%40fenn%3Alarkmoor.example">@fenn:larkmoor.example</a> 10:30',
      );
      expect(html).not.toContain('<b>');
      expect(mentions).toEqual({ user_ids: [SURI] });
    },
  );
});
