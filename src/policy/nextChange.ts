import type { Instant } from '../kernel/clock.ts';
import { nextAgreementChange } from './agreements.ts';
import type { Facts } from './request.ts';
import { nextRoleChange } from './roles.ts';

/**
 * The next instant at which time alone changes who may what: a role, an agreement, coverage, a course, an emergency access or a legal hold begins or
 * ends, or an agreement is to be warned of. Null when there is none. Until then every plan and every decision stays as it is, unless somebody does something.
 */
export function nextChange(facts: Facts): Instant | null {
  const { grants, agreements, coverage, training, emergencies = [], holds = [], now, policy } = facts;
  const instants = [
    nextRoleChange(grants, now),
    nextAgreementChange(agreements, coverage, now, policy),
    ...emergencies.map(({ until }) => (until > now ? until : null)),
    ...training.map(({ until }) => (until > now ? until : null)),
    ...holds.map(({ until }) => (until !== null && until > now ? until : null)),
  ].filter((at) => at !== null);
  return instants.length > 0 ? Math.min(...instants) : null;
}
