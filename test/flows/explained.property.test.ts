import fc from 'fast-check';
import type { AuditEntry, Store } from '../../src/flows/ports.ts';
import type { RoomId, UserId } from '../../src/kernel/ids.ts';
import type { Grant } from '../../src/policy/index.ts';
import type { PostgresStore } from '../../src/postgres/store.ts';
import { holds, local, NOW } from '../policy/support.ts';
import { type AuditBench, openAuditBench } from '../postgres/auditSupport.ts';
import { storeOn } from './controlRig.ts';
import { keepingOf, Rooms, record, subject } from './keeperRig.ts';

let bench: AuditBench;
let store: PostgresStore;

beforeAll(async () => {
  bench = await openAuditBench();
  store = storeOn(bench);
});
afterAll(() => bench?.close());

const people = ['ash', 'birch', 'rowan'].map(local) as [UserId, UserId, UserId];
const admin = local('admin');

/** What may happen to a hospital: roles come and go, whoever administers the homeserver forces people in and out, Wardroom is killed. */
const happening = fc.oneof(
  fc.record({ what: fc.constant('role' as const), who: fc.nat(2), held: fc.boolean() }),
  fc.record({
    what: fc.constant('forced' as const),
    who: fc.nat(2),
    membership: fc.constantFrom('join', 'leave', 'invite', 'ban'),
    said: fc.boolean(),
  }),
  fc.record({ what: fc.constant('killed' as const), after: fc.nat(4) }),
);

/** A store that remembers what was said to the audit log, in order. */
function remembering(): { readonly store: Store; readonly entries: AuditEntry[] } {
  const entries: AuditEntry[] = [];
  return {
    entries,
    store: {
      read: store.read,
      keepCiphertext: (message) => store.keepCiphertext(message),
      keepReport: (message, others) => store.keepReport(message, others),
      change: (work) =>
        store.change(async (tx) => {
          const change = await work(tx);
          if (change) entries.push(...change.audit);
          return change;
        }),
    },
  };
}

describe('whatever happens', () => {
  it('the audit log explains every change of a membership, before Wardroom makes it and when somebody else did', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 12 }), async (happenings) => {
        await bench.admin.query('TRUNCATE wardroom.kept_rooms, wardroom.role_events, wardroom.audit_entries CASCADE');
        const { store: remembered, entries } = remembering();
        const keeper = new Rooms();
        const world = { now: NOW, facts: { grants: [] as Grant[] } };
        const unexplained: string[] = [];
        let left = Number.POSITIVE_INFINITY;
        keeper.beforeStep = (room, step) => {
          left -= 1;
          if (left < 0) throw new Error('killed');
          if (!('user' in step)) return;
          const isPlanned = entries.some(
            ({ action, room: where, detail }) =>
              action === 'room.correcting' &&
              where === room &&
              ((detail?.steps ?? []) as { step: string; user?: string }[]).some(
                (one) => one.step === step.kind && one.user === step.user,
              ),
          );
          if (!isPlanned) unexplained.push(`${step.kind} ${step.user}`);
        };
        await record(store, 'ward', subject());
        const begin = async () => {
          const process = keepingOf(remembered as PostgresStore, keeper, world);
          await process.keeping.load();
          await process.keeping.start();
          await process.keeping.make('ward');
          await process.keeping.idle();
          return process;
        };
        let process = await begin();
        const room = keeper.byKey.get('ward') as RoomId;
        for (const one of happenings) {
          const user = people['who' in one ? one.who : 0] as UserId;
          if (one.what === 'role') {
            const others = world.facts.grants.filter((grant) => grant.user !== user);
            world.facts = { grants: one.held ? [...others, holds(user, 'physician')] : others };
            world.now -= 1;
            await process.keeping.look();
          } else if (one.what === 'forced') {
            keeper.at(room).put('m.room.member', { membership: one.membership }, user, admin);
            if (one.said) await process.changed(room, admin, 'm.room.member', user, one.membership);
          } else {
            left = one.after;
            world.now -= 1;
            await process.keeping.look();
            await process.keeping.idle();
            await process.keeping.stop();
            left = Number.POSITIVE_INFINITY;
            process = await begin();
          }
          await process.keeping.idle();
        }
        await process.keeping.stop();
        const said = happenings.filter((one) => one.what === 'forced' && one.said).length;
        expect([unexplained, entries.filter(({ action }) => action === 'room.member').length]).toEqual([[], said]);
      }),
      { numRuns: 40 },
    );
  });
});
