/**
 * Writes the list of commands in docs/administrator.md from the commands themselves: `node src/dev/commandReference.ts`.
 * With `--check` it writes nothing and exits 1 when the page is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { commandReference, withReference } from '../bot/reference.ts';

const page = fileURLToPath(new URL('../../docs/administrator.md', import.meta.url));
const before = readFileSync(page, 'utf8');
const after = withReference(before, commandReference());

if (!process.argv.includes('--check')) writeFileSync(page, after);
else if (after !== before) {
  process.stderr.write('docs/administrator.md is out of date: node src/dev/commandReference.ts\n');
  process.exitCode = 1;
}
