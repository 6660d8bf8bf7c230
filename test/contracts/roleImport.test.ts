import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../src/dev/checkout.ts';
import type { RoleDiff } from '../../src/flows/importRoles.ts';
import { builtInPolicy } from '../policy/support.ts';
import { type Installation, installation, SERVER_NAME } from '../support/installation.ts';

let home: Installation;
beforeAll(async () => {
  home = await installation();
  // As its first start does.
  home.secrets.referenceKey();
  home.secrets.keyEncryptionKey();
});
afterAll(() => home?.close());

function run(csv: string, ...options: string[]) {
  const file = join(home.dir, 'roles.csv');
  writeFileSync(file, csv);
  const main = join(checkout, 'bin/wardroom.js');
  const args = ['role', 'import', file, '--config', home.file, '--by', 'hr', ...options];
  return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
}
const diffOf = (csv: string, ...options: string[]): RoleDiff & { status: number | null } => {
  const { stdout, status } = run(csv, ...options, '--json');
  return { ...(JSON.parse(stdout) as RoleDiff), status };
};
const events = async () =>
  (await home.sql('SELECT event FROM wardroom.role_events ORDER BY number')).map(
    ({ event }) => event as { type: string; user: string; role: string; by: string },
  );
const [amsel, brandt] = [`@amsel:${SERVER_NAME}`, `@brandt:${SERVER_NAME}`];

describe('wardroom role import', () => {
  it('waits for a policy', () => {
    expect(run(`user,role\n${amsel},nurse\n`).status).toBe(3);
  });

  it('grants what is new, says what it would do first, and does nothing twice', async () => {
    await home.sql(
      `INSERT INTO wardroom.policy_versions (version, policy, change, made_by, made_at) VALUES (1, $1, '{"kind": "import"}', 'wardroom', now())`,
      [JSON.stringify(builtInPolicy)],
    );
    const csv = `user,role,until\n\n${amsel},physician,\n\n\n${brandt},nurse,2099-01-01\n`;
    expect(diffOf(csv)).toMatchObject({ refused: [{ place: 'line 6', code: 'too-long' }], done: false, status: 1 });
    const good = csv.replace('2099-01-01', '');
    expect(diffOf(good, '--dry-run')).toMatchObject({
      granted: [{ user_id: amsel }, { user_id: brandt }],
      done: false,
    });
    expect(await events()).toEqual([]);
    expect(run(good).stdout).toBe(`+ ${amsel} physician\n+ ${brandt} nurse\n2 granted, 0 revoked, 0 as they were\n`);
    expect(diffOf(good)).toMatchObject({ granted: [], revoked: [], unchanged: 2, status: 0 });
    expect((await events()).map(({ type, role, by }) => [type, role, by])).toEqual([
      ['granted', 'physician', 'hr'],
      ['granted', 'nurse', 'hr'],
    ]);
  });

  it('ends earlier what should end earlier', () => {
    const day = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
    const csv = `user,role,until\n${amsel},physician,${day}\n${brandt},nurse,\n`;
    expect(diffOf(csv)).toMatchObject({ granted: [{ user_id: amsel, until: day }], revoked: [], unchanged: 1 });
    expect(diffOf(csv)).toMatchObject({ granted: [], unchanged: 2 });
  });

  it('revokes who is not in the file only when it is told to, and never an administrator', async () => {
    await home.sql(`INSERT INTO wardroom.role_events (user_id, role, event, at) VALUES ($1, 'admin', $2, now())`, [
      amsel,
      JSON.stringify({
        type: 'granted',
        at: 0,
        user: amsel,
        role: 'admin',
        from: 0,
        until: null,
        reviewBy: 9e12,
        by: 'two',
      }),
    ]);
    const csv = `user,role\n${brandt},nurse\n`;
    expect(diffOf(csv)).toMatchObject({ revoked: [] });
    expect(diffOf(csv, '--prune')).toMatchObject({ revoked: [{ user_id: amsel, role: 'physician' }], done: true });
    expect((await events()).at(-1)).toMatchObject({ type: 'revoked', user: amsel, role: 'physician', by: 'hr' });
  });

  it('keeps nothing when one row cannot be, and names each', async () => {
    const before = (await events()).length;
    const rows = [
      [`${amsel},therapist,`, null],
      ['amsel,nurse,', 'user'],
      [`${amsel},wizard,`, 'role-unknown'],
      [`${amsel},admin,`, 'needs-second-person'],
      [`${amsel},nurse,2026-02-30`, 'until'],
      ['@amsel:partner.example,nurse,', 'not-on-file'],
      [`${amsel},therapist,`, 'twice'],
      [`@wardroom:${SERVER_NAME},nurse,`, 'is-wardroom'],
    ] as const;
    const { refused, done } = diffOf(`user,role,until\n${rows.map(([row]) => row).join('\n')}\n`);
    expect([refused.map(({ code }) => code), done]).toEqual([
      rows.flatMap(([, code]) => (code === null ? [] : [code])),
      false,
    ]);
    expect(await events()).toHaveLength(before);
  });

  it.each(['', 'name,job\na,b\n', 'user,role\n', 'user,role\n"unclosed\n'])(
    'refuses what is no list of roles: %j',
    (csv) => {
      expect(run(csv).status).toBe(2);
    },
  );
});
