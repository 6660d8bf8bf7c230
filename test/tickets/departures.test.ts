import { accountId } from '../../src/kernel/ids.ts';
import { placesNaming, withoutDeparted } from '../../src/tickets/departures.ts';
import { buildDirectory } from '../../src/tickets/directory.ts';
import type { Dispatch } from '../../src/tickets/dispatchSchema.ts';
import { effectiveDispatch } from '../../src/tickets/effectiveDispatch.ts';
import { rosterFindings } from '../../src/tickets/rosterFindings.ts';
import { dispatch } from './fixtures.ts';

const DAY_MS = 86_400_000;
const T0 = Date.parse('2026-11-28T12:00:00Z');
const people = Object.entries(dispatch.people).map(([key, { mxid }]) => ({ key, user: mxid }));
const isNamed = (of: Dispatch, key: string) => {
  const { people: _people, broken_protocols: _broken, ...rest } = of;
  // Who once approved a change did so, whatever became of them.
  const text = JSON.stringify(rest, (name, value: unknown) => (name === 'approved_by' ? undefined : value));
  return text.includes(JSON.stringify(key));
};

describe('somebody who left', () => {
  it.each(people)('$key stands nowhere any more, whoever follows or not', ({ key, user }) => {
    const successor = people.find((one) => one.key !== key)!;
    for (const to of [successor.user, null]) {
      const left = withoutDeparted(dispatch, [{ user, to }]);
      expect(Object.hasOwn(left.people, key)).toBe(false);
      if (to !== null) expect(isNamed(left, key)).toBe(false);
      expect(placesNaming(left, user)).toEqual([]);
      const directory = buildDirectory(left);
      for (const account of Object.keys(dispatch.practices).map(accountId)) {
        expect(directory.members(account).map(({ userId }) => userId)).not.toContain(user);
        for (let day = 0; day < 60; day += 4) expect(directory.onDuty(account, T0 + day * DAY_MS)).not.toContain(user);
      }
    }
  });

  it.each(people)(
    '$key is followed in each shift by whom it was handed to, and by nobody in others',
    ({ key, user }) => {
      const successor = people.find((one) => one.key !== key)!;
      const [before, after] = [dispatch, withoutDeparted(dispatch, [{ user, to: successor.user }])].map((one) =>
        buildDirectory(one),
      );
      for (const [account, practice] of Object.entries(dispatch.practices))
        for (const target of Object.keys(practice.roles).flatMap((role) => [role, `${role}.backup`]))
          for (let at = T0; at < T0 + 30 * DAY_MS; at += 2.5 * DAY_MS) {
            const [was, is] = [before, after].map((one) => one?.resolve(accountId(account), target, at));
            if (was?.kind !== 'people' || is?.kind !== 'people') continue;
            const wanted = was.people.map(({ userId }) => (userId === user ? successor.user : userId));
            expect(is.people.map(({ userId }) => userId)).toEqual([...new Set(wanted)]);
          }
    },
  );

  it('and whom nobody follows leaves holes that `oncall gaps` shows', () => {
    const [account, practice] = Object.entries(dispatch.practices).find(([, { roles }]) =>
      Object.values(roles).some(({ rotation }) => rotation !== undefined && rotation.type !== 'custom'),
    )!;
    const order = Object.values(practice.roles).flatMap(({ rotation }) =>
      rotation !== undefined && rotation.type !== 'custom' ? rotation.order : [],
    );
    const user = dispatch.people[order[0]!]!.mxid;
    const holes = (of: Dispatch) =>
      rosterFindings(of, account, T0, T0 + 60 * DAY_MS).filter(({ code }) => code === 'hole').length;
    expect(holes(withoutDeparted(dispatch, [{ user, to: null }]))).toBeGreaterThan(holes(dispatch));
  });

  it('is followed by the successor of the successor, and stands again when the departure is taken back', () => {
    const [first, second, third] = people as [(typeof people)[0], (typeof people)[0], (typeof people)[0]];
    const left = effectiveDispatch(
      dispatch,
      [],
      [
        { user: first.user, to: second.user },
        { user: second.user, to: third.user },
      ],
    );
    expect([isNamed(left, first.key), isNamed(left, second.key)]).toEqual([false, false]);
    expect(effectiveDispatch(dispatch, [], [])).toEqual(dispatch);
  });

  it('and is not of dispatch.yaml changes nothing', () => {
    expect(withoutDeparted(dispatch, [{ user: '@nobody:elsewhere.example', to: null }])).toBe(dispatch);
  });
});
