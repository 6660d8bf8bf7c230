import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { classSchema } from '../../src/policy/policySchema.ts';
import { changePolicy, parsePolicy, readPolicy } from '../../src/policy/readPolicy.ts';
import { durationMs } from '../../src/policy/values.ts';
import { builtInPolicy } from './support.ts';

const shown = readFileSync(join(import.meta.dirname, '../../config/policy.yaml'), 'utf8');

/** `line path: what` of every fault; empty when there is none. */
const faultsOf = (text: string): string[] => {
  const parsed = parsePolicy(text);
  return parsed.ok ? [] : parsed.error.map(({ line, path, what }) => `${line} ${path.map(String).join('.')}: ${what}`);
};

describe('the built-in policy', () => {
  it('is what config/policy.yaml shows', () => {
    const parsed = parsePolicy(shown);
    expect(parsed).toEqual({ ok: true, value: { policy: builtInPolicy, warnings: [] } });
    expect(shown).toContain('clinical:');
  });

  it('has the classes a hospital needs', () => {
    expect(Object.keys(builtInPolicy.classes)).toEqual([
      'on-call',
      'clinical',
      'billing',
      'consult',
      'patient-text',
      'announcement',
      'restricted-42cfr2',
      'intake',
      'transfer',
      'control',
      'audit',
      'privacy',
    ]);
  });

  it('is read again as itself', () => {
    expect(readPolicy(structuredClone(builtInPolicy))).toEqual({
      ok: true,
      value: { policy: builtInPolicy, warnings: [] },
    });
  });

  it('keeps billing out of every room of clinicians', () => {
    const open = Object.entries(builtInPolicy.classes).filter(
      ([, { roles, excluded_roles: excluded }]) =>
        (roles.includes('nurse') || roles.includes('physician') || roles.includes('psychiatry')) &&
        !excluded.includes('billing'),
    );
    expect(open.map(([name]) => name)).toEqual([]);
  });
});

