import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { upgradesOf } from '../../../src/flows/retention/holds.ts';
import { roomId, type TicketId, ticketId, userId } from '../../../src/kernel/ids.ts';
import {
  DIRECT,
  durationMs,
  explainRetention,
  foldHolds,
  type Hold,
  type HoldScope,
  isHoldInForce,
  limitsOf,
  type RetainedMessage,
  type RetainedRoom,
  type RetentionFacts,
  readPolicy,
  touchesRoom,
} from '../../../src/policy/index.ts';

interface Case {
  readonly class: string;
  readonly urgency?: string;
  readonly age: string;
  readonly acknowledged?: boolean;
  readonly hold?: string;
  readonly partner_max_age?: string;
  readonly expect: 'keep' | 'delete';
  readonly winner: string;
}

const samples = parse(readFileSync(new URL('../../fixtures/data/policy-samples.yaml', import.meta.url), 'utf8')) as {
  readonly retention_cases: readonly Case[];
  readonly holds: readonly {
    readonly id: string;
    readonly covers: { readonly room_class: string; readonly patient: string };
  }[];
};

const read = readPolicy({});
if (!read.ok) throw new Error('the built-in policy cannot be read');
const policy = read.value.policy;

const NOW = Date.parse('2026-11-28T12:00:00Z');
const PARTNER = 'fenwickvale.example';
const room: RetainedRoom = { room: roomId('!a:one.example'), class: 'clinical', patient: null, partners: [] };
const ash = userId('@ash:one.example');
const birch = userId('@birch:one.example');

const facts = (changes: Partial<RetentionFacts> = {}): RetentionFacts => ({
  policy,
  now: NOW,
  holds: [],
  agreements: [],
  ...changes,
});

const ticket = (urgency: string, isHandled: boolean): RetainedMessage['ticket'] => ({
  id: ticketId('tk-1'),
  urgency,
  isHandled,
  due: [ash],
});

const message = (ageMs: number, of: RetainedMessage['ticket'] = null): RetainedMessage => ({
  sender: birch,
  at: NOW - ageMs,
  ticket: of,
});

const hold = (covers: HoldScope, id = 'HOLD-7'): Hold => ({
  id,
  covers,
  by: ash,
  at: NOW - durationMs('60d'),
  until: null,
  released: null,
});

describe('the cases of the data', () => {
  it.each(
    samples.retention_cases.map((one) => [`${one.class} ${one.urgency ?? ''} ${one.age}: ${one.winner}`, one] as const),
  )('%s', (_name, one) => {
    const urgency = one.urgency?.toLowerCase();
    const held = samples.holds.filter(({ id }) => id === one.hold);
    const place: RetainedRoom = {
      ...room,
      class: one.class,
      patient: held[0]?.covers.patient ?? null,
      partners: one.partner_max_age === undefined ? [] : [PARTNER],
    };
    const agreement = {
      domain: PARTNER,
      contract: 'BAA-2025-77',
      from: '2025-01-01',
      until: '2027-06-30',
      classes: ['clinical', 'transfer'],
      ...(one.partner_max_age === undefined ? {} : { max_age: one.partner_max_age }),
    };
    const verdict = explainRetention(
      message(durationMs(one.age), urgency === undefined ? null : ticket(urgency, one.acknowledged === true)),
      place,
      facts({
        holds: held.map(({ id, covers }) => hold({ class: covers.room_class, patient: covers.patient }, id)),
        agreements: [agreement],
      }),
    );
    expect([verdict.decision, verdict.winner]).toEqual([one.expect, one.winner]);
  });
});

describe('a room that was upgraded', () => {
  const [old, between, next, other] = ['!old', '!between', '!next', '!other'].map((id) => roomId(`${id}:one.example`));
  const of = (where = old!) => explainRetention(message(durationMs('31d')), { ...room, room: where }, facts({ holds }));
  let holds: readonly Hold[] = [];

  it('is under the hold of the room that it was, from when the hold was extended until it is released', () => {
    const by = { by: ash, at: NOW };
    const placed = { type: 'placed', id: 'HOLD-1', covers: { room: old! }, until: null, ...by } as const;
    const extended = { type: 'extended', id: 'HOLD-1', room: next!, at: NOW } as const;
    holds = foldHolds([placed]);
    expect([of(old).winner, of(next).winner]).toEqual(['hold', 'max_age']);
    holds = foldHolds([placed, extended]);
    expect([of(old).winner, of(next).winner, of(other).winner]).toEqual(['hold', 'hold', 'max_age']);
    expect(touchesRoom(holds[0]!.covers, { ...room, room: next! })).toBe(true);
    expect(touchesRoom(holds[0]!.covers, { ...room, room: other! })).toBe(false);
    const released = foldHolds([placed, { type: 'released', id: 'HOLD-1', ...by }, extended]);
    expect(released).toMatchObject([{ released: by, covers: { room: old } }]);
    expect(released.filter((hold) => isHoldInForce(hold, NOW))).toEqual([]);
  });

  it('is one with all it was and became, and with none that it only says to have become', () => {
    const kept = [
      { roomId: old!, replacedBy: between!, state: 'replaced' as const },
      { roomId: between!, replacedBy: next!, state: 'replaced' as const },
      { roomId: next!, replacedBy: null, state: 'kept' as const },
      { roomId: other!, replacedBy: next!, state: 'kept' as const },
    ];
    for (const one of [old, between, next])
      expect(new Set([one, ...upgradesOf(one!, kept)])).toEqual(new Set([old, between, next]));
    expect(upgradesOf(other!, kept)).toEqual([]);
  });
});

