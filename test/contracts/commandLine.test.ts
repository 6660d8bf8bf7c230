import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../../src/dev/checkout.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

const wardroom = (args: readonly string[], cwd = checkout) =>
  spawnSync(process.execPath, [join(checkout, 'bin/wardroom.js'), ...args], { cwd, encoding: 'utf8' });

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'wardroom-cli-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text, { mode: 0o600 });
  return join(dir, name);
};

describe('the command line', () => {
  it('says its version', () => {
    const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
    expect(wardroom(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  it('explains every command', () => {
    const commands = [
      '',
      'serve',
      'migrate',
      'config',
      'config check',
      'config schema',
      'registration',
      'oncall',
      ...['who', 'show', 'gaps', 'simulate', 'set', 'override', 'swap', 'import', 'withdraw'].map(
        (name) => `oncall ${name}`,
      ),
      'audit',
      'audit fsck',
      'backup',
      'restore',
      'dev',
      'dev up',
      'dev status',
      'dev down',
      'dev kill',
      'dev start',
      'dev clock',
      'dev clock set',
    ];
    for (const command of commands) {
      const { status, stdout } = wardroom([...command.split(' ').filter(Boolean), '--help']);
      expect({ command, status }).toEqual({ command, status: 0 });
      expect(stdout).toContain('Usage: wardroom');
    }
  });

  it('ends wrong usage with 2 and a word on what is wrong', () => {
    for (const args of [
      ['dance'],
      ['oncall', 'who'],
      ['oncall', 'show', 'LARK-CARD', '--days', '0'],
      ['dev', 'kill', 'everything'],
      ['dev', 'up', '--hospitals', '0'],
      ['serve', '--nope'],
      ['backup'],
      ['restore', '--check'],
      ['dev', 'clock', 'set', 'tomorrow'],
      ['dev', 'clock', 'advance', 'soon'],
    ]) {
      const { status, stdout, stderr } = wardroom([...args]);
      expect({ args, status }).toEqual({ args, status: 2 });
      expect(stdout).toBe('');
      expect(stderr).not.toBe('');
    }
  });

  it('lists the faults of a policy with their lines, too', () => {
    const policy = file('policy.yaml', 'classes:\n  clinical:\n    guests: maybe\n    colour: blue\n');
    const { status, stderr } = wardroom(['config', 'check', '--config', 'config/wardroom.yaml', '--config', policy]);
    expect(status).toBe(2);
    expect(stderr).toContain(`${policy}:3 classes.clinical.guests: must be true or false`);
    expect(stderr).toContain(`${policy}:4 classes.clinical.colour: unknown key`);
  });

  it('finds the configuration of the checkout valid, and lists every fault of a broken one with its line', () => {
    expect(wardroom(['config', 'check']).status).toBe(0);
    const broken = file(
      'broken.yaml',
      'homeserver:\n  url: nonsense\n  server_name: hospital.example\nhttp:\n  port: 99999\nunknown_key: 1\n',
    );
    const { status, stderr } = wardroom(['config', 'check', '--config', broken]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/broken\.yaml:2 homeserver\.url: /);
    expect(stderr).toMatch(/broken\.yaml:5 http\.port: /);
    expect(stderr).toMatch(/broken\.yaml:6 unknown_key: /);
  });

  it('prints one JSON document on stdout and nothing else there', () => {
    const { stdout } = wardroom(['config', 'check', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    const status = wardroom(['dev', 'status', '--json', '--dir', join(dir, 'nothing')]);
    expect(status.status).toBe(1);
    expect(JSON.parse(status.stdout)).toMatchObject({ running: false });
  });

  it('writes the registration for its owner only, with tokens that stay', () => {
    const out = join(dir, 'registration.yaml');
    expect(wardroom(['registration', '--out', out]).status).toBe(0);
    const first = readFileSync(out, 'utf8');
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(wardroom(['registration', '--out', out]).status).toBe(0);
    expect(readFileSync(out, 'utf8')).toBe(first);
  });
});

describe('migrate', () => {
  let database: TestDatabase;
  let config: string;
  beforeAll(async () => {
    database = await testDatabase({ migrated: false });
    file('owner.url', database.ownerUrl);
    file('service.url', database.serviceUrl);
    config = file(
      'wardroom.yaml',
      'homeserver: {url: "http://127.0.0.1:1", server_name: hospital.example}\ndata_dir: data\ndatabase: {url_file: service.url, owner_url_file: owner.url}\n',
    );
  });
  afterAll(() => database?.drop());

  it('can be repeated', () => {
    const first = wardroom(['migrate', '--json', '--config', config]);
    expect(first.status).toBe(0);
    expect(JSON.parse(first.stdout).applied.length).toBeGreaterThan(3);
    const second = wardroom(['migrate', '--json', '--config', config]);
    expect(second.status).toBe(0);
    expect(JSON.parse(second.stdout).applied).toEqual([]);
  });

  it('says 3 when the database cannot be reached', () => {
    file('owner.url', 'postgresql://wardroom_owner:x@127.0.0.1:1/wardroom');
    expect(wardroom(['migrate', '--config', config]).status).toBe(3);
  });
});
