/** One named figure: the worst setting decides, the parts say how it came about. */
export interface Ratio {
  readonly value: number;
  readonly parts: Readonly<Record<string, number>>;
}

/** The value below which `share` of the samples lie. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
