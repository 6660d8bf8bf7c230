import type { Policy } from '../../src/policy/policySchema.ts';
import { parsePolicy } from '../../src/policy/readPolicy.ts';

/** The policy of a text; a test's own text is right. */
export function policyOf(text: string): Policy {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value.policy;
}

export const builtInPolicy = policyOf('');