describe('a lifetime', () => {
  it('ends a millisecond after the limit, not at it', () => {
    const limit = durationMs('30d');
    expect(explainRetention(message(limit), room, facts()).decision).toBe('keep');
    expect(explainRetention(message(limit + 1), room, facts()).decision).toBe('delete');
  });

  it('is shortened by the agreement in force, not by the one before it; by that where none is in force', () => {
    const before = { domain: PARTNER, contract: 'A', from: '2025-01-01', until: '2027-06-30', classes: ['transfer'] };
    const revoked = { ...before, max_age: '7d', revoked_at: NOW - durationMs('1d') };
    const ended = { ...before, max_age: '7d', until: '2026-11-26' };
    const now = { ...before, contract: 'B', max_age: '10d' };
    const place = { ...room, class: 'transfer', partners: [PARTNER] };
    const decided = (...agreements: (typeof revoked | typeof ended)[]) =>
      explainRetention(message(durationMs('8d')), place, facts({ agreements })).decision;
    expect([decided(revoked, now), decided(ended, now)]).toEqual(['keep', 'keep']);
    expect([decided(revoked), decided(ended)]).toEqual(['delete', 'delete']);
    expect(decided(now, { ...now, max_age: '7d' })).toBe('delete');
  });

  it('of what Wardroom tells one person alone is a setting of its own', () => {
    const place = { ...room, class: DIRECT };
    expect(explainRetention(message(durationMs('90d')), place, facts()).decision).toBe('keep');
    expect(explainRetention(message(durationMs('90d') + 1), place, facts())).toMatchObject({
      decision: 'delete',
      winner: 'max_age',
    });
    const kept = readPolicy({ direct_rooms: { max_age: 'never' } });
    expect(kept.ok && limitsOf(place, facts({ policy: kept.value.policy }))?.longestMs).toBeNull();
    expect(readPolicy({ direct_rooms: { max_age: '1h' } }).ok).toBe(false);
  });

  it('is not shortened below the least one by a partner, nor by the class', () => {
    const classes = {
      transfer: { retention: { ...policy.classes.transfer!.retention, min_age: '10d' } },
    };
    const kept = readPolicy({ classes });
    if (!kept.ok) throw new Error('not a policy');
    const agreements = [
      { domain: PARTNER, contract: 'B', from: '2025-01-01', until: '2027-06-30', classes: ['transfer'], max_age: '7d' },
    ];
    const place = { ...room, class: 'transfer', partners: [PARTNER] };
    const judged = facts({ policy: kept.value.policy, agreements });
    expect(explainRetention(message(durationMs('8d')), place, judged)).toMatchObject({
      decision: 'keep',
      winner: 'min_age',
    });
    expect(explainRetention(message(durationMs('11d')), place, judged)).toMatchObject({
      decision: 'delete',
      winner: 'cross_org',
    });
  });

  it('is nobody’s where the policy has no such class any more: nothing is deleted', () => {
    expect(explainRetention(message(durationMs('6y')), { ...room, class: 'gone' }, facts())).toMatchObject({
      decision: 'keep',
      winner: 'class-unknown',
    });
  });
});

