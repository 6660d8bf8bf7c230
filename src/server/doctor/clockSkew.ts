import { type Finding, fault, warning, well } from './finding.ts';

const WARN_SKEW_MS = 2_000;
const MAX_SKEW_MS = 30_000;

/** How far another machine's clock is from ours. `said` may be rounded down by `grain`. All in milliseconds. */
export function clockFinding(
  code: string,
  whose: string,
  clock: { readonly asked: number; readonly said: number; readonly answered: number; readonly grain: number },
): Finding {
  const skew = Math.max(0, clock.said - clock.answered, clock.asked - (clock.said + clock.grain));
  const what = `the clocks of Wardroom and ${whose} differ by ${(skew / 1000).toFixed(0)} s`;
  const remedy =
    'let both machines follow the same time servers (NTP): ladders, receipts and signatures go by the clock';
  if (skew > MAX_SKEW_MS) return fault(code, what, remedy);
  if (skew > WARN_SKEW_MS) return warning(code, what, remedy);
  return well(code, `Wardroom and ${whose} have the same time`);
}
