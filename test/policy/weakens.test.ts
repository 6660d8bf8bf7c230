import fc from 'fast-check';
import { classSchema, type Policy, policyShape } from '../../src/policy/policySchema.ts';
import { changePolicy } from '../../src/policy/readPolicy.ts';
import { weakens } from '../../src/policy/weakens.ts';
import { agreement, builtInPolicy, policyOf } from './support.ts';

const change = (path: string, value: string, from: Policy = builtInPolicy): Policy => {
  const changed = changePolicy(from, path, value);
  if (!changed.ok) throw new Error(JSON.stringify(changed.error));
  return changed.value.policy;
};

describe('a change of the policy', () => {
  it.each<[string, string]>([
    ['classes.clinical.roles', '[physician, nurse, pharmacist, therapist, social-worker, psychiatry, operator]'],
    ['classes.clinical.excluded_roles', '[]'],
    ['classes.clinical.history_visibility', 'shared'],
    ['classes.clinical.federation', 'coverage'],
    ['classes.announcement.guests', 'true'],
    ['classes.announcement.post', '[everyone]'],
    ['classes.clinical.encryption.messages', '101'],
    ['classes.clinical.encryption.period', '8d'],
    ['classes.clinical.retention.max_age', '31d'],
    ['classes.clinical.retention.max_age', 'never'],
    ['classes.clinical.retention.max_age', '29d'],
    ['classes.audit.retention.min_age', '2196d'],
    ['classes.consult.retention.cross_org', 'own'],
    ['classes.clinical.retention.publish', 'true'],
    ['classes.clinical.recall', '16m'],
    ['classes.restricted-42cfr2.naming', 'unit'],
    ['classes.clinical.phi', 'false'],
    ['roles.nurse.review_every', '91d'],
    ['roles.nurse.longest', '400d'],
    ['roles.wizard', '{ title: Wizard }'],
    ['commands.policy set', '[admin, nurse]'],
    ['commands.*', '[admin, nurse]'],
    ['warn_before', '[30]'],
    ['time_zone', 'America/New_York'],
    ['direct_rooms.max_age', '91d'],
    ['direct_rooms.max_age', '89d'],
    ['oversight.refusals_of_one', '11'],
    ['oversight.refusals_of_all', '51'],
    ['oversight.volume.times', '6'],
    ['oversight.volume.least', '301'],
    ['oversight.night.from', '"23:00"'],
    ['agreements', JSON.stringify([agreement('partner.example', ['consult'])])],
  ])('weakens protection, and needs a second person: %s = %s', (path, value) => {
    const after = change(path, value);
    const found = weakens(builtInPolicy, after, path);
    if (path === 'classes.audit.retention.min_age') return expect(found).toEqual([]); // 2196 days are six years
    expect(found).toEqual([{ path: expect.stringMatching(/./) as string, why: expect.stringMatching(/./) as string }]);
    expect(found[0]?.path.startsWith(path)).toBe(true);
  });

  it.each<[string, string]>([
    ['classes.clinical.roles', '[physician, nurse]'],
    ['classes.clinical.excluded_roles', '[billing, front-desk]'],
    ['classes.clinical.history_visibility', 'joined'],
    ['classes.clinical.federation', 'never'],
    ['classes.announcement.post', '[admin]'],
    ['classes.clinical.encryption.messages', '50'],
    ['classes.clinical.encryption.period', '1d'],
    ['classes.clinical.retention.min_age', '1d'],
    ['classes.clinical.retention.cross_org', 'min_of_both'],
    ['classes.clinical.recall', '5m'],
    ['classes.clinical.training', '[hipaa]'],
    ['classes.clinical.naming', 'opaque'],
    ['classes.clinical.join', 'invite'],
    ['classes.clinical.membership', 'by-name'],
    ['classes.clinical.told', 'Something else.'],
    ['classes.clinical.title', 'Ward'],
    ['classes.clinical.room_version', '11'],
    ['classes.announcement.phi', 'false'],
    ['classes.oncology', '{ roles: [physician] }'],
    ['roles.nurse.review_every', '30d'],
    ['roles.nurse.longest', '30d'],
    ['roles.nurse.title', 'Registered nurse'],
    ['commands.audit export', '[admin]'],
    ['warn_before', '[60, 30, 7, 1]'],
    ['oversight.review_day', 'friday'],
    ['oversight.refusals_of_one', '3'],
    ['oversight.volume.times', '2'],
  ])('that protects as well or better is for one person: %s = %s', (path, value) => {
    expect(weakens(builtInPolicy, change(path, value), path)).toEqual([]);
  });

  it('takes all reasons together where several settings change', () => {
    const after = policyOf(
      'classes: { clinical: { history_visibility: shared, told: x, recall: 1h }, billing: { recall: 5m } }',
    );
    expect(weakens(builtInPolicy, after).map(({ path }) => path)).toEqual([
      'classes.clinical.history_visibility',
      'classes.clinical.recall',
    ]);
    expect(weakens(builtInPolicy, after, 'classes.billing')).toEqual([]);
    expect(weakens(builtInPolicy, after, 'classes.clinical.recall')).toHaveLength(1);
  });

  it('that takes a class away weakens: its rooms are kept no more', () => {
    const with_ = policyOf('classes: { oncology: { roles: [physician] } }');
    expect(weakens(with_, builtInPolicy).map(({ path }) => path)).toEqual(['classes.oncology']);
  });

  it('to a command is judged by who could give it before, named or not', () => {
    expect(weakens(builtInPolicy, change('commands.room create', '[admin]'))).toEqual([]);
    expect(weakens(builtInPolicy, change('commands.room create', '[admin, nurse]')).map(({ path }) => path)).toEqual([
      'commands.room create',
    ]);
    const narrow = policyOf('commands: { room create: [privacy-officer] }');
    expect(weakens(narrow, builtInPolicy).map(({ path }) => path)).toEqual(['commands.room create']);
    expect(weakens(narrow, builtInPolicy, 'commands.room create')).toHaveLength(1);
  });

  it('that nobody thought of weakens', () => {
    const odd = { ...builtInPolicy, moon: 'full' } as unknown as Policy;
    expect(weakens(builtInPolicy, odd)).toEqual([{ path: 'moon', why: expect.any(String) as string }]);
    const clinical = { ...builtInPolicy.classes.clinical!, colour: 'blue' };
    const deep = { ...builtInPolicy, classes: { ...builtInPolicy.classes, clinical } } as unknown as Policy;
    expect(weakens(builtInPolicy, deep)).toHaveLength(1);
    const broken = structuredClone(builtInPolicy);
    (broken.classes.clinical!.retention as Record<string, unknown>).max_age = 'soon';
    expect(weakens(builtInPolicy, broken)).toHaveLength(1);
    expect(weakens(broken, builtInPolicy)).toHaveLength(1);
  });

  it('to nothing is none', () => {
    expect(weakens(builtInPolicy, structuredClone(builtInPolicy))).toEqual([]);
    expect(weakens(builtInPolicy, change('classes.clinical.guests', 'false'), 'nothing.here')).toEqual([]);
  });
});

