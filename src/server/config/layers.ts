/** Configuration files, read and merged, with every key's place of origin. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Fault } from './fault.ts';

/** Where a value was written. */
export interface Origin {
  readonly file: string;
  readonly line: number;
}

export interface Layers {
  readonly document: Readonly<Record<string, unknown>>;
  readonly faults: readonly Fault[];
  /** Whether every file could be read to its end. */
  readonly complete: boolean;
  /** Where the value at this path stands; for what is not there, its nearest parent; at last, the first file. */
  origin(path: readonly PropertyKey[]): Origin;
  /** The directory that a relative path in this value counts from. */
  directory(path: readonly PropertyKey[]): string;
}

/** Deep enough for any configuration, far from the end of the stack. */
const MAX_DEPTH = 64;

type Tree = { [key: string]: unknown };

/**
 * Merges the files in order: mappings deeply, everything else (lists too) replaced by the later file.
 * Collects all that cannot be read instead of stopping at the first.
 */
export function readLayers(files: readonly string[]): Layers {
  const faults: Fault[] = [];
  const origins = new Map<string, Origin>();
  const document: Tree = {};
  let complete = true;

  for (const file of files) {
    const text = readText(file, faults);
    complete &&= text !== null;
    if (text === null) continue;
    const lines = new LineCounter();
    const parsed = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
    for (const { code, pos } of parsed.errors) {
      const what = code === 'DUPLICATE_KEY' ? 'the same key twice' : `not YAML (${code})`;
      faults.push({ file, line: lines.linePos(pos[0]).line, key: '', what });
      complete &&= code === 'DUPLICATE_KEY';
    }
    if (isMap(parsed.contents)) new Layer(file, parsed, lines, origins, faults).merge(document, parsed.contents, []);
    else if (parsed.contents !== null) faults.push({ file, line: 1, key: '', what: 'must be a mapping of keys' });
  }

  const origin = (path: readonly PropertyKey[]): Origin => {
    for (let length = path.length; length > 0; length--) {
      const found = origins.get(pathKey(path.slice(0, length)));
      if (found) return found;
    }
    return { file: files[0] ?? '', line: 1 };
  };
  return { document, faults, complete, origin, directory: (path) => dirname(resolve(origin(path).file)) };
}

const pathKey = (path: readonly PropertyKey[]): string => path.map(String).join('\0');

/** One file on its way into the document. */
class Layer {
  readonly #file: string;
  readonly #parsed: Document;
  readonly #lines: LineCounter;
  readonly #origins: Map<string, Origin>;
  readonly #faults: Fault[];

  constructor(file: string, parsed: Document, lines: LineCounter, origins: Map<string, Origin>, faults: Fault[]) {
    this.#file = file;
    this.#parsed = parsed;
    this.#lines = lines;
    this.#origins = origins;
    this.#faults = faults;
  }

  merge(into: Tree, map: YAMLMap, path: readonly string[]): void {
    for (const pair of map.items) {
      const line = this.#line(pair.key);
      const here = [...path, isScalar(pair.key) ? String(pair.key.value) : '?'];
      const key = here.at(-1)!;
      const wrong = !isScalar(pair.key) ? 'a key must be a plain word' : key === '__proto__' ? 'unknown key' : null;
      if (wrong !== null) {
        this.#faults.push({ file: this.#file, line, key: here.join('.'), what: wrong });
        continue;
      }
      this.#origins.set(pathKey(here), { file: this.#file, line });
      const existing = Object.hasOwn(into, key) ? into[key] : undefined;
      into[key] = this.#plain(pair.value, here, existing);
    }
  }

  /** A node as a plain value; a mapping goes on top of what an earlier file wrote there. */
  #plain(value: unknown, path: readonly string[], below: unknown): unknown {
    const node = isAlias(value) ? value.resolve(this.#parsed) : value;
    if (path.length > MAX_DEPTH) {
      const shown = `${path.slice(0, 4).join('.')}...`;
      this.#faults.push({ file: this.#file, line: this.#line(node), key: shown, what: 'nested too deeply' });
      return null;
    }
    if (isMap(node)) {
      const tree: Tree = isTree(below) ? below : {};
      this.merge(tree, node, path);
      return tree;
    }
    if (below !== undefined) this.#forgetBelow(path);
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const here = [...path, String(index)];
        this.#origins.set(pathKey(here), { file: this.#file, line: this.#line(item) });
        return this.#plain(item, here, undefined);
      });
    }
    return isScalar(node) ? node.value : null;
  }

  /** This value replaces another: what stood below that one is gone. */
  #forgetBelow(path: readonly string[]): void {
    const prefix = `${pathKey(path)}\0`;
    for (const key of this.#origins.keys()) if (key.startsWith(prefix)) this.#origins.delete(key);
  }

  #line(node: unknown): number {
    const offset = (node as Node | null | undefined)?.range?.[0];
    return offset === undefined ? 1 : this.#lines.linePos(offset).line;
  }
}

function readText(file: string, faults: Fault[]): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const known: Record<string, string> = { ENOENT: 'no such file', ERR_ENCODING_INVALID_ENCODED_DATA: 'not UTF-8' };
    faults.push({ file, line: 1, key: '', what: known[code ?? ''] ?? `cannot be read (${code ?? 'unknown'})` });
    return null;
  }
}

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);
