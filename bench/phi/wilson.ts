/** A share of what was counted. */
export interface Share {
  readonly of: number;
  readonly hits: number;
}

/** The score interval of Wilson (1927) for a share, at 95 %. */
export function wilson({ hits, of }: Share): readonly [number, number] {
  if (of === 0) return [0, 1];
  const z = 1.959964;
  const p = hits / of;
  const middle = p + (z * z) / (2 * of);
  const width = z * Math.sqrt((p * (1 - p)) / of + (z * z) / (4 * of * of));
  const whole = 1 + (z * z) / of;
  return [Math.max(0, (middle - width) / whole), Math.min(1, (middle + width) / whole)];
}

export const share = ({ hits, of }: Share): number => (of === 0 ? Number.NaN : hits / of);