describe('a hold', () => {
  const old = message(durationMs('400d'), ticket('routine', true));
  const place = { ...room, patient: 'digest' };
  const covering: readonly (readonly [string, HoldScope])[] = [
    ['the room', { room: room.room }],
    ['its class', { class: 'clinical' }],
    ['the patient', { patient: 'digest' }],
    ['who wrote it', { person: birch }],
    ['who was called', { person: ash }],
    ['the ticket', { ticket: 'tk-1' as TicketId }],
    ['the days', { from: NOW - durationMs('401d'), to: NOW - durationMs('399d') }],
    ['several things that are all so', { class: 'clinical', person: ash, patient: 'digest' }],
  ];
  it.each(covering)('keeps what it covers: %s', (_what, covers) => {
    const verdict = explainRetention(old, place, facts({ holds: [hold(covers)] }));
    expect(verdict).toMatchObject({ decision: 'keep', winner: 'hold', holds: ['HOLD-7'] });
  });

  const missing: readonly (readonly [string, HoldScope])[] = [
    ['another room', { room: roomId('!b:one.example') }],
    ['another class', { class: 'intake' }],
    ['another patient', { patient: 'other' }],
    ['somebody else', { person: userId('@cedar:one.example') }],
    ['another ticket', { ticket: 'tk-2' as TicketId }],
    ['later days', { from: NOW - durationMs('399d') }],
    ['earlier days', { to: NOW - durationMs('400d') }],
    ['two things of which one is not so', { class: 'clinical', person: userId('@cedar:one.example') }],
  ];
  it.each(missing)('does not keep what it does not cover: %s', (_what, covers) => {
    expect(explainRetention(old, place, facts({ holds: [hold(covers)] })).decision).toBe('delete');
  });

  it('counts from its placing to its end or its release, whichever comes first', () => {
    const placed = { type: 'placed', id: 'H', covers: { room: room.room }, by: ash, at: NOW } as const;
    const [ends] = foldHolds([{ ...placed, until: NOW + 10 }]);
    expect([NOW, NOW + 9, NOW + 10].map((at) => isHoldInForce(ends!, at))).toEqual([true, true, false]);
    const [released] = foldHolds([
      { ...placed, until: null },
      { type: 'released', id: 'H', by: birch, at: NOW + 5 },
      { type: 'released', id: 'H', by: ash, at: NOW + 7 },
    ]);
    expect(released).toMatchObject({ released: { by: birch, at: NOW + 5 } });
    expect(isHoldInForce(released!, NOW + 4)).toBe(false);
  });
});

describe('whatever there is', () => {
  const anyMessage = fc.record({
    sender: fc.constantFrom(ash, birch),
    at: fc.integer({ min: NOW - durationMs('8y'), max: NOW + 1_000 }),
    ticket: fc.option(
      fc.record({
        id: fc.constantFrom(ticketId('tk-1'), ticketId('tk-2')),
        urgency: fc.constantFrom('stat', 'urgent', 'routine', 'fyi'),
        isHandled: fc.boolean(),
        due: fc.subarray([ash, birch]),
      }),
    ),
  });
  const anyRoom = fc.record({
    room: fc.constantFrom(roomId('!a:one.example'), roomId('!b:one.example')),
    class: fc.constantFrom(...Object.keys(policy.classes), 'gone'),
    patient: fc.option(fc.constantFrom('p', 'q')),
    partners: fc.subarray([PARTNER]),
  });
  const anyScope = fc
    .record(
      {
        room: fc.constantFrom(roomId('!a:one.example'), roomId('!b:one.example')),
        class: fc.constantFrom('clinical', 'intake'),
        patient: fc.constantFrom('p', 'q'),
        person: fc.constantFrom(ash, birch),
        ticket: fc.constantFrom(ticketId('tk-1'), ticketId('tk-2')),
      },
      { requiredKeys: [] },
    )
    .filter((scope) => Object.keys(scope).length > 0);

  it('no STAT that nobody acknowledged is ever to be deleted', () => {
    fc.assert(
      fc.property(anyMessage, anyRoom, (one, place) => {
        fc.pre(one.ticket?.urgency === 'stat' && !one.ticket.isHandled);
        expect(explainRetention(one, place, facts()).decision).toBe('keep');
      }),
    );
  });

  it('a hold never turns keeping into deleting, and nothing under one is to be deleted', () => {
    fc.assert(
      fc.property(anyMessage, anyRoom, fc.array(anyScope, { maxLength: 3 }), (one, place, scopes) => {
        const holds = scopes.map((scope, index) => hold(scope, `H${index}`));
        const without = explainRetention(one, place, facts());
        const within = explainRetention(one, place, facts({ holds }));
        if (without.decision === 'keep') expect(within.decision).toBe('keep');
        if (within.holds.length > 0) expect([within.decision, within.winner]).toEqual(['keep', 'hold']);
        if (within.decision === 'delete') expect(within.holds).toEqual([]);
      }),
    );
  });

  it('what is to be deleted once stays so as it gets older', () => {
    fc.assert(
      fc.property(anyMessage, anyRoom, fc.nat(durationMs('1y')), (one, place, more) => {
        fc.pre(explainRetention(one, place, facts()).decision === 'delete');
        expect(explainRetention(one, place, facts({ now: NOW + more })).decision).toBe('delete');
      }),
    );
  });
});
