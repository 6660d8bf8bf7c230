import { type Protocol, protocolSchema } from '../../src/tickets/protocol.ts';
import { protocolFindings } from '../../src/tickets/protocolFindings.ts';
import type { Urgency } from '../../src/tickets/ticket.ts';
import { dispatch, oncall } from './fixtures.ts';

interface Broken {
  readonly steps: unknown[];
  readonly stop_on?: string[];
  readonly urgency: string;
  readonly expect: string;
}
const broken = Object.entries(oncall.broken_protocols as unknown as Record<string, Broken>);
const practice = dispatch.practices['LARK-CARD']!;

const codesOf = (document: unknown) => {
  const result = protocolSchema.safeParse(document);
  return result.success
    ? []
    : result.error.issues.map((issue) => (issue.code === 'custom' ? issue.params?.code : issue.code));
};
const findings = (protocol: unknown, urgency: Urgency, of: typeof practice | null = practice) =>
  protocolFindings(protocol as Protocol, { urgency, practice: of, dispatch }).map((finding) => finding.code);

describe('a broken protocol', () => {
  const REFUSED: Record<string, string> = {
    'BAD-STOPS-ON-READ': 'not-an-acknowledgement',
    'BAD-PHI-SMS': 'phi-in-text',
  };
  const REPORTED: Record<string, string> = {
    'BAD-NO-HUMAN': 'no-human',
    'BAD-ORDER': 'order',
    'BAD-TARGET': 'target-unknown',
    'BAD-NO-PHONE': 'phone-unreachable',
  };

  it.each(broken)('%s is refused or reported, as the data say', (name, { urgency, expect: expected, ...protocol }) => {
    if (expected.startsWith('refused')) expect(codesOf(protocol)).toContain(REFUSED[name]);
    else {
      expect(codesOf(protocol)).toEqual([]);
      expect(findings(protocol, urgency.toLowerCase() as Urgency)).toEqual([REPORTED[name]]);
    }
  });

  it.each([
    ['no steps', { steps: [] }, 'too_small'],
    ['an unknown key', { steps: [{ at: '0m', do: 'todo', whom: 'x' }] }, 'unrecognized_keys'],
    ['an unknown action', { steps: [{ at: '0m', do: 'pray', to: 'x' }] }, 'invalid_value'],
    ['an unknown key beside steps', { steps: [{ at: '0m', do: 'todo' }], stop: [] }, 'unrecognized_keys'],
    ['neither at nor every', { steps: [{ do: 'todo' }] }, 'at-or-every'],
    ['both at and every', { steps: [{ at: '0m', every: '1m', times: 1, do: 'todo' }] }, 'at-or-every'],
    [
      'every without times',
      {
        steps: [
          { at: '0m', do: 'todo' },
          { every: '1m', do: 'todo' },
        ],
      },
      'at-or-every',
    ],
    ['a repetition of nothing', { steps: [{ every: '1m', times: 2, do: 'renotify' }] }, 'repeat-without-step'],
    [
      'an endless repetition',
      {
        steps: [
          { at: '0m', do: 'todo' },
          { every: '1m', times: 100_000, do: 'todo' },
        ],
      },
      'too_big',
    ],
    [
      'a repetition without a pause',
      {
        steps: [
          { at: '0m', do: 'todo' },
          { every: '0s', times: 2, do: 'todo' },
        ],
      },
      'bad-duration',
    ],
    ['a time nobody can read', { steps: [{ at: 'soon', do: 'todo' }] }, 'bad-time'],
    ['a time that does not exist', { steps: [{ at: '25:00', do: 'todo' }] }, 'bad-time'],
    ['a bare number', { steps: [{ at: 5, do: 'todo' }] }, 'invalid_type'],
    ['a room step to nobody', { steps: [{ at: '0m', do: 'room' }] }, 'key-not-for-action'],
    ['a mention in a to-do', { steps: [{ at: '0m', do: 'todo', mention: true }] }, 'key-not-for-action'],
    ['a body in a room step', { steps: [{ at: '0m', do: 'room', to: 'x', body: 'x' }] }, 'key-not-for-action'],
    ['patient data in a to-do', { steps: [{ at: '0m', do: 'todo', text: 'call {callback}' }] }, 'phi-in-text'],
    [
      'an unclosed field in a text',
      { steps: [{ at: '0m', do: 'sms', to: 'x', body: 'call {callback' }] },
      'phi-in-text',
    ],
    [
      'a ladder that no acknowledgement stops',
      { steps: [{ at: '0m', do: 'todo' }], stop_on: ['patched'] },
      'ack-must-stop',
    ],
    [
      'delivered as a stop',
      { steps: [{ at: '0m', do: 'todo' }], stop_on: ['ack', 'delivered'] },
      'not-an-acknowledgement',
    ],
    ['a repeat call to nowhere', { steps: [{ at: '0m', do: 'todo' }], caller_repeat_call: 'restart' }, 'bad-time'],
  ])('with %s is refused', (_name, protocol, code) => {
    expect(codesOf(protocol)).toContain(code);
  });
});

describe('a protocol', () => {
  it.each(Object.entries(oncall.protocols!))('%s of the data is taken as it is', (_name, protocol) => {
    expect(codesOf(protocol)).toEqual([]);
  });

  it('may leave coverage and office hours out, and is reported', () => {
    const { cross_org_backup: _coverage, office_hours: _hours, ...bare } = practice;
    const steps = [{ at: 'next_office_open', do: 'room', to: 'cross_org_backup' }];
    expect(findings({ steps }, 'routine', bare)).toEqual(['no-office-hours', 'no-coverage']);
    expect(findings({ steps }, 'routine')).toEqual([]);
  });

  it('may name a person', () => {
    expect(findings({ steps: [{ at: '0m', do: 'room', to: 'mgr.hale' }] }, 'urgent')).toEqual([]);
    expect(findings({ steps: [{ at: '0m', do: 'room', to: 'constructor' }] }, 'urgent')).toEqual(['target-unknown']);
  });
});