describe('config/policy.yaml', () => {
  it('shows and explains every setting of a class', () => {
    const first = shown.slice(shown.indexOf('  on-call:'), shown.indexOf('  clinical:'));
    const missing = Object.keys(classSchema.shape).filter((key) => !new RegExp(`^    ${key}:`, 'm').test(first));
    expect(missing).toEqual([]);
  });

  it('is right in its commented examples, too', () => {
    const everything = shown
      .replace(': []\n#', ':\n#')
      .replace(': []\n#', ':\n#')
      .replace(/^# {2}( *[-a-z_].*)$/gm, '  $1');
    const parsed = parsePolicy(everything);
    expect(parsed.ok ? parsed.value.policy.agreements.concat().length : parsed.error).toBe(1);
    expect(parsed.ok && parsed.value.policy.coverage).toHaveLength(1);
  });
});

describe('a policy file', () => {
  it('may say only what differs', () => {
    const parsed = parsePolicy('classes:\n  clinical:\n    retention: { max_age: 14d }\n');
    expect(parsed.ok && parsed.value.policy.classes).toEqual({
      ...builtInPolicy.classes,
      clinical: {
        ...builtInPolicy.classes.clinical,
        retention: { ...builtInPolicy.classes.clinical!.retention, max_age: '14d' },
      },
    });
  });

  it('may be empty', () => {
    expect(faultsOf('')).toEqual([]);
    expect(faultsOf('classes:\nroles:\n')).toEqual([]);
  });

  it('may add a class, which is kept tightly unless it says otherwise', () => {
    const parsed = parsePolicy('classes: { oncology: { roles: [physician] } }');
    expect(parsed.ok && parsed.value.policy.classes.oncology).toMatchObject({
      phi: true,
      federation: 'never',
      join: 'restricted',
      history_visibility: 'joined',
      guests: false,
      retention: { max_age: '30d', unread_stat: 'keep' },
    });
  });

  it('is told all its faults at once, each with its line', () => {
    const text = [
      'classes:',
      '  clinical:',
      '    guests: true',
      '    colour: blue',
      '  oncology: {}',
      '  Bad Name: { roles: [nurse] }',
      '  control:',
      '    retention: { unread_stat: drop }',
      'agreements:',
      '  - domain: Partner.example',
      '    contract: X',
      '    from: "2026-02-30"',
      'moon: full',
    ].join('\n');
    expect(faultsOf(text)).toEqual([
      '4 classes.clinical.colour: unknown key',
      '8 classes.control.retention.unread_stat: must be "keep"',
      '5 classes.oncology.roles: is missing',
      '6 classes.Bad Name: is not an allowed key',
      '10 agreements.0.domain: must be a Matrix server name in lower case, host or host:port',
      '12 agreements.0.from: must be a date, 2026-11-30',
      '10 agreements.0.until: is missing',
      '10 agreements.0.classes: is missing',
      '13 moon: unknown key',
    ]);
  });

  it.each<[string, string]>([
    [
      'classes: { clinical: { guests: true, federation: never } }',
      'classes.clinical.guests: must be false where messages',
    ],
    [
      'classes: { announcement: { guests: true, federation: agreement } }',
      'announcement.guests: must be false where partners',
    ],
    ['classes: { restricted-42cfr2: { federation: agreement } }', 'never federates (42 CFR 2.32, 2.33)'],
    ['classes: { control: { federation: agreement } }', 'control.federation: must be never'],
    ['classes: { control: { join: restricted } }', 'control.join: must be invite'],
    ['classes: { clinical: { roles: [wizard] } }', 'classes.clinical.roles.0: is no role under roles'],
    ['classes: { clinical: { roles: [everyone] } }', 'cannot be let into rooms with health information'],
    ['classes: { announcement: { roles: [everyone, nurse] } }', 'everyone stands alone'],
    ['classes: { clinical: { excluded_roles: [nurse] } }', 'classes.clinical.excluded_roles.0: is a member role, too'],
    ['classes: { clinical: { excluded_roles: [wizard] } }', 'excluded_roles.0: is no role under roles'],
    ['classes: { clinical: { post: [billing] } }', 'classes.clinical.post.0: is no member role'],
    ['classes: { clinical: { retention: { min_age: 60d } } }', 'retention.min_age: is longer than max_age'],
    ['classes: { clinical: { retention: { max_age: 1h } } }', 'retention.max_age: must be at least 1d'],
    ['classes: { audit: { retention: { min_age: 5y } } }', 'audit.retention.min_age: must be at least 6y'],
    ['commands: { "room create": [wizard] }', 'commands.room create.0: is no role under roles'],
    [
      'agreements: [{ domain: a.example, contract: B, from: "2026-02-01", until: "2026-01-01", classes: [consult] }]',
      'agreements.0.until: is before its beginning',
    ],
    [
      'agreements: [{ domain: a.example, contract: B, from: "2026-01-01", until: "2027-01-01", classes: [moon] }]',
      'agreements.0.classes.0: is no class',
    ],
    [
      'agreements: [{ domain: a.example, contract: B, from: "2026-01-01", until: "2027-01-01", classes: [billing] }]',
      'is a class that never federates',
    ],
    [
      'coverage: [{ agreement: C, ours: A/r, theirs: b.example/r, until: "2027-01-01", signed_by: [one] }]',
      'coverage.0.signed_by: must not be empty',
    ],
  ])('is refused with %s', (text, expected) => {
    expect(faultsOf(text).join('\n')).toContain(expected);
  });

  it('is warned of what is lawful and still unwise', () => {
    const parsed = parsePolicy(
      'classes:\n  clinical:\n    history_visibility: shared\n    retention: { publish: true }\n',
    );
    expect(parsed.ok && parsed.value.warnings.map(({ line, path }) => `${line} ${path.join('.')}`)).toEqual([
      '3 classes.clinical.history_visibility',
      '4 classes.clinical.retention.publish',
    ]);
  });

  it.each<[string, string]>([
    ['classes: [', 'not YAML'],
    ['classes: {}\nclasses: {}', 'the same key twice'],
    ['- a', 'must be a mapping of keys'],
    ['7', 'must be a mapping of keys'],
    ['roles: { __proto__: { title: x } }', 'unknown key'],
    ['__proto__: { classes: {} }', 'unknown key'],
    [
      `a: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\nd: [${'*c,'.repeat(50)}]`,
      'aliases',
    ],
  ])('that is no policy is refused: %s', (text, expected) => {
    expect(faultsOf(text).join('\n')).toContain(expected);
  });
});

describe('a change of one setting', () => {
  const change = (path: string, value: string) => changePolicy(builtInPolicy, path, value);

  it('gives the whole policy with it', () => {
    const changed = change('classes.clinical.retention.max_age', '14d');
    expect(changed.ok && changed.value.policy.classes.clinical?.retention.max_age).toBe('14d');
    expect(builtInPolicy.classes.clinical?.retention.max_age).toBe('30d');
  });

  it('takes lists as YAML writes them', () => {
    const changed = change('classes.clinical.roles', '[physician, nurse]');
    expect(changed.ok && changed.value.policy.classes.clinical?.roles).toEqual(['physician', 'nurse']);
  });

  it.each<[string, string]>([
    ['classes.clinical.retention.max_age', 'soon'],
    ['classes.clinical.nothing', '1'],
    ['classes.nothing.guests', 'true'],
    ['', '1'],
    ['classes', '1'],
    ['classes.clinical', 'false'],
    ['warn_before.x', '1'],
    ['classes.clinical.title.0', 'X'],
    ['__proto__.polluted', 'true'],
    ['classes.__proto__.guests', 'true'],
    ['constructor.prototype.polluted', 'true'],
    ['classes.clinical.guests', 'true'],
    ['classes.clinical.roles', '[*a]'],
    ['classes.clinical.roles', '[unclosed'],
  ])('is refused where it is no setting, or no value for it: %s = %s', (path, value) => {
    expect(change(path, value).ok).toBe(false);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('six years', () => {
  it('are never a day short', () => {
    expect(durationMs('6y')).toBeGreaterThanOrEqual(Date.UTC(2032, 0, 1) - Date.UTC(2026, 0, 1));
    expect(durationMs('6y')).toBeGreaterThanOrEqual(Date.UTC(2030, 5, 1) - Date.UTC(2024, 5, 1));
  });
});
