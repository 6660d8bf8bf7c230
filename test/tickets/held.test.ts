/** Tickets that their sender wants on their way no sooner, or delivered no later, than an instant. */
import { accountId, operatorName, userId } from '../../src/kernel/ids.ts';
import { admit } from '../../src/tickets/admit.ts';
import { advance } from '../../src/tickets/advance.ts';
import type { Advanced, Ticket, TicketEvent } from '../../src/tickets/ticket.ts';
import { admission, directory } from './fixtures.ts';

const T0 = Date.parse('2026-11-27T07:04:20Z');
const HOUR = 3_600_000;
const born = (patch: object): Advanced =>
  admit(admission({ account: accountId('LARK-CARD'), urgency: 'stat', acceptedAt: T0, ...patch }), directory);
const happen = (ticket: Ticket, event: TicketEvent, now: number) => advance(ticket, event, now, directory);
const kinds = ({ effects }: Advanced) => effects.flatMap((effect) => (effect.type === 'post' ? [effect.kind] : []));
const posted = (unreadableBy: Ticket['due'] = []): TicketEvent => ({
  type: 'posted',
  kind: 'ticket',
  step: 0,
  eventId: '$root' as never,
  roomId: '!room:larkmoor.example' as never,
  unreadableBy,
});
const told = ({ effects }: Advanced) =>
  effects.flatMap((effect) => (effect.type === 'report' ? [[effect.status, effect.code]] : []));

describe('a ticket that is held', () => {
  const held = born({ heldUntil: T0 + HOUR });

  it('is posted nowhere and alerts nobody, and its ladder begins when it is let go', () => {
    expect(kinds(held)).toEqual([]);
    expect(held.ticket).toMatchObject({ state: 'accepted', nextStepAt: T0 + HOUR, due: [], done: 0 });
    expect(held.ticket.plan[0]?.dueAt).toBe(T0 + HOUR);
    const early = happen(held.ticket, { type: 'deadline' }, T0 + HOUR - 1);
    expect(kinds(early)).toEqual([]);
    const on = happen(held.ticket, { type: 'deadline' }, T0 + HOUR);
    const usual = born({ acceptedAt: T0 + HOUR });
    expect(kinds(on)).toEqual(['ticket']);
    expect(on.ticket.due).toEqual(usual.ticket.due);
    expect(on.ticket.nextStepAt).toBe(usual.ticket.nextStepAt);
    expect(on.effects.filter(({ type }) => type === 'post')).toEqual(
      usual.effects.filter(({ type }) => type === 'post'),
    );
  });

  it('that is let go late, after an outage, marks late what it does', () => {
    const late = happen(held.ticket, { type: 'deadline' }, T0 + 2 * HOUR);
    expect(kinds(late)[0]).toBe('ticket');
    const steps = late.effects.filter((effect) => effect.type === 'timeline' && effect.event === 'step_due');
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) expect(step).toMatchObject({ late: true });
  });

  it('that is over before is never heard of', () => {
    const closed = happen(held.ticket, { type: 'closed', by: operatorName('op17'), how: 'cancelled' }, T0 + 1);
    expect(closed.ticket).toMatchObject({ state: 'closed', nextStepAt: null });
    expect(closed.effects.filter(({ type }) => type === 'post' || type === 'words')).toEqual([]);
    expect(kinds(happen(closed.ticket, { type: 'deadline' }, T0 + HOUR))).toEqual([]);
  });

  it('to which something is added is in the room before it, and alerts nobody sooner for that', () => {
    const noted = happen(held.ticket, { type: 'noted', how: 'note' }, T0 + 1);
    expect(noted.effects.map(({ type }) => type)).toEqual(['post', 'timeline', 'words']);
    expect(noted.ticket).toMatchObject({ due: [], nextStepAt: T0 + HOUR });
    const on = happen(noted.ticket, { type: 'deadline' }, T0 + HOUR);
    expect(kinds(on)).toEqual(['escalation']);
    expect(on.ticket.due.length).toBeGreaterThan(0);
  });
});

describe('a ticket with a time by which it must be delivered', () => {
  const { ticket } = born({ deliverBy: T0 + 60_000 });
  const expired = [['todo', 'expired']];

  it('is looked at then, and a person is told once if it is not; its ladder goes on', () => {
    expect(ticket.nextStepAt).toBe(T0 + 60_000);
    const late = happen(ticket, { type: 'deadline' }, T0 + 60_000);
    expect(told(late)).toEqual(expired);
    expect(late.effects).toContainEqual({ type: 'alarm', code: 'expired' });
    expect(late.ticket.nextStepAt).toBe(ticket.plan[1]?.dueAt);
    expect(told(happen(late.ticket, { type: 'deadline' }, T0 + 60_001))).toEqual([]);
  });

  it('is not complained of when it was delivered, whoever becomes due and cannot read it later', () => {
    const { ticket: delivered } = happen(ticket, posted(), T0 + 1000);
    expect(told(happen(delivered, { type: 'deadline' }, T0 + 60_000))).toEqual([]);
    const { ticket: seen } = happen(ticket, { type: 'seen', by: ticket.due[0] ?? userId('@x:y') }, T0 + 1000);
    expect(told(happen(seen, { type: 'deadline' }, T0 + 60_000))).toEqual([]);
  });

  it('is complained of when it is in the room and nobody who is due can read it', () => {
    const { ticket: unread } = happen(ticket, posted(ticket.due), T0 + 1000);
    expect(unread.state).toBe('undecryptable');
    expect(told(happen(unread, { type: 'deadline' }, T0 + 60_000))).toEqual(expired);
  });

  it('that was past when it came is told at the first look', () => {
    const past = born({ deliverBy: T0 - 1 });
    expect(kinds(past)).toEqual(['ticket']);
    expect(told(past)).toContainEqual(['todo', 'expired']);
  });

  it('and is held, too, is let go first', () => {
    const both = born({ heldUntil: T0 + HOUR, deliverBy: T0 + 2 * HOUR });
    expect(both.ticket.nextStepAt).toBe(T0 + HOUR);
    const late = happen(both.ticket, { type: 'deadline' }, T0 + 3 * HOUR);
    expect(kinds(late)[0]).toBe('ticket');
    expect(told(late)).toContainEqual(['todo', 'expired']);
  });
});
