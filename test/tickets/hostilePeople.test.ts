/** Hostile lines about the people of the configuration instead of the ticket. */
import { accountId } from '../../src/kernel/ids.ts';
import { admit } from '../../src/tickets/admit.ts';
import { advance } from '../../src/tickets/advance.ts';
import { buildDirectory } from '../../src/tickets/directory.ts';
import { dispatchFindings } from '../../src/tickets/dispatchFindings.ts';
import type { Dispatch } from '../../src/tickets/dispatchSchema.ts';
import type { Effect } from '../../src/tickets/ticket.ts';
import { admission, dispatch, hostile } from './fixtures.ts';

interface WithPeople {
  readonly people_patch?: Readonly<Record<string, { readonly cell?: string }>>;
  readonly account_numbers?: readonly string[];
}
const cases = hostile.filter((one) => (one.input as WithPeople).people_patch !== undefined);

const patched = ({ people_patch: patch = {}, account_numbers: numbers = [] }: WithPeople): Dispatch => {
  const copy = structuredClone(dispatch);
  for (const [key, change] of Object.entries(patch)) Object.assign(copy.people[key]!, change);
  copy.services.nightjar!.own_numbers = [...numbers];
  return copy;
};
const T0 = Date.parse('2026-11-27T02:04:20-05:00');

it('there is one', () => {
  expect(cases.map((one) => one.case)).toEqual([
    'on-call cell of a clinician is the answering service itself (forwarding loop)',
  ]);
});

it.each(cases)('$case', ({ input, checks }) => {
  expect(checks).toEqual({ dialled: [], flag: 'loop' });
  const changed = patched(input as WithPeople);
  const directory = buildDirectory(changed);
  const effects: Effect[] = [];
  let { ticket, effects: first } = admit(
    admission({ account: accountId('LARK-CARD'), urgency: 'stat', acceptedAt: T0 }),
    directory,
  );
  effects.push(...first);
  while (ticket.nextStepAt !== null) {
    const next = advance(ticket, { type: 'deadline' }, ticket.nextStepAt, directory);
    ticket = next.ticket;
    effects.push(...next.effects);
  }
  const timeline = effects.filter((effect) => effect.type === 'timeline');
  const own = Object.keys((input as WithPeople).people_patch ?? {}).map((key) => changed.people[key]!.cell!);
  // Never dialled, said so, and the ladder went on to its end.
  for (const number of own) expect(JSON.stringify(effects)).not.toContain(number);
  expect(timeline.filter(({ code }) => code === 'loop')).toEqual([
    expect.objectContaining({ event: 'step_skipped', code: 'loop' }),
  ]);
  expect(effects).toContainEqual(expect.objectContaining({ type: 'alarm', code: 'phone-loop' }));
  expect(timeline.some(({ event, who }) => event === 'step_due' && who !== undefined)).toBe(true);
  expect(ticket.state).toBe('undelivered');
});

it('and whoever looks at the configuration is told', () => {
  const found = cases.flatMap(({ input }) => dispatchFindings(patched(input as WithPeople)));
  expect(found).toContainEqual(
    expect.objectContaining({ path: ['people', 'dr.tolliver', 'cell'], severity: 'warning', code: 'phone-loop' }),
  );
  expect(dispatchFindings(dispatch).filter(({ code }) => code === 'phone-loop')).toEqual([]);
});
