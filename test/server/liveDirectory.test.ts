import { accountId } from '../../src/kernel/ids.ts';
import { LiveDirectory } from '../../src/server/liveDirectory.ts';
import { dispatch } from '../tickets/fixtures.ts';

describe('coverage by another organisation', () => {
  it('is skipped once its agreement was revoked or has ended, whatever the schedule says, and back when there is one', () => {
    const directory = new LiveDirectory(dispatch, () => false);
    const ended: string[] = [];
    directory.withoutPartners(() => ended);
    const at = Date.parse('2026-11-28T12:00:00Z');
    const backup = () => directory.resolve(accountId('LARK-CARD'), 'cross_org_backup', at).kind;
    expect(backup()).toBe('organisation');
    ended.push('fenwickvale.example');
    expect(directory.resolve(accountId('LARK-CARD'), 'cross_org_backup', at)).toEqual({
      kind: 'skip',
      code: 'agreement-ended',
      alarms: ['agreement-ended'],
    });
    expect(directory.resolve(accountId('LARK-CARD'), 'oncall-cardiology', at).kind).toBe('people');
    ended.length = 0;
    expect(backup()).toBe('organisation');
  });
});
