import type { PartReadiness } from '../channels/http/index.ts';

/** Less than `/ready` takes to answer, so that a part that hangs is named. */
const TIMEOUT_MS = 2_000;

/** Asks each part on its own: one that fails or hangs is not ready, and hides no other. */
export function askParts(
  parts: Readonly<Record<string, () => boolean | Promise<boolean>>>,
): Promise<readonly PartReadiness[]> {
  return Promise.all(Object.entries(parts).map(async ([part, ask]) => ({ part, ok: await inTime(ask) })));
}

async function inTime(ask: () => boolean | Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), TIMEOUT_MS);
  });
  const answer = (async () => ask())().catch(() => false);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
