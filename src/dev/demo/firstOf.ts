/** What `find` finds, now or when one of the listeners is next called; rejects after `timeoutMs` with `missed` and the time. */
export function firstOf<T>(
  listeners: Set<() => void>,
  find: () => T | undefined,
  missed: (seconds: number) => string,
  timeoutMs: number,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      listeners.delete(look);
    };
    const timer = setTimeout(() => {
      end();
      reject(new Error(missed(timeoutMs / 1000)));
    }, timeoutMs);
    const look = (): void => {
      const found = find();
      if (found === undefined) return;
      end();
      resolve(found);
    };
    listeners.add(look);
    look();
  });
}
