import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type UserId, userId } from '../../src/kernel/ids.ts';
import type { Policy } from '../../src/policy/policySchema.ts';
import { parsePolicy } from '../../src/policy/readPolicy.ts';
import type { Facts } from '../../src/policy/request.ts';
import type { Grant } from '../../src/policy/roles.ts';

/** The policy of a text; a test's own text is right. */
export function policyOf(text: string): Policy {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value.policy;
}

export const builtInPolicy = policyOf('');

export const OWN = 'marlow.example';
export const BOT = userId(`@wardroom:${OWN}`);
export const VOICE = userId(`@wardroom_kestrel:${OWN}`);
export const NOW = Date.parse('2026-11-27T12:00:00Z');
export const DAY = 86_400_000;

export const local = (name: string): UserId => userId(`@${name}:${OWN}`);

/** Held since a year ago, without an end. */
export const holds = (user: UserId, role: string, until: number | null = null): Grant => ({
  user,
  role,
  from: NOW - 365 * DAY,
  until,
  reviewBy: NOW + 30 * DAY,
  by: BOT,
});

export const agreement = (domain: string, classes: readonly string[], until = '2027-12-31') => ({
  domain,
  contract: `BAA-${domain}`,
  from: '2025-01-01',
  until,
  classes: [...classes],
});

/** A hospital in which nobody holds a role and no partner is on file. */
export const factsOf = (over: Partial<Facts> = {}): Facts => ({
  policy: builtInPolicy,
  now: NOW,
  ownServer: OWN,
  bot: BOT,
  voices: [VOICE],
  grants: [],
  agreements: [],
  coverage: [],
  training: [],
  ...over,
});

interface Samples {
  readonly federation: readonly { domain: string; org: string; baa: string; valid_to: string; classes: string[] }[];
  readonly coverage: readonly {
    agreement: string;
    ours: string;
    theirs: string;
    valid_to: string;
    signed_by: string[];
  }[];
  readonly federation_cases: readonly {
    domain: string;
    class: string;
    date: string;
    expect: 'allow' | 'refuse';
    because?: string;
    warn?: string;
  }[];
}

export const samples = parse(
  readFileSync(join(import.meta.dirname, '../fixtures/data/policy-samples.yaml'), 'utf8'),
) as Samples;

/** The samples' agreements; they do not say since when. */
export const sampleAgreements = samples.federation.map(({ domain, org, baa, valid_to: until, classes }) => ({
  domain,
  organisation: org,
  contract: baa,
  from: '2025-01-01',
  until,
  classes,
}));

export const sampleCoverage = samples.coverage.map(({ valid_to: until, ...rest }) => ({ ...rest, until }));