describe('what a change is judged by', () => {
  /** Values that a setting may have, to be changed between. */
  const values: Readonly<Record<string, readonly unknown[]>> = {
    roles: [['nurse'], ['nurse', 'physician'], ['everyone']],
    excluded_roles: [[], ['billing']],
    federation: ['never', 'agreement', 'coverage'],
    join: ['restricted', 'invite'],
    history_visibility: ['joined', 'invited', 'shared'],
    guests: [true, false],
    phi: [true, false],
    post: [['nurse'], ['everyone']],
    recall: ['0m', '15m', '1d'],
    training: [[], ['hipaa']],
    naming: ['unit', 'opaque'],
  };

  it('never lets through both a change and its reverse, where the setting protects something', () => {
    const setting = fc.constantFrom(...Object.keys(values));
    fc.assert(
      fc.property(setting, fc.nat(), fc.nat(), (key, one, two) => {
        const all = values[key]!;
        const [a, b] = [all[one % all.length], all[two % all.length]];
        const withValue = (value: unknown): Policy => {
          const copy = structuredClone(builtInPolicy);
          (copy.classes.clinical as unknown as Record<string, unknown>)[key] = value;
          return copy;
        };
        const there = weakens(withValue(a), withValue(b)).length;
        const back = weakens(withValue(b), withValue(a)).length;
        expect(there + back > 0).toBe(JSON.stringify(a) !== JSON.stringify(b));
      }),
    );
  });

  it('is known of every setting of a class: none is left to "nothing says that this is harmless"', () => {
    for (const key of Object.keys(classSchema.shape)) {
      if (key === 'encryption' || key === 'retention' || key === 'break_glass') continue;
      const copy = structuredClone(builtInPolicy);
      (copy.classes.clinical as unknown as Record<string, unknown>)[key] = ['changed'];
      const why = weakens(builtInPolicy, copy).map((one) => one.why);
      expect([key, why]).not.toEqual([key, ['nothing says that this is harmless']]);
    }
    expect(Object.keys(policyShape)).toContain('classes');
  });
});
