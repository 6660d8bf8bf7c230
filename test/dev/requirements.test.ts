import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../src/dev/checkout.ts';

const text = readFileSync(join(checkout, 'docker/synapse/requirements.txt'), 'utf8');
const entries = text
  .replace(/^\s*#.*$/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');

describe('the pinned homeserver', () => {
  it('names every package by one exact version and the hashes of its files, and nothing else', () => {
    expect(entries.length).toBeGreaterThan(50);
    for (const entry of entries) {
      expect(entry).toMatch(
        /^[a-z0-9-]+==[A-Za-z0-9.]+(\s+; python_full_version (<|>=) '3\.\d+'[^-]*)?(\s+--hash=sha256:[0-9a-f]{64})+$/,
      );
    }
  });

  it('names no package index and no address', () => {
    expect(text).not.toMatch(/https?:|--(extra-)?index-url|--find-links|@ /);
  });

  it('has the homeserver, its database driver and the second client library', () => {
    const names = entries.map((entry) => entry.split(/\s/)[0]);
    expect(names).toContain('matrix-synapse==1.163.2');
    expect(names).toContain('matrix-nio==0.26.0');
    expect(names.some((name) => name?.startsWith('psycopg2-binary=='))).toBe(true);
  });
});
