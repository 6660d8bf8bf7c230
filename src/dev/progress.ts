import { closeSync, openSync, readSync } from 'node:fs';

/** Reports each whole line that a growing file gains, until the returned function is called (which reports the rest). */
export function followLines(path: string, report: (line: string) => void): () => void {
  const file = openSync(path, 'r');
  const chunk = Buffer.alloc(64 * 1024);
  let pending = '';
  const drain = (): void => {
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      pending += chunk.toString('utf8', 0, size);
      const lines = pending.split('\n');
      pending = lines.pop() ?? '';
      for (const line of lines) report(line);
    }
  };
  const timer = setInterval(drain, 200);
  return () => {
    clearInterval(timer);
    drain();
    closeSync(file);
  };
}
