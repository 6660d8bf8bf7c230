import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../src/dev/checkout.ts';

const homeserver = 'docker/synapse/requirements.txt';

function entriesOf(file: string): { readonly text: string; readonly entries: readonly string[] } {
  const text = readFileSync(join(checkout, file), 'utf8');
  const entries = text
    .replace(/^\s*#.*$/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return { text, entries };
}

describe.each([homeserver, 'test/support/schemathesis/requirements.txt'])('what is pinned in %s', (file) => {
  const { text, entries } = entriesOf(file);

  it('names every package by one exact version and the hashes of its files, and nothing else', () => {
    expect(entries.length).toBeGreaterThan(20);
    for (const entry of entries) {
      expect(entry).toMatch(
        /^[a-z0-9-]+==[A-Za-z0-9.]+(\s+; (python_full_version (<|>=) '3\.\d+'|sys_platform == 'win32')[^-]*)?(\s+--hash=sha256:[0-9a-f]{64})+$/,
      );
    }
  });

  it('names no package index and no address', () => {
    expect(text).not.toMatch(/https?:|--(extra-)?index-url|--find-links|@ /);
  });
});

describe('the pinned homeserver', () => {
  it('has the homeserver, its database driver and the second client library', () => {
    const names = entriesOf(homeserver).entries.map((entry) => entry.split(/\s/)[0]);
    expect(names).toContain('matrix-synapse==1.163.2');
    expect(names).toContain('matrix-nio==0.26.0');
    expect(names.some((name) => name?.startsWith('psycopg2-binary=='))).toBe(true);
  });
});
