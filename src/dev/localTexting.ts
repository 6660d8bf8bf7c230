import type { Config } from '../server/config/index.ts';

/** What the carrier of the embedded hospital is called. */
export const LOCAL_CARRIER = 'local';

/** One line per number of the answering services, for their accounts: what the embedded hospital has where nothing else is configured. */
export function localTexting({ dispatch }: Pick<Config, 'dispatch'>): Record<string, unknown> {
  const lines = Object.entries(dispatch.services).flatMap(([id, { own_numbers: numbers, accounts }]) =>
    numbers.map((number, index) => {
      const name = `${id.replace(/[^a-z0-9-]/g, '-').slice(0, 28)}${index === 0 ? '' : `-${index + 1}`}`;
      // `MARSH-CARD` is Marsh Card.
      const practice = (accounts[0] ?? id)
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, ' ')
        .replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
      return [name, { number, carrier: LOCAL_CARRIER, practice, call_back: number, accounts }] as const;
    }),
  );
  return { carriers: { [LOCAL_CARRIER]: { kind: 'local' } }, lines: Object.fromEntries(lines) };
}
