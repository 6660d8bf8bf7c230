import type { Oversight } from '../policySchema.ts';
import { dayAt } from '../values.ts';
import type { ActivityFact, Anomaly, AnomalyRule } from './anomaly.ts';
import { breakGlass } from './rules/breakGlass.ts';
import { exportAtNight } from './rules/exportAtNight.ts';
import { identityChange } from './rules/identityChange.ts';
import { messageVolume } from './rules/messageVolume.ts';
import { refusalsOfAll } from './rules/refusalsOfAll.ts';
import { refusalsOfOne } from './rules/refusalsOfOne.ts';
import { unverifiedDevice } from './rules/unverifiedDevice.ts';

/** Every rule there is. The order means nothing. */
export const anomalyRules: readonly AnomalyRule[] = [
  refusalsOfOne,
  refusalsOfAll,
  exportAtNight,
  breakGlass,
  unverifiedDevice,
  identityChange,
  messageVolume,
];

/** How far back rules look from what is new. */
export const ANOMALY_WINDOW_MS = 3_600_000;

/** A draft to open: one of a rule, a person and a day, however often it is found. */
export interface Draft extends Anomaly {
  readonly rule: string;
  readonly title: string;
  readonly regulation: string;
  /** In the policy's time zone. */
  readonly day: string;
  /** Tells it from others. */
  readonly key: string;
}

/**
 * What the rules find in these facts. A rule that throws has found something nobody can name: it is in `failed`, and hides nothing that the
 * others find.
 */
export function findAnomalies(
  facts: readonly ActivityFact[],
  settings: Oversight,
  timeZone: string,
  rules: readonly AnomalyRule[] = anomalyRules,
): { readonly drafts: readonly Draft[]; readonly failed: readonly string[] } {
  const inOrder = [...facts].sort((a, b) => a.at - b.at);
  const drafts = new Map<string, Draft>();
  const failed: string[] = [];
  for (const { name, title, regulation, find } of rules) {
    try {
      for (const anomaly of find(inOrder, settings, timeZone)) {
        const day = dayAt(anomaly.at, timeZone);
        const key = `${name}|${anomaly.person}|${day}`;
        if (!drafts.has(key)) drafts.set(key, { ...anomaly, rule: name, title, regulation, day, key });
      }
    } catch {
      failed.push(name);
    }
  }
  return { drafts: [...drafts.values()], failed };
}

export const anomalyTitle = (rule: string): string => anomalyRules.find(({ name }) => name === rule)?.title ?? rule;

export type { ActivityFact, Anomaly, AnomalyRule } from './anomaly.ts';
