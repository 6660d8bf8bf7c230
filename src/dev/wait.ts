/** Asks `ready` again and again until it says true. Fails when `deadlineMs` have passed, or at once when `gone` does. */
export async function pollUntil(
  what: string,
  ready: () => Promise<boolean>,
  options: { deadlineMs: number; everyMs?: number; gone?: () => string | null },
): Promise<void> {
  const deadline = performance.now() + options.deadlineMs;
  for (;;) {
    const reason = options.gone?.() ?? null;
    if (reason !== null) throw new Error(`${what}: ${reason}`);
    if (await ready().catch(() => false)) return;
    if (performance.now() > deadline) throw new Error(`${what}: not ready after ${options.deadlineMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 50));
  }
}
