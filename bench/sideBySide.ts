import { quantile, type Ratio, round } from './ratios.ts';

export interface SideBySide {
  /** At once, one setting after the other. */
  readonly settings: readonly number[];
  readonly rounds: number;
  /** Names of the two figures, each a second. */
  readonly names: { readonly ours: string; readonly theirs: string };
  readonly ours: (setting: number) => Promise<number>;
  readonly theirs: (setting: number) => Promise<number>;
  readonly say: (line: string) => void;
}

/**
 * Measures two rates in alternating blocks, after one block of each that does not count, and divides ours by theirs. Each setting's
 * ratio is the median over its rounds, and the worst setting decides.
 */
export async function sideBySide({ settings, rounds, names, ours, theirs, say }: SideBySide): Promise<Ratio> {
  const parts: Record<string, number> = {};
  let worst = Number.POSITIVE_INFINITY;
  for (const setting of settings) {
    await theirs(setting);
    await ours(setting);
    const measured: { ours: number; theirs: number }[] = [];
    for (let index = 1; index <= rounds; index += 1) {
      const one = { theirs: await theirs(setting), ours: await ours(setting) };
      measured.push(one);
      say(
        `  ${setting} at once, round ${index}: ${names.theirs} ${round(one.theirs, 1)}/s, ${names.ours} ${round(one.ours, 1)}/s, ratio ${round(one.ours / one.theirs)}`,
      );
    }
    const median = (of: (one: (typeof measured)[number]) => number) => quantile(measured.map(of), 0.5);
    const ratio = median((one) => one.ours / one.theirs);
    parts[`${names.theirs}_per_s_${setting}`] = round(
      median((one) => one.theirs),
      1,
    );
    parts[`${names.ours}_per_s_${setting}`] = round(
      median((one) => one.ours),
      1,
    );
    parts[`ratio_${setting}`] = round(ratio);
    worst = Math.min(worst, ratio);
  }
  return { value: round(worst), parts };
}
