/** Open while the process takes work; closed, every request for the API is answered 503 and readiness ends. */
export interface Gate {
  readonly open: boolean;
  close(): void;
}

export function createGate(): Gate {
  let open = true;
  return {
    get open() {
      return open;
    },
    close: () => {
      open = false;
    },
  };
}
