const BATCH = 100;

/**
 * Does `work` for everything that `find` finds, a batch at a time, until nothing is left or `isOver`. One that fails is told of and
 * must not hold up the others; when a whole batch fails it stops, since it would find the same again.
 */
export async function inBatches<T>(
  find: (limit: number) => Promise<readonly T[]>,
  work: (one: T) => Promise<unknown>,
  onFailure: (error: unknown) => void,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const found = await find(BATCH);
    let done = 0;
    for (const one of found) {
      try {
        await work(one);
        done += 1;
      } catch (error) {
        onFailure(error);
      }
    }
    if (found.length < BATCH || done === 0) return;
  }
}
